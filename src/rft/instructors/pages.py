"""The instructor's own pages: the hours of the week, leave, and the address of the calendar."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter
from icalendar import Calendar, Event
from starlette.requests import Request
from starlette.responses import Response

from rft.audit.service import record
from rft.database.pool import Connection, Database
from rft.errors import NotFound, Refusal
from rft.instructors.forms import read_form, read_week, typed_form
from rft.instructors.queries import Taught, find_feed, find_feeds_owner, list_absences, list_hours, list_taught
from rft.instructors.rules import WEEKDAYS
from rft.instructors.schemas import AbsenceRequest
from rft.instructors.service import add_absence, end_feed, keep_hours, make_feed
from rft.kit.clock import utc_now
from rft.web.dependencies import Caller, CurrentSettings, CurrentVisit, Db, Teacher
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter()
_PAGE = "/instructor/availability"
_BACK, _FURTHEST = timedelta(days=60), timedelta(days=400)


@router.get(_PAGE)
async def show(request: Request, database: Db, caller: Teacher) -> Response:
    return await _page(request, database, caller)


@router.post(_PAGE)
async def keep(request: Request, database: Db, caller: Teacher) -> Response:
    typed = await typed_form(request)

    async def work(db: Connection) -> None:
        await keep_hours(db, caller.actor, caller.user_id, read_week(typed))

    try:
        await database.run(work)
    except Refusal as refusal:
        return await _page(request, database, caller, typed, refusal)
    return _done(request, "Your week is saved.")


@router.post(f"{_PAGE}/leave")
async def leave(request: Request, database: Db, caller: Teacher) -> Response:
    typed = await typed_form(request)

    async def work(db: Connection) -> None:
        await add_absence(db, caller.actor, caller.user_id, read_form(AbsenceRequest, {**typed, "kind": "leave"}))

    try:
        await database.run(work)
    except Refusal as refusal:
        return await _page(request, database, caller, typed, refusal)
    return _done(request, "Your leave is on record, and the office sees it.")


@router.post(f"{_PAGE}/calendar")
async def make(request: Request, database: Db, caller: Teacher, settings: CurrentSettings) -> Response:
    """Answers with the page itself: the address is seen once, and goes through no redirect."""

    async def work(db: Connection) -> str:
        token = await make_feed(db, caller.user_id)
        await record(db, caller.actor, "calendar.feed_made", "user", caller.user_id)
        return token

    link = f"{settings.base_url}/calendar/mine/{await database.run(work)}.ics"
    return await _page(request, database, caller, link=link)


@router.post(f"{_PAGE}/calendar/end")
async def end(request: Request, database: Db, caller: Teacher) -> Response:
    async def work(db: Connection) -> None:
        await end_feed(db, caller.user_id)
        await record(db, caller.actor, "calendar.feed_ended", "user", caller.user_id)

    await database.run(work)
    return _done(request, "The address no longer works.")


@router.get("/calendar/mine/{token}.ics")
async def read(token: str, database: Db, settings: CurrentSettings, visit: CurrentVisit) -> Response:
    """Raises NotFound alike for a token that never was, was ended, or whose person has left."""
    now = utc_now()
    async with database.connection() as db:
        owner = await find_feeds_owner(db, token)
        if owner is None:
            raise NotFound
        taught = await list_taught(db, owner, now - _BACK, now + _FURTHEST)
    text = write_calendar(taught, name=visit.company.name, href=f"{settings.base_url}/instructor", now=now)
    return Response(text, media_type="text/calendar; charset=utf-8", headers={"cache-control": "private, no-store"})


def write_calendar(taught: list[Taught], *, name: str, href: str, now: datetime) -> bytes:
    """iCalendar text: an entry a day, with the way to its register. Drafts are tentative."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{name}//Instructor//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{name}, my dates")
    for day in taught:
        event = Event()
        event.add("uid", f"teaching-{day.schedule_id}-{day.starts_at:%Y%m%d%H%M}")
        event.add("dtstamp", now.replace(tzinfo=UTC))
        event.add("dtstart", day.starts_at.replace(tzinfo=UTC))
        event.add("dtend", day.ends_at.replace(tzinfo=UTC))
        event.add("summary", day.course_name)
        event.add("location", day.place)
        event.add("url", href)
        event.add("status", "TENTATIVE" if day.status == "draft" else "CONFIRMED")
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


async def _page(
    request: Request, database: Database, caller: Caller, typed: dict[str, str] | None = None,
    refusal: Refusal | None = None, link: str | None = None,
) -> Response:  # fmt: skip
    now = utc_now()
    async with database.connection() as db:
        hours = {each.weekday: each for each in await list_hours(db, caller.user_id)}
        absences = await list_absences(db, caller.user_id, now)
        feed = await find_feed(db, caller.user_id)
    said = {f"opens-{day}": f"{each.opens:%H:%M}" for day, each in hours.items()}
    said |= {f"closes-{day}": f"{each.closes:%H:%M}" for day, each in hours.items()}
    return render(
        request,
        "instructor/availability.html",
        refusal.status if refusal else 200,
        weekdays=list(enumerate(WEEKDAYS, 1)),
        typed=typed if typed is not None else said,
        errors=refusal.errors if refusal else {},
        refusal=refusal,
        absences=absences,
        feed=feed,
        link=link,
    )


def _done(request: Request, words: str) -> Response:
    response = see_other(_PAGE)
    flash(request, response, "success", words)
    return response
