"""Dates over JSON: the public finds open ones, admins publish them (cancelling is a change)."""

from datetime import date, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from rft.courses.schemas import CourseType
from rft.database.pool import Connection
from rft.errors import NotValid
from rft.kit.clock import from_london, to_iso, utc_now
from rft.kit.fields import LARGEST_ID
from rft.schedules.cursors import read_cursor, write_cursor
from rft.schedules.queries import LIVE, OPEN, Filter, Schedule, get_schedule, list_schedules
from rft.schedules.service import publish_schedule
from rft.web.answers import json_answer
from rft.web.dependencies import ApiAdmin, Db
from rft.web.paging import Limit
from rft.web.paths import Id
from rft.web.problems import PROBLEMS

router = APIRouter(tags=["Dates"], responses=PROBLEMS)
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


def body(schedule: Schedule) -> dict[str, Any]:
    return {
        "id": schedule.id,
        "status": schedule.status,
        "start": to_iso(schedule.start_datetime),
        "end": to_iso(schedule.end_datetime),
        "seats": schedule.seats,
        "seats_left": schedule.seats_left,
        "price": str(schedule.price),
        "currency": "GBP",
        "course": {
            "id": schedule.course_id,
            "name": schedule.course_name,
            "course_type": schedule.course_type,
            "duration_hours": str(schedule.duration_hours),
        },
        "venue": {
            "id": schedule.venue_id,
            "name": schedule.venue_name,
            "address": schedule.address[1:],
            "city": schedule.city,
            "postcode": schedule.postcode,
            "parking_info": schedule.parking_info,
        },
        "sessions": [{"start": to_iso(start), "end": to_iso(end)} for start, end in schedule.days],
    }


@router.get("/schedules", summary="Dates to come, in order of start")
async def index(
    database: Db,
    course_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    course_type: CourseType | None = None,
    city: Annotated[str | None, Query(max_length=100)] = None,
    starts_from: Annotated[date | None, Query(alias="from")] = None,
    to: date | None = None,
    available: bool = False,
    limit: Limit = 20,
    cursor: Annotated[str | None, Query(max_length=60)] = None,
) -> Response:
    """`from` and `to` are London days, both included. `available=true` leaves out dates without a free seat."""
    wanted = Filter(
        starts_from=max(utc_now(), _day(starts_from, time.min)) if starts_from else utc_now(),
        starts_before=_day(to, time.max) if to else None,
        course_id=course_id,
        course_type=course_type,
        city=city,
        statuses=OPEN if available else LIVE,
        after=read_cursor(cursor),
        limit=limit + 1,
    )
    async with database.connection() as db:
        found = await list_schedules(db, wanted)
    shown = found[:limit]
    more = write_cursor(shown[-1]) if len(found) > limit else None
    return json_answer({"items": [body(schedule) for schedule in shown], "next": more})


def _day(day: date, wall: time) -> datetime:
    if not _FIRST <= day <= _LAST:
        raise NotValid(
            "Give days between the years 2000 and 2199.", errors={"from": "Give a day between 2000 and 2199."}
        )
    return from_london(day, wall)


@router.get("/schedules/{schedule_id}", summary="One date")
async def show(schedule_id: Id, database: Db) -> dict[str, Any]:
    async with database.connection() as db:
        return body(await get_schedule(db, schedule_id))


@router.post("/admin/schedules/{schedule_id}/publish", summary="Opens a draft for booking", tags=["Office"])
async def publish(
    schedule_id: Id,
    database: Db,
    admin: ApiAdmin,
    reason: Annotated[str | None, Body(embed=True, max_length=500)] = None,
) -> dict[str, Any]:
    """A date that falls short of its qualification opens only with a `reason`, which stays on record."""

    async def work(db: Connection) -> Schedule:
        await publish_schedule(db, admin.actor, schedule_id, waiver=reason)
        return await get_schedule(db, schedule_id, drafts=True)

    return body(await database.run(work))
