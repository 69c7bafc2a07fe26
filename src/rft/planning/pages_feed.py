"""The address by which other calendars read the office's: made, ended, read."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.audit.service import record
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.clock import utc_now
from rft.planning.feeds import end_feed, find_feed, is_feed, list_for_feed, make_feed, write_feed
from rft.web.dependencies import Admin, CurrentSettings, CurrentVisit, Db
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter()
_PAGE = "/office/calendar/feed"


@router.get(_PAGE)
async def show(request: Request, database: Db, admin: Admin) -> Response:
    async with database.connection() as db:
        feed = await find_feed(db, admin.user_id)
    return render(request, "office/calendar/feed.html", feed=feed, link=None)


@router.post(_PAGE)
async def make(request: Request, database: Db, admin: Admin, settings: CurrentSettings) -> Response:
    """Answers with the page itself: the address is seen once, and goes through no redirect."""

    async def work(db: Connection) -> str:
        token = await make_feed(db, admin.user_id)
        await record(db, admin.actor, "calendar.feed_made", "user", admin.user_id)
        return token

    link = f"{settings.base_url}/calendar/{await database.run(work)}.ics"
    async with database.connection() as db:
        feed = await find_feed(db, admin.user_id)
    return render(request, "office/calendar/feed.html", feed=feed, link=link)


@router.post(f"{_PAGE}/end")
async def end(request: Request, database: Db, admin: Admin) -> Response:
    async def work(db: Connection) -> None:
        await end_feed(db, admin.user_id)
        await record(db, admin.actor, "calendar.feed_ended", "user", admin.user_id)

    await database.run(work)
    response = see_other(_PAGE)
    flash(request, response, "success", "The address no longer works.")
    return response


@router.get("/calendar/{token}.ics")
async def read(token: str, database: Db, settings: CurrentSettings, visit: CurrentVisit) -> Response:
    """Raises NotFound alike for a token that never was, was ended, or whose person has left the office."""
    now = utc_now()
    async with database.connection() as db:
        if not await is_feed(db, token):
            raise NotFound
        entries = await list_for_feed(db, now)
    name = f"{visit.company.name}, office"
    text = write_feed(entries, name=name, base_url=settings.base_url, now=now)
    return Response(text, media_type="text/calendar; charset=utf-8", headers={"cache-control": "private, no-store"})
