"""A date's evidence for the office: the pack, and the results for the awarding body."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Database
from rft.errors import NotFound, Refusal
from rft.evidence.papers import write_results
from rft.evidence.queries import find_last_file, find_last_pack, find_report
from rft.evidence.service import ask_for_pack, note_sent
from rft.kit.clock import london_today, utc_now
from rft.schedules.office_queries import get_office_schedule
from rft.web.dependencies import Admin, Db, require_role
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/schedules/{schedule_id}/evidence", dependencies=[Depends(require_role("admin"))])


@router.get("")
async def show(schedule_id: Id, request: Request, database: Db) -> Response:
    return await _page(request, database, schedule_id)


@router.post("")
async def ask(schedule_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    try:
        await database.run(lambda db: ask_for_pack(db, admin.actor, schedule_id, now=utc_now()))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, database, schedule_id, refusal=refusal)
    return see_other(f"/office/schedules/{schedule_id}/evidence")


@router.get("/pack.zip")
async def pack(schedule_id: Id, database: Db) -> Response:
    async with database.connection() as db:
        file = await find_last_file(db, schedule_id)
    if file is None:
        raise NotFound("The papers of this date have not been put together yet.")
    return _download(file, "application/zip", f"evidence-{schedule_id}.zip")


@router.get("/results.csv")
async def results(schedule_id: Id, database: Db) -> Response:
    async with database.connection() as db:
        await get_office_schedule(db, schedule_id)
        text = await write_results(db, schedule_id)
    # With a byte order mark, or a spreadsheet takes the letters for another encoding's.
    return _download(text.encode("utf-8-sig"), "text/csv; charset=utf-8", f"results-{schedule_id}.csv")


@router.post("/sent")
async def sent(
    schedule_id: Id, request: Request, database: Db, admin: Admin, reference: Annotated[str, Form()] = ""
) -> Response:
    try:
        await database.run(lambda db: note_sent(db, admin.actor, schedule_id, reference, now=utc_now()))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, database, schedule_id, refusal=refusal, reference=reference)
    response = see_other(f"/office/schedules/{schedule_id}/evidence")
    flash(request, response, "success", "Noted: the results have been sent.")
    return response


def _download(data: bytes, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(data, media_type=media_type, headers=headers)


async def _page(
    request: Request, database: Database, schedule_id: int, *, refusal: Refusal | None = None, reference: str = ""
) -> Response:
    now = utc_now()
    async with database.connection() as db:
        schedule = await get_office_schedule(db, schedule_id)
        last = await find_last_pack(db, schedule_id)
        report = await find_report(db, schedule_id)
        has_file = last is not None and await find_last_file(db, schedule_id) is not None
    return render(
        request,
        "office/evidence/show.html",
        refusal.status if refusal else 200,
        schedule=schedule,
        pack=last,
        has_file=has_file,
        report=report,
        reference=reference,
        over=schedule.ends_at <= now,
        today=london_today(now),
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )
