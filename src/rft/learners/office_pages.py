"""What an attendee told us, for the office: the details, a copy of an earlier certificate, and their link."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import NotFound
from rft.learners.queries import find_file, get_place
from rft.learners.service import end_link, renew_link
from rft.web.dependencies import Admin, Db, require_role
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/bookings", dependencies=[Depends(require_role("admin"))])


@router.get("/{reference}/details")
async def show(reference: str, request: Request, database: Db) -> Response:
    async with database.connection() as db:
        place = await get_place(db, reference)
    return render(request, "office/learners/show.html", place=place)


@router.get("/{reference}/earlier-certificate")
async def earlier_certificate(reference: str, database: Db) -> Response:
    """As a download: what a stranger sent in is never shown as a page of ours."""
    async with database.connection() as db:
        found = await find_file(db, reference)
    if found is None:
        raise NotFound
    content, media_type = found
    name = f"{reference}.{'pdf' if media_type == 'application/pdf' else 'jpg'}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(content, media_type=media_type, headers=headers)


@router.post("/{reference}/details/send")
async def send(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    place = await database.run(lambda db: renew_link(db, admin.actor, reference))
    return _said(request, reference, f"A new link goes to {place.recipient}. The one before opens nothing any more.")


@router.post("/{reference}/details/end")
async def end(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    await database.run(lambda db: end_link(db, admin.actor, reference))
    return _said(request, reference, "The link has ended.")


def _said(request: Request, reference: str, text: str) -> Response:
    response = see_other(f"/office/bookings/{reference}/details")
    flash(request, response, "success", text)
    return response
