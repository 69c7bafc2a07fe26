"""The office's certificates: the list, one with its history, correcting and revoking, and those of a whole course."""

import io
import zipfile
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.certificates.batches import ask_for_batch, find_last_batch
from rft.certificates.pages import pdf_answer
from rft.certificates.queries import (
    get_certificate,
    get_file,
    list_certificates,
    list_live_of_schedule,
    list_of_booking,
)
from rft.certificates.rules import read_number
from rft.certificates.service import REASONS, reissue_certificate, revoke_certificate
from rft.database.pool import Connection, Database
from rft.errors import NotFound, Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import page_of
from rft.schedules.office_queries import get_office_schedule
from rft.web.dependencies import Admin, CurrentSettings, Db, require_role
from rft.web.lists import ById, Search, address, neighbours
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office", dependencies=[Depends(require_role("admin"))])
State = Literal["", "valid", "expiring", "expired", "revoked"]
Typed = Annotated[str, Form()]
_TABS: dict[State, str] = {
    "": "All",
    "valid": "Valid",
    "expiring": "Expiring in 90 days",
    "expired": "Expired",
    "revoked": "Revoked",
}


@router.get("/certificates")
async def index(request: Request, database: Db, window: ById, q: Search = "", state: State = "") -> Response:
    today = london_today(utc_now())
    number = read_number(q)
    async with database.connection() as db:
        found = await list_certificates(db, window, search=number or q, state=state, today=today)
    if number and len(found) == 1:
        return see_other(f"/office/certificates/{number}")
    page = page_of(found, window, lambda certificate: certificate.id)
    filters = {"q": q, "state": state}
    return render(
        request,
        "office/certificates/index.html",
        page=page,
        q=q,
        state=state,
        today=today,
        tabs=[(text, address("/office/certificates", {"q": q, "state": value}), None) for value, text in _TABS.items()],
        here=address("/office/certificates", filters),
        links=neighbours("/office/certificates", filters, page),
    )


@router.get("/certificates/{number}")
async def show(number: str, request: Request, database: Db) -> Response:
    return await _page(request, database, number)


@router.get("/certificates/{number}/file")
async def file(number: str, database: Db) -> Response:
    async with database.connection() as db:
        certificate = await get_certificate(db, number)
        return pdf_answer(await get_file(db, certificate.id), number)


@router.post("/certificates/{number}/reissue")
async def reissue(
    number: str,
    request: Request,
    database: Db,
    settings: CurrentSettings,
    admin: Admin,
    holder: Typed = "",
    note: Typed = "",
) -> Response:
    try:
        new = await database.run(
            lambda db: reissue_certificate(
                db, admin.actor, number, holder=holder, note=note, settings=settings, now=utc_now()
            )
        )
    except Refusal as refusal:
        return await _page(request, database, number, refusal=refusal, typed={"holder": holder, "note": note})
    response = see_other(f"/office/certificates/{new}")
    flash(request, response, "success", "The corrected certificate is issued; the old one says that it was replaced.")
    return response


@router.post("/certificates/{number}/revoke")
async def revoke(
    number: str, request: Request, database: Db, admin: Admin, reason: Typed = "", why: Typed = ""
) -> Response:
    try:
        await database.run(lambda db: revoke_certificate(db, admin.actor, number, reason=reason, note=why))
    except Refusal as refusal:
        return await _page(request, database, number, refusal=refusal, typed={"reason": reason, "why": why})
    response = see_other(f"/office/certificates/{number}")
    flash(request, response, "success", "The certificate is revoked: whoever checks it hears so from now on.")
    return response


@router.get("/schedules/{schedule_id}/certificates")
async def of_schedule(schedule_id: Id, request: Request, database: Db) -> Response:
    return await _schedule_page(request, database, schedule_id)


@router.post("/schedules/{schedule_id}/certificates")
async def issue_all(schedule_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    try:
        await database.run(lambda db: ask_for_batch(db, admin.actor, schedule_id))
    except Refusal as refusal:
        return await _schedule_page(request, database, schedule_id, refusal=refusal)
    return see_other(f"/office/schedules/{schedule_id}/certificates")


@router.get("/schedules/{schedule_id}/certificates.zip")
async def files(schedule_id: Id, database: Db) -> Response:
    """One PDF each, named by holder and number."""
    archive = io.BytesIO()
    async with database.connection() as db:
        found = await list_live_of_schedule(db, schedule_id)
        if not found:
            raise NotFound("There are no certificates of this date yet.")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as folder:
            for certificate in found:
                name = "".join(letter if letter.isalnum() else "-" for letter in certificate.holder)
                folder.writestr(f"{name}-{certificate.number}.pdf", await get_file(db, certificate.id))
    headers = {
        "content-disposition": f'attachment; filename="certificates-{schedule_id}.zip"',
        "cache-control": "no-store",
    }
    return Response(archive.getvalue(), media_type="application/zip", headers=headers)


async def _page(
    request: Request,
    database: Database,
    number: str,
    *,
    refusal: Refusal | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    async with database.connection() as db:
        certificate = await get_certificate(db, number)
        history = await list_of_booking(db, certificate.booking_id)
    return render(
        request,
        "office/certificates/show.html",
        refusal.status if refusal else 200,
        certificate=certificate,
        history=history,
        state=certificate.state_on(london_today(utc_now())),
        today=london_today(utc_now()),
        reasons=list(REASONS.items()),
        words=REASONS,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
        typed=typed or {},
    )


async def _schedule_page(
    request: Request, database: Database, schedule_id: int, *, refusal: Refusal | None = None
) -> Response:
    async def read(db: Connection) -> dict[str, object]:
        return {
            "schedule": await get_office_schedule(db, schedule_id),
            "certificates": await list_live_of_schedule(db, schedule_id),
            "batch": await find_last_batch(db, schedule_id),
        }

    async with database.connection() as db:
        facts = await read(db)
    return render(
        request,
        "office/certificates/course.html",
        refusal.status if refusal else 200,
        today=london_today(utc_now()),
        refusal=refusal,
        **facts,
    )
