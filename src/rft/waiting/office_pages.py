"""The office's pages of the waiting list: which dates people wait for, and one date's queue in its order, with why."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import utc_now
from rft.schedules.queries import get_schedule
from rft.waiting.pages import chosen_dates, list_others, read_typed, read_waiting
from rft.waiting.queries import Entry, list_entries, list_queues
from rft.waiting.rules import why_waiting
from rft.waiting.service import join, leave
from rft.web.dependencies import Admin, Db, require_role
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office", dependencies=[Depends(require_role("admin"))])
_EMPTY = {"places": "1", "first_name": "", "last_name": "", "email": "", "phone": ""}


@router.get("/waiting")
async def index(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        queues = await list_queues(db, utc_now())
    return render(request, "office/waiting/index.html", queues=queues)


@router.get("/schedules/{schedule_id}/waiting")
async def show(schedule_id: Id, request: Request, database: Db) -> Response:
    return await _page(request, database, schedule_id)


@router.post("/schedules/{schedule_id}/waiting")
async def add(schedule_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    """Somebody on the telephone wants to wait."""
    form = await request.form()
    typed, dates = read_typed(form), chosen_dates(form, schedule_id)
    asked, errors = read_waiting(typed, dates)
    try:
        if asked is None:
            raise NotValid(errors=errors)
        reference = await database.run(lambda db: join(db, asked, now=utc_now(), actor=admin.actor))
        if reference is None:
            sentence = "This person waits for the course already."
            raise NotValid(sentence, errors={"email": sentence})
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, database, schedule_id, refusal=refusal, typed=typed, also=dates)
    response = see_other(f"/office/schedules/{schedule_id}/waiting")
    flash(request, response, "success", f"{asked.person.first_name} {asked.person.last_name} is on the waiting list.")
    return response


@router.post("/schedules/{schedule_id}/waiting/leave")
async def remove(
    schedule_id: Id, request: Request, database: Db, admin: Admin, reference: Annotated[str, Form()] = ""
) -> Response:
    entry = await database.run(lambda db: leave(db, reference, now=utc_now(), actor=admin.actor))
    response = see_other(f"/office/schedules/{schedule_id}/waiting")
    if entry.state == "left":
        flash(request, response, "success", f"{entry.name} no longer waits.")
    else:
        flash(request, response, "warning", f"{entry.name} has been offered places meanwhile; see the order.")
    return response


async def _page(
    request: Request,
    database: Db,
    schedule_id: int,
    *,
    refusal: Refusal | None = None,
    typed: dict[str, str] | None = None,
    also: list[int] | None = None,
) -> Response:
    async with database.connection() as db:
        date = await get_schedule(db, schedule_id, drafts=True)
        entries = await list_entries(db, schedule_id)
        others = await list_others(db, date)
    return render(
        request,
        "office/waiting/show.html",
        refusal.status if refusal else 200,
        schedule=date,
        entries=_with_reasons(entries, date.seats_left),
        others=others,
        typed=typed or _EMPTY,
        also=[str(other) for other in also or []],
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )


def _with_reasons(entries: list[Entry], free: int) -> list[tuple[Entry, str | None]]:
    """Those who still wait each with why, in the order of joining; the others with nothing."""
    place, told = 0, []
    for entry in entries:
        waits = entry.state == "waiting"
        place += waits
        told.append((entry, why_waiting(place, entry.places, free) if waits else None))
    return told
