"""Requests to teach: asked by the office, answered by the instructor signed in, or by the link in the mail without signing in."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.audit.service import Actor
from rft.database.pool import Connection, Database
from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import utc_now
from rft.planning.replacing import list_free_people
from rft.planning.requests import (
    accept,
    ask,
    decline,
    get_request,
    is_answer_token,
    list_for_instructor,
    list_for_schedule,
)
from rft.schedules.office_queries import get_office_schedule
from rft.settings import Settings
from rft.web.dependencies import Admin, CurrentSettings, Db, Teacher, require_role
from rft.web.lists import read_number
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

office = APIRouter(prefix="/office/planning/requests/{schedule_id}", dependencies=[Depends(require_role("admin"))])
router = APIRouter()
_OWN = "/instructor/requests"
Answer = Annotated[str, Form(pattern="^(accept|decline)$")]
Note = Annotated[str, Form(max_length=200)]
Token = Annotated[str, Query(max_length=60)]


@office.get("")
async def choose(schedule_id: Id, request: Request, database: Db) -> Response:
    return await _office_page(request, database, schedule_id)


@office.post("")
async def send(schedule_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    form = await request.form()
    now = utc_now()

    async def work(db: Connection) -> int:
        people = [number for each in form.getlist("people") if (number := read_number(str(each))) is not None]
        note = str(form.get("note", "")).strip()[:500] or None
        return await ask(db, admin.actor, schedule_id, people, note, now)

    try:
        asked = await database.run(work)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _office_page(request, database, schedule_id, refusal)
    response = see_other(f"/office/planning/requests/{schedule_id}")
    people = "1 person is" if asked == 1 else f"{asked} people are"
    flash(request, response, "success", f"{people} asked by e-mail. Whoever accepts first has the date.")
    return response


@router.get(_OWN)
async def index(request: Request, database: Db, caller: Teacher) -> Response:
    return await _own_page(request, database, caller.user_id)


@router.post(f"{_OWN}/{{request_id}}")
async def answer(
    request_id: Id, request: Request, database: Db, caller: Teacher, answer: Answer, note: Note = ""
) -> Response:
    """Raises NotFound for a request that was asked of somebody else."""
    async with database.connection() as db:
        if (await get_request(db, request_id)).instructor_id != caller.user_id:
            raise NotFound
    try:
        await database.run(_work(caller.actor, request_id, answer, note))
    except Refusal as refusal:
        return await _own_page(request, database, caller.user_id, refusal)
    response = see_other(_OWN)
    flash(request, response, "success", _done(answer))
    return response


@router.get("/teaching-requests/{request_id}")
async def show_by_link(
    request_id: Id, request: Request, database: Db, settings: CurrentSettings, token: Token = ""
) -> Response:
    return await _link_page(request, database, settings, request_id, token)


@router.post("/teaching-requests/{request_id}")
async def answer_by_link(
    request_id: Id, request: Request, database: Db, settings: CurrentSettings,
    answer: Answer, token: Token = "", note: Note = "",
) -> Response:  # fmt: skip
    """The link is the person's own, so what it does is theirs in the activity log."""
    if not is_answer_token(settings, request_id, token):
        raise NotFound
    async with database.connection() as db:
        actor = Actor((await get_request(db, request_id)).instructor_id)
    try:
        await database.run(_work(actor, request_id, answer, note))
    except Refusal as refusal:
        return await _link_page(request, database, settings, request_id, token, refusal)
    response = see_other(f"/teaching-requests/{request_id}?token={token}")
    flash(request, response, "success", _done(answer))
    return response


def _work(actor: Actor, request_id: int, answer: str, note: str) -> Callable[[Connection], Awaitable[None]]:
    now = utc_now()

    async def work(db: Connection) -> None:
        if answer == "accept":
            await accept(db, actor, request_id, now)
        else:
            await decline(db, actor, request_id, note.strip() or None, now)

    return work


def _done(answer: str) -> str:
    return (
        "The date is yours. Thank you!" if answer == "accept" else "You have declined. The office asks somebody else."
    )


async def _office_page(
    request: Request, database: Database, schedule_id: int, refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        schedule = await get_office_schedule(db, schedule_id)
        requests = await list_for_schedule(db, schedule_id)
        people = await list_free_people(db, schedule_id)
    waiting = {each.instructor_id for each in requests if each.closed_on(utc_now()) is None}
    return render(
        request,
        "office/planning/requests.html",
        refusal.status if refusal else 200,
        schedule=schedule,
        requests=requests,
        people=[(person.value.partition(":")[2], person.text, person.note) for person in people],
        waiting=[str(user_id) for user_id in waiting],
        refusal=refusal,
        errors=refusal.errors if isinstance(refusal, NotValid) else {},
        now=utc_now(),
    )


async def _own_page(request: Request, database: Database, user_id: int, refusal: Refusal | None = None) -> Response:
    async with database.connection() as db:
        requests = await list_for_instructor(db, user_id)
    now = utc_now()
    return render(
        request,
        "instructor/requests.html",
        refusal.status if refusal else 200,
        open=[each for each in requests if each.closed_on(now) is None],
        closed=[each for each in requests if each.closed_on(now) is not None],
        refusal=refusal,
    )


async def _link_page(
    request: Request,
    database: Database,
    settings: Settings,
    request_id: int,
    token: str,
    refusal: Refusal | None = None,
) -> Response:
    if not is_answer_token(settings, request_id, token):
        raise NotFound
    async with database.connection() as db:
        found = await get_request(db, request_id)
    return render(
        request,
        "instructor/answer.html",
        refusal.status if refusal else 200,
        found=found,
        closed=found.closed_on(utc_now()),
        refusal=refusal,
        token=token,
    )
