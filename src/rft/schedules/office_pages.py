"""The office's pages of dates: the list, one date with its days and who has booked, publishing and cancelling."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import from_london, london_today, utc_now
from rft.kit.pages import Window, page_of
from rft.schedules.office_queries import (
    Listed,
    OfficeSchedule,
    Place,
    View,
    get_office_schedule,
    is_latest_first,
    list_choices,
    list_office_schedules,
    list_places,
)
from rft.schedules.plans import list_shortfalls
from rft.schedules.service import cancel_schedule, publish_schedule
from rft.web.dependencies import Admin, Db, require_role
from rft.web.lists import Choice, address, neighbours, read_number
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/schedules", dependencies=[Depends(require_role("admin"))])

Cursor = Annotated[str, Query(max_length=60)]


_VIEWS: dict[View, str] = {"upcoming": "Upcoming", "past": "Past", "drafts": "Drafts", "cancelled": "Cancelled"}


@router.get("")
async def index(
    request: Request, database: Db, view: View = "upcoming", course: Choice = "", venue: Choice = "",
    before: Cursor = "", after: Cursor = "",
) -> Response:  # fmt: skip
    filters = {"view": view, "course": course, "venue": venue}
    window = Window(_key(after), backwards=True) if after else Window(_key(before))
    today = from_london(london_today(utc_now()), time.min)
    async with database.connection() as db:
        courses, venues = await list_choices(db)
        found = await list_office_schedules(
            db, view, window, today=today, course_id=read_number(course), venue_id=read_number(venue)
        )
    page = page_of(found, window, _cursor)
    path = "/office/schedules"
    return render(
        request,
        "office/schedules/index.html",
        page=page,
        filters=filters,
        courses=courses,
        venues=venues,
        latest_first=is_latest_first(view),
        tabs=[(text, address(path, {**filters, "view": key}), None) for key, text in _VIEWS.items()],
        here=address(path, filters),
        everywhere=address(path, {"view": view}),
        links=neighbours(path, filters, page),
        today=london_today(today),
    )


@router.get("/{schedule_id}")
async def show(schedule_id: Id, request: Request, database: Db) -> Response:
    return await _page(request, database, schedule_id)


@router.post("/{schedule_id}/publish")
async def publish(
    schedule_id: Id, request: Request, database: Db, admin: Admin, reason: Annotated[str | None, Form()] = None
) -> Response:
    """With a reason where the days fall short of the qualification."""
    done = "This date is open for booking."

    async def act(db: Connection) -> None:
        await publish_schedule(db, admin.actor, schedule_id, waiver=reason)

    return await _do(act, done, schedule_id, request, database)


@router.post("/{schedule_id}/cancel")
async def cancel(schedule_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    done = "This date is cancelled; the venue is free again."
    return await _do(lambda db: cancel_schedule(db, admin.actor, schedule_id), done, schedule_id, request, database)


async def _do(
    act: Callable[[Connection], Awaitable[None]], done: str, schedule_id: int, request: Request, database: Database
) -> Response:
    try:
        await database.run(act)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, database, schedule_id, refusal=refusal)
    response = see_other(f"/office/schedules/{schedule_id}")
    flash(request, response, "success", done)
    return response


async def _page(request: Request, database: Database, schedule_id: int, *, refusal: Refusal | None = None) -> Response:
    async with database.connection() as db:
        schedule = await get_office_schedule(db, schedule_id)
        places = await list_places(db, schedule_id)
        shortfalls = await list_shortfalls(db, schedule_id)
    return render(
        request,
        "office/schedules/show.html",
        refusal.status if refusal else 200,
        schedule=schedule,
        places=places,
        shortfalls=shortfalls,
        nameless=sum(place.holder is None for place in places),
        over=schedule.ends_at <= utc_now(),
        cannot_publish=_cannot_publish(schedule, shortfalls),
        cannot_cancel=_cannot_cancel(schedule, places),
        refusal=refusal,
    )


def _cannot_publish(schedule: OfficeSchedule, shortfalls: list[str]) -> str | None:
    if schedule.status == "cancelled":
        return "This date was cancelled; add another one in its place."
    if schedule.status == "draft" and shortfalls:
        return "Its days fall short of the qualification: change them, or give a reason."
    return None if schedule.status == "draft" else "Done already: it is open for booking."


def _cannot_cancel(schedule: OfficeSchedule, places: list[Place]) -> str | None:
    if schedule.status == "cancelled":
        return "Done already."
    if any(place.standing in ("completed", "no_show") for place in places):
        return "This date has been held: what happened stays."
    return None


def _cursor(row: Listed) -> str:
    return f"{row.starts_at.isoformat()}_{row.id}"


def _key(cursor: str) -> tuple[datetime, int] | tuple[()]:
    """Raises NotValid for what is no cursor of ours."""
    if not cursor:
        return ()
    start, _, row_id = cursor.partition("_")
    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        moment = None
    number = read_number(row_id)
    if moment is None or moment.tzinfo is not None or number is None:
        raise NotValid("This page's address is not one of ours.")
    return moment, number
