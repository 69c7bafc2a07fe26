"""What becomes of a booking when the course is over, for the office: completed, not attended, certificate issued."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.office_pages import booking_page
from rft.certificates.service import complete_booking, issue_certificate, mark_no_show
from rft.database.pool import Connection, Database
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.web.dependencies import Admin, CurrentSettings, Db, require_role
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other

router = APIRouter(prefix="/office/bookings", dependencies=[Depends(require_role("admin"))])


@router.post("/{reference}/complete")
async def complete(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    async def act(db: Connection) -> None:
        await complete_booking(db, admin.actor, reference, now=utc_now())

    return await _do(act, "The booking is completed.", reference, request, database)


@router.post("/{reference}/no-show")
async def no_show(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    async def act(db: Connection) -> None:
        await mark_no_show(db, admin.actor, reference, now=utc_now())

    return await _do(act, "Noted: nobody came for this place.", reference, request, database)


@router.post("/{reference}/certificate")
async def certificate(
    reference: str, request: Request, database: Db, settings: CurrentSettings, admin: Admin
) -> Response:
    async def act(db: Connection) -> None:
        await issue_certificate(db, admin.actor, reference, settings=settings, now=utc_now())

    return await _do(
        act, "The certificate is issued, and goes to the attendee by e-mail.", reference, request, database
    )


async def _do(
    act: Callable[[Connection], Awaitable[None]], done: str, reference: str, request: Request, database: Database
) -> Response:
    try:
        await database.run(act)
    except Refusal as refusal:
        return await booking_page(request, database, reference, refusal=refusal)
    response = see_other(f"/office/bookings/{reference}")
    flash(request, response, "success", done)
    return response
