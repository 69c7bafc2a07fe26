"""What becomes of a booking when the course is over, for the office: completed, not attended, certificate issued."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.audit.service import Actor
from rft.bookings.office_pages import booking_page
from rft.certificates.service import complete_booking, issue_certificate, mark_no_show
from rft.database.pool import Connection, Database
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.web.dependencies import Admin, Db, require_role
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other

router = APIRouter(prefix="/office/bookings", dependencies=[Depends(require_role("admin"))])


class _Act(Protocol):
    def __call__(self, db: Connection, actor: Actor, reference: str, *, now: datetime) -> Awaitable[None]: ...


@router.post("/{reference}/complete")
async def complete(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    return await _do(complete_booking, "The booking is completed.", reference, request, database, admin.actor)


@router.post("/{reference}/no-show")
async def no_show(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    return await _do(mark_no_show, "Noted: nobody came for this place.", reference, request, database, admin.actor)


@router.post("/{reference}/certificate")
async def certificate(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    return await _do(issue_certificate, "The certificate is issued.", reference, request, database, admin.actor)


async def _do(act: _Act, done: str, reference: str, request: Request, database: Database, actor: Actor) -> Response:
    try:
        await database.run(lambda db: act(db, actor, reference, now=utc_now()))
    except Refusal as refusal:
        return await booking_page(request, database, reference, refusal=refusal)
    response = see_other(f"/office/bookings/{reference}")
    flash(request, response, "success", done)
    return response
