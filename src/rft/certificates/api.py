"""Certificates over JSON: the public check, and what becomes of a booking when the course is over, for the office."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter

from rft.bookings.admin_api import office_body
from rft.bookings.queries import get_booking
from rft.certificates.checking import CHECKS, check_number
from rft.certificates.service import complete_booking, issue_certificate, mark_no_show
from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.web.dependencies import ApiAdmin, ClientAddress, CurrentSettings, Db
from rft.web.problems import PROBLEMS
from rft.web.security.limits import spend_unless_local

router = APIRouter(prefix="/admin/bookings", tags=["Office"], responses=PROBLEMS)
public_router = APIRouter(prefix="/certificates", tags=["Certificates"], responses=PROBLEMS)


@public_router.get("/{number}", summary="How a certificate stands: valid, expired, revoked or replaced")
async def check(number: str, database: Db, settings: CurrentSettings, address: ClientAddress) -> dict[str, Any]:
    await spend_unless_local(database, settings, CHECKS, address)
    async with database.connection() as db:
        found = await check_number(db, number, now=utc_now())
    return {
        "number": found.number,
        "state": found.state,
        "holder": found.holder,
        "course": found.course_name,
        "completed_on": found.completed_on.isoformat(),
        "expires_on": found.expires_on.isoformat(),
        "issuer": found.issuer,
        "revoked_on": found.revoked_on.isoformat() if found.revoked_on else None,
        "key": found.key_id,
        "signature": found.signature,
    }


@router.post("/{reference}/complete", summary="The attendee completed the course")
async def complete(reference: str, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    return await _act(database, reference, lambda db: complete_booking(db, admin.actor, reference, now=utc_now()))


@router.post("/{reference}/no-show", summary="The attendee did not come")
async def no_show(reference: str, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    return await _act(database, reference, lambda db: mark_no_show(db, admin.actor, reference, now=utc_now()))


@router.post("/{reference}/certificate", summary="The certificate is issued")
async def certificate(reference: str, database: Db, settings: CurrentSettings, admin: ApiAdmin) -> dict[str, Any]:
    """Signs it, files it and sends it to the attendee; `certificate_number` is its number. Once is enough."""
    number = ""

    async def issue(db: Connection) -> None:
        nonlocal number
        number = await issue_certificate(db, admin.actor, reference, settings=settings, now=utc_now())

    body = await _act(database, reference, issue)
    return body | {"certificate_number": number}


async def _act(database: Db, reference: str, act: Callable[[Connection], Awaitable[object]]) -> dict[str, Any]:
    async def work(db: Connection) -> dict[str, Any]:
        await act(db)
        return office_body(await get_booking(db, reference))

    return await database.run(work)
