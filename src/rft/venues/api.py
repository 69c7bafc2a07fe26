"""Venues over JSON, for the office."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from rft.database.pool import Connection
from rft.venues.queries import Venue, get_venue, list_venues
from rft.venues.schemas import VenueRequest
from rft.venues.service import change_venue, create_venue
from rft.web.changes import Changes, checked, take_version, version_of
from rft.web.dependencies import ApiAdmin, Db
from rft.web.idempotency import answer_once
from rft.web.paging import Cursor, Limit, page
from rft.web.paths import Id
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/venues", tags=["Office"], responses=PROBLEMS)


def body(venue: Venue) -> dict[str, Any]:
    return asdict(venue) | {"updated_at": version_of(venue.updated_at)}


@router.get("", summary="Where it is taught")
async def index(database: Db, _: ApiAdmin, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    async with database.connection() as db:
        found = await list_venues(db, after=cursor or 0, limit=limit + 1, inactive=True)
    return page(found, limit, lambda venue: venue.id, body)


@router.post("", status_code=201, summary="Adds a venue")
async def create(asked: VenueRequest, request: Request, database: Db, admin: ApiAdmin) -> Response:
    async def work(db: Connection) -> dict[str, Any]:
        return body(await get_venue(db, await create_venue(db, admin.actor, asked)))

    return await answer_once(database, request, f"admin {admin.user_id}", work)


@router.get("/{venue_id}", summary="One venue")
async def show(venue_id: Id, database: Db, _: ApiAdmin) -> dict[str, Any]:
    async with database.connection() as db:
        return body(await get_venue(db, venue_id))


@router.patch("/{venue_id}", summary="Changes a venue")
async def change(venue_id: Id, changes: Changes, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    """With the `updated_at` that the change is made upon, a newer version is not overwritten: 409 `changed_meanwhile`."""
    async with database.transaction() as db:
        seen = take_version(changes)
        before = asdict(await get_venue(db, venue_id))
        await change_venue(db, admin.actor, venue_id, checked(VenueRequest, before, changes), seen=seen)
        return body(await get_venue(db, venue_id))
