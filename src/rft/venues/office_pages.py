"""The office's pages of venues: the list, one venue with its dates and closures, adding, changing with the effect shown first."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.errors import ChangedMeanwhile, NotFound, NotValid, Refusal
from rft.kit.clock import day_in_words, london_today, utc_now
from rft.venues.forms import EMPTY, LABELS, WEIGHTY, as_typed, changes_to, read_venue
from rft.venues.queries import Venue, get_venue, list_affected, list_closures, list_venues
from rft.venues.rules import ASKED, facilities_in_words
from rft.venues.schemas import ClosureRequest
from rft.venues.service import change_venue, close_venue, create_venue, open_venue
from rft.web.dependencies import Admin, Caller, Db, require_role
from rft.web.editing import Edit, Labels, carried, compare_page, read_as, read_edit, text_or_nothing
from rft.web.idempotency import form_once, sent_before
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/venues", dependencies=[Depends(require_role("admin"))])
PATH = "/office/venues"


@router.get("")
async def index(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        venues = await list_venues(db, inactive=True, limit=1000)
    venues.sort(key=lambda venue: (not venue.is_active, venue.name))
    return render(request, "office/venues/index.html", venues=venues)


@router.get("/new")
async def new(request: Request) -> Response:
    return _form(request, EMPTY)


@router.post("/new")
async def create(request: Request, database: Db, admin: Admin) -> Response:
    edit, sent = await read_edit(request, LABELS)
    caller, key = f"venue {admin.user_id}", sent.get("form_key", "")

    async def work(db: Connection) -> int | None:
        return await form_once(db, caller, key, edit.typed, lambda db: create_venue(db, admin.actor, asked))

    try:
        asked = read_venue(edit.typed)
        venue_id = await database.run(work)
    except Refusal as refusal:
        return _form(request, edit.typed, refusal=refusal)
    if venue_id is None:
        return sent_before(request, PATH)
    response = see_other(f"{PATH}/{venue_id}")
    flash(request, response, "success", f"{asked.name} can be chosen for dates.")
    return response


@router.get("/{venue_id}")
async def show(venue_id: Id, request: Request, database: Db) -> Response:
    return await _page(request, database, venue_id)


@router.post("/{venue_id}/closures")
async def close(venue_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    edit, _ = await read_edit(request, ("first_day", "last_day", "reason"))
    try:
        asked = read_as(ClosureRequest, {name: text_or_nothing(text) for name, text in edit.typed.items()})
        await database.run(lambda db: close_venue(db, admin.actor, venue_id, asked))
    except Refusal as refusal:
        return await _page(request, database, venue_id, typed=edit.typed, refusal=refusal)
    response = see_other(f"{PATH}/{venue_id}")
    flash(request, response, "success", "The venue is closed then: no date can be put there.")
    return response


@router.post("/{venue_id}/closures/{closure_id}/end")
async def end_closure(venue_id: Id, closure_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    await database.run(lambda db: open_venue(db, admin.actor, venue_id, closure_id))
    response = see_other(f"{PATH}/{venue_id}")
    flash(request, response, "success", "The closure is taken back.")
    return response


@router.get("/{venue_id}/edit")
async def edit_form(venue_id: Id, request: Request, database: Db) -> Response:
    venue = await _venue(database, venue_id)
    return _form(request, as_typed(venue), venue=venue)


@router.post("/{venue_id}/edit")
async def change(venue_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    edit, sent = await read_edit(request, LABELS)
    return await _change(request, database, admin, venue_id, edit, is_confirmed=bool(sent.get("confirmed")))


async def _change(
    request: Request, database: Database, admin: Caller, venue_id: int, edit: Edit, *, is_confirmed: bool
) -> Response:
    venue = await _venue(database, venue_id)
    differences = edit.upon(as_typed(venue), venue.updated_at)
    if differences:
        labels = Labels(f"Change {venue.name}", f"{PATH}/{venue_id}/edit", (f"{PATH}/{venue_id}", venue.name), LABELS)
        return compare_page(request, labels, edit, differences, as_typed(venue), venue.updated_at)
    try:
        changes = changes_to(venue, read_venue(edit.typed), edit.typed)
        if changes.keys() & WEIGHTY:
            asks = await _weigh(request, database, venue, edit, changes, is_confirmed=is_confirmed)
            if asks is not None:
                return asks
        await _save(database, admin, venue, changes)
    except NotFound:
        raise
    except ChangedMeanwhile:
        # Another save came in between: this one is weighed against it.
        return await _change(request, database, admin, venue_id, edit, is_confirmed=is_confirmed)
    except Refusal as refusal:
        return _form(request, edit.typed, venue=venue, refusal=refusal)
    response = see_other(f"{PATH}/{venue_id}")
    flash(request, response, "success", "Saved." if changes else "Nothing was changed.")
    return response


@router.post("/{venue_id}/deactivate")
async def deactivate(venue_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    return await _switch(request, database, admin, venue_id, is_active=False)


@router.post("/{venue_id}/reactivate")
async def reactivate(venue_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    return await _switch(request, database, admin, venue_id, is_active=True)


async def _switch(request: Request, database: Database, admin: Caller, venue_id: int, *, is_active: bool) -> Response:
    venue = await _venue(database, venue_id)
    await _save(database, admin, venue, {"is_active": is_active})
    response = see_other(f"{PATH}/{venue_id}")
    if is_active:
        flash(request, response, "success", f"{venue.name} can be chosen again.")
    else:
        words = f"{venue.name} is out of use. The dates that are there stay."
        flash(request, response, "success", words, undo=f"{PATH}/{venue_id}/reactivate")
    return response


async def _save(database: Database, admin: Caller, venue: Venue, changes: dict[str, Any]) -> None:
    """Upon the version that was read here. Raises ChangedMeanwhile where another save came in between."""
    if changes:
        await database.run(lambda db: change_venue(db, admin.actor, venue.id, changes, seen=venue.updated_at))


async def _weigh(
    request: Request, database: Database, venue: Venue, edit: Edit, changes: Mapping[str, Any], *, is_confirmed: bool
) -> Response | None:
    """The page that shows what a change does to the dates; None once that has been seen. Raises NotValid for too few places."""
    async with database.connection() as db:
        dates = await list_affected(db, venue.id, utc_now(), capacity=changes.get("capacity"))
    crowded = [date for date in dates if date.is_crowded]
    if crowded and "capacity" in changes:
        named = ", ".join(f"{day_in_words(london_today(date.starts_at))} ({date.taken})" for date in crowded[:5])
        raise NotValid(
            errors={"capacity": f"More places are taken already on {named}."}, code="capacity_covers_seats_taken"
        )
    if is_confirmed or not dates:
        return None
    return render(
        request,
        "office/venues/effect.html",
        venue=venue,
        changes=changes,
        dates=dates,
        typed=edit.typed,
        carried=carried(as_typed(venue), venue.updated_at),
    )


async def _venue(database: Database, venue_id: int) -> Venue:
    async with database.connection() as db:
        return await get_venue(db, venue_id)


def _form(
    request: Request, typed: Mapping[str, str], *, venue: Venue | None = None, refusal: Refusal | None = None
) -> Response:
    return render(
        request,
        "office/venues/edit.html",
        refusal.status if refusal else 200,
        typed=dict(typed),
        venue=venue,
        carried=carried(as_typed(venue), venue.updated_at) if venue else {},
        labels=LABELS,
        asked=ASKED,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )


async def _page(
    request: Request,
    database: Database,
    venue_id: int,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    now = utc_now()
    async with database.connection() as db:
        venue = await get_venue(db, venue_id)
        dates = await list_affected(db, venue_id, now)
        closures = await list_closures(db, venue_id, now)
    return render(
        request,
        "office/venues/show.html",
        refusal.status if refusal else 200,
        venue=venue,
        dates=dates,
        closures=closures,
        facilities=facilities_in_words(venue.facilities),
        typed=typed or {},
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )
