"""The address by which an instructor's own calendar reads their days: made, ended, read."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.attendance.feeds import list_for_feed, write_feed
from rft.audit.service import record
from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.planning.feeds import end_feed, find_feed, make_feed
from rft.web.dependencies import CurrentSettings, CurrentVisit, Db, Teacher
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter()
_PAGE = "/instructor/calendar"


@router.get(_PAGE)
async def show(request: Request, database: Db, teacher: Teacher) -> Response:
    async with database.connection() as db:
        feed = await find_feed(db, teacher.user_id)
    return render(request, "instructor/calendar.html", feed=feed, link=None)


@router.post(_PAGE)
async def make(request: Request, database: Db, teacher: Teacher, settings: CurrentSettings) -> Response:
    """Answers with the page itself: the address is seen once, and goes through no redirect."""

    async def work(db: Connection) -> str:
        token = await make_feed(db, teacher.user_id)
        await record(db, teacher.actor, "calendar.feed_made", "user", teacher.user_id)
        return token

    link = f"{settings.base_url}/teaching/{await database.run(work)}.ics"
    async with database.connection() as db:
        feed = await find_feed(db, teacher.user_id)
    return render(request, "instructor/calendar.html", feed=feed, link=link)


@router.post(f"{_PAGE}/end")
async def end(request: Request, database: Db, teacher: Teacher) -> Response:
    async def work(db: Connection) -> None:
        await end_feed(db, teacher.user_id)
        await record(db, teacher.actor, "calendar.feed_ended", "user", teacher.user_id)

    await database.run(work)
    response = see_other(_PAGE)
    flash(request, response, "success", "The address no longer works.")
    return response


@router.get("/teaching/{token}.ics")
async def read(token: str, database: Db, settings: CurrentSettings, visit: CurrentVisit) -> Response:
    now = utc_now()
    async with database.connection() as db:
        sessions = await list_for_feed(db, token, now)
    text = write_feed(sessions, name=f"{visit.company.name}, teaching", base_url=settings.base_url, now=now)
    return Response(text, media_type="text/calendar; charset=utf-8", headers={"cache-control": "private, no-store"})
