"""The register of one day, on the instructor's phone: with scripts it works without a signal, without them by plain forms."""

import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.attendance.forms import heads_of, mark_that_keeps, marks_from, read_batch
from rft.attendance.make_ups import make_up_day
from rft.attendance.queries import Person, Session, find_last_closure, get_session, read_register
from rft.attendance.rules import ATTENDANCE, IDENTITY, RESULTS, mark_in_words
from rft.attendance.schemas import MarkRequest
from rft.attendance.service import keep_marks, open_access_needs, require_teaches
from rft.attendance.views import register_body
from rft.attendance.walk_ins import WalkIn, add_walk_in
from rft.database.pool import Connection, Database
from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import utc_now
from rft.web.answers import json_answer
from rft.web.assets import file_response
from rft.web.dependencies import Caller, CurrentSettings, Db, Teacher
from rft.web.forms import form_errors
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/instructor/register")
Typed = Annotated[str, Form()]


@router.get("/worker.js")
async def worker(request: Request) -> Response:
    """Served from here because a service worker looks after the addresses below its own, and after no others."""
    return file_response(request, "js/register/worker.js", keep="no-cache")


@router.get("/{key}")
async def show(key: str, request: Request, database: Db, teacher: Teacher) -> Response:
    return await _page(request, database, teacher, key)


@router.post("/{key}/sync")
async def sync(key: str, database: Db, teacher: Teacher, marks: Typed = "[]") -> Response:
    """Takes a batch of marks as JSON in a form's field (so that it carries the form's token), and answers the register as it is."""
    read, unread = read_batch(marks)

    async def work(db: Connection) -> Response:
        session = await _own_session(db, teacher, key)
        refused = await keep_marks(db, teacher.actor, session, read, now=utc_now()) if read else {}
        body = register_body(await read_register(db, session.schedule_id), session)
        return json_answer({**body, "refused": {**unread, **refused}})

    return await database.run(work)


@router.post("/{key}/person/{reference}")
async def mark(key: str, reference: str, request: Request, database: Db, teacher: Teacher) -> Response:
    form = await request.form()

    async def work(db: Connection) -> Person:
        now = utc_now()
        session = await _own_session(db, teacher, key)
        register = await read_register(db, session.schedule_id)
        person = next((person for person in register.people if person.reference == reference), None)
        if person is None:
            raise NotFound("There is no such person on this register.")
        marks: Sequence[MarkRequest | None]
        if chosen := str(form.get("keep", "")):
            marks = [mark_that_keeps(chosen, register, person, now=now)]
        else:
            marks = marks_from(form, register, person, session.session_id, now=now)
        refused = await keep_marks(db, teacher.actor, session, [one for one in marks if one], now=now)
        if refused:
            raise NotValid(next(iter(refused.values())))
        return person

    try:
        person = await database.run(work)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, database, teacher, key, refusal=refusal)
    response = see_other(f"/instructor/register/{key}#{reference}")
    flash(request, response, "success", f"Saved for {person.called}.")
    return response


@router.post("/{key}/needs/{reference}")
async def needs(key: str, reference: str, request: Request, database: Db, teacher: Teacher) -> Response:
    """A post, because the reading is written down."""

    async def work(db: Connection) -> tuple[Session, str, str]:
        session = await _own_session(db, teacher, key)
        return session, *await open_access_needs(db, teacher.actor, session.schedule_id, reference)

    session, name, text = await database.run(work)
    return render(request, "instructor/register/needs.html", session=session, name=name, needs=text)


@router.post("/{key}/walk-in")
async def walk_in(
    key: str,
    request: Request,
    database: Db,
    settings: CurrentSettings,
    teacher: Teacher,
    first_name: Typed = "",
    last_name: Typed = "",
    email: Typed = "",
) -> Response:
    typed = {"first_name": first_name, "last_name": last_name, "email": email}
    try:
        asked = WalkIn.model_validate(typed)

        async def work(db: Connection) -> str:
            session = await _own_session(db, teacher, key)
            return await add_walk_in(db, teacher.actor, session, asked, now=utc_now())

        reference = await database.run(work)
    except ValidationError as wrong:
        refused: Refusal = NotValid(errors=form_errors(wrong))
        return await _page(request, database, teacher, key, refusal=refused, typed=typed)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, database, teacher, key, refusal=refusal, typed=typed)
    response = see_other(f"/instructor/register/{key}#{reference}")
    flash(request, response, "success", f"{asked.first_name} {asked.last_name} is on the register; payment is waiting.")
    return response


@router.post("/{key}/make-up")
async def make_up(key: str, request: Request, database: Db, teacher: Teacher, missed: Typed = "") -> Response:
    async def work(db: Connection) -> str:
        session = await _own_session(db, teacher, key)
        return await make_up_day(db, teacher.actor, session, missed)

    try:
        reference = await database.run(work)
    except NotFound as refusal:
        if refusal.code != "booking_not_found":
            raise
        unknown = NotValid(errors={"missed": refusal.detail})
        return await _page(request, database, teacher, key, refusal=unknown, missed=missed)
    except Refusal as refusal:
        return await _page(request, database, teacher, key, refusal=refusal, missed=missed)
    response = see_other(f"/instructor/register/{key}#{reference}")
    flash(request, response, "success", "They have a place on this day, in the place of the one they missed.")
    return response


async def _own_session(db: Connection, teacher: Caller, key: str) -> Session:
    session = await get_session(db, key)
    require_teaches([session], teacher.user_id, teacher.role)
    return session


async def _page(
    request: Request,
    database: Database,
    teacher: Caller,
    key: str,
    *,
    refusal: Refusal | None = None,
    typed: dict[str, str] | None = None,
    missed: str = "",
) -> Response:
    async with database.connection() as db:
        session = await _own_session(db, teacher, key)
        register = await read_register(db, session.schedule_id)
        closure = await find_last_closure(db, session.schedule_id)
    return render(
        request,
        "instructor/register/show.html",
        refusal.status if refusal else 200,
        session=session,
        register=register,
        closure=closure,
        state=json.dumps({**register_body(register, session), "drawn_at": utc_now().isoformat()}),
        user_id=teacher.user_id,
        heads=lambda person: heads_of(register, person, session.session_id),
        words=mark_in_words,
        attendance=ATTENDANCE,
        identity=IDENTITY,
        results=RESULTS,
        refusal=refusal,
        missed=missed,
        typed=typed or {"first_name": "", "last_name": "", "email": ""},
    )
