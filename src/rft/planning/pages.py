"""The office adds a date, changes it, moves it: the form, what is in the way, and what would be free instead."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.errors import NotFound, NotValid, Refusal
from rft.instructors.errors import InstructorAway, InstructorNotQualified
from rft.kit.clock import london_today, utc_now
from rft.planning.forms import DateForm
from rft.planning.queries import Alternatives, Taught, find_alternatives, get_taught, list_options
from rft.planning.rules import usual_days
from rft.planning.words import Difference, differences
from rft.schedules.errors import InstructorTaken, ScheduleChangedMeanwhile, VenueTaken
from rft.schedules.plans import Planned, get_planned
from rft.schedules.service import change_schedule, create_schedule
from rft.venues.service import create_venue
from rft.web.dependencies import Admin, Caller, Db, require_role
from rft.web.idempotency import form_once, sent_before
from rft.web.lists import Choice, read_number
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/schedules", dependencies=[Depends(require_role("admin"))])
_NOTICE = timedelta(weeks=6)
_WEEK = 7
# What another choice of place, person or day may mend.
_IN_THE_WAY = (VenueTaken, InstructorTaken, InstructorAway, InstructorNotQualified)


@dataclass(slots=True)
class Said:
    """What a page says besides the form: what is wrong, what is in the way, what others changed meanwhile."""

    refusal: Refusal | None = None
    alternatives: Alternatives | None = None
    meanwhile: list[Difference] | None = None

    @property
    def errors(self) -> dict[str, str]:
        return self.refusal.errors if self.refusal else {}

    @property
    def status(self) -> int:
        return self.refusal.status if self.refusal else 200


@router.get("/new")
async def new(request: Request, database: Db, course: Choice = "", on: Choice = "", like: Choice = "") -> Response:
    """A course's usual days; or, `like` a date, the same a week later."""
    async with database.connection() as db:
        if (number := read_number(like)) is not None:
            form = DateForm.of((await get_planned(db, number)).asked)
            form.later(_WEEK)
        elif (course_id := read_number(course)) is not None:
            taught = await get_taught(db, course_id)
            form = DateForm.prefilled(course_id, usual_days(taught.duration_hours, taught.minimum_days), first_day(on))
        else:
            form = DateForm()
    return await _page(request, database, form, Said())


@router.post("/new")
async def create(request: Request, database: Db, admin: Admin) -> Response:
    form, wants = await _sent(request)
    if wants is not None:
        return await _page(request, database, form, Said())

    async def add(db: Connection) -> int:
        return await create_schedule(db, admin.actor, form.read(venue_id=await _place(db, admin, form)))

    async def work(db: Connection) -> int | None:
        return await form_once(db, f"schedule {admin.user_id}", form.key, form.said, add)

    try:
        schedule_id = await database.run(work)
    except Refusal as refusal:
        return await _page(request, database, form, await _said(database, form, refusal))
    if schedule_id is None:
        return sent_before(request, "/office/schedules")
    response = see_other(f"/office/schedules/{schedule_id}")
    flash(request, response, "success", "Added as a draft: look it over, then publish it.")
    return response


@router.get("/{schedule_id}/edit")
async def edit(schedule_id: Id, request: Request, database: Db) -> Response:
    async with database.connection() as db:
        planned = await get_planned(db, schedule_id)
    return await _page(request, database, DateForm.of(planned.asked, planned.updated_at), Said(), schedule_id, planned)


@router.post("/{schedule_id}/edit")
async def change(schedule_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    form, wants = await _sent(request)
    async with database.connection() as db:
        planned = await get_planned(db, schedule_id)
    if wants is not None:
        return await _page(request, database, form, Said(), schedule_id, planned)

    async def work(db: Connection) -> bool:
        asked = form.read(venue_id=await _place(db, admin, form))
        return await change_schedule(db, admin.actor, schedule_id, asked, seen=_read_seen(form.seen))

    try:
        moved = await database.run(work)
    except NotFound:
        raise
    except Refusal as refusal:
        said = await _said(database, form, refusal, schedule_id, planned)
        return await _page(request, database, form, said, schedule_id, planned)
    response = see_other(f"/office/schedules/{schedule_id}")
    told = " Everybody booked is being told by e-mail." if moved and planned.taken else ""
    flash(request, response, "success", f"Saved.{told}")
    return response


async def _sent(request: Request) -> tuple[DateForm, str | None]:
    """The form, with an alternative that was pressed taken; and `more` or `fewer` where it only wants other rows."""
    sent = await request.form()
    form = DateForm.sent(sent)
    wants = sent.get("rows")
    if wants == "more":
        form.add_day()
    elif wants == "fewer":
        form.days = form.days[:-1] or form.days
    form.choose(str(sent.get("choice", "")))
    return form, str(wants) if wants in ("more", "fewer") else None


async def _place(db: Connection, admin: Caller, form: DateForm) -> int | None:
    """Adds the client's own site where one was typed."""
    place = form.place
    return None if place is None else await create_venue(db, admin.actor, place)


async def _said(
    database: Database, form: DateForm, refusal: Refusal, schedule_id: int = 0, planned: Planned | None = None
) -> Said:
    """What helps on: the nearest legal choices, or what somebody else changed."""
    said = Said(refusal)
    async with database.connection() as db:
        if isinstance(refusal, _IN_THE_WAY) and not form.place:
            seats = planned.taken if planned is not None else 1
            said.alternatives = await find_alternatives(db, form.read(), seats=max(seats, 1), except_id=schedule_id)
        if isinstance(refusal, ScheduleChangedMeanwhile):
            theirs = await get_planned(db, schedule_id)
            said.meanwhile = await differences(db, form, DateForm.of(theirs.asked))
            form.seen = theirs.updated_at.isoformat()
    return said


async def _page(
    request: Request, database: Database, form: DateForm, said: Said, schedule_id: int | None = None, planned: Planned | None = None
) -> Response:  # fmt: skip
    course_id, venue_id = (_row_id(form.typed[name]) for name in ("course_id", "venue_id"))
    async with database.connection() as db:
        options = await list_options(db, venue_id=venue_id)
        taught: Taught | None = await get_taught(db, course_id) if course_id else None
    return render(
        request,
        "office/schedules/form.html",
        said.status,
        form=form,
        said=said,
        errors=said.errors,
        options=options,
        taught=taught,
        schedule_id=schedule_id,
        planned=planned,
    )


def _row_id(text: str) -> int | None:
    try:
        return read_number(text)
    except NotValid:
        return None


def first_day(text: str) -> date:
    """The day a calendar's cell asked for; else the first working Monday with enough notice."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        soonest = london_today(utc_now()) + _NOTICE
        return soonest + timedelta(days=-soonest.weekday() % _WEEK)


def _read_seen(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
