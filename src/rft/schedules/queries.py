"""Reads schedules: the open dates the public sees, and all of them for the back office."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.clock import from_london, london_today, to_london

_OPEN_SCHEDULES = statement(__file__, "open_schedules.sql")
_SCHEDULE = statement(__file__, "schedule.sql")
# Lists of statuses as SQL writes them.
OPEN = "'published'"
LIVE = "'published', 'full'"
ALL = "'draft', 'published', 'full', 'cancelled'"
_MONTHS_SHOWN = 18
_NEVER = datetime(9999, 1, 1)  # noqa: DTZ001 (stored times are UTC without zone)


@dataclass(frozen=True, slots=True)
class Schedule:
    """One dated run, with what people need to know of its course and venue. Times are UTC without zone."""

    id: int
    start_datetime: datetime
    end_datetime: datetime
    status: str
    notes: str | None
    seats: int
    seats_left: int
    course_id: int
    course_name: str
    course_type: str
    price: Decimal
    duration_hours: Decimal
    venue_id: int
    venue_name: str
    address_line1: str
    address_line2: str | None
    city: str
    postcode: str
    parking_info: str | None
    facilities: dict[str, Any]
    sessions: list[dict[str, Any]]

    @property
    def days(self) -> list[tuple[datetime, datetime]]:
        """Start and end of each session; of the whole span where none is spelled out."""
        if not self.sessions:
            return [(self.start_datetime, self.end_datetime)]
        return [
            (datetime.fromisoformat(session["starts_at"]), datetime.fromisoformat(session["ends_at"]))
            for session in self.sessions
        ]

    @property
    def visits(self) -> list[tuple[datetime, datetime, str]]:
        """The days, each with where it is held if that is not the schedule's own venue (else an empty text)."""
        elsewhere = [session.get("elsewhere") or "" for session in self.sessions] or [""]
        return [(start, end, place) for (start, end), place in zip(self.days, elsewhere, strict=True)]

    @property
    def number_of_days(self) -> int:
        """Days people have to come."""
        if self.sessions:
            return len({to_london(start).date() for start, _ in self.days})
        return (to_london(self.end_datetime).date() - to_london(self.start_datetime).date()).days + 1

    @property
    def address(self) -> list[str]:
        lines = (self.venue_name, self.address_line1, self.address_line2, f"{self.city} {self.postcode}")
        return [line for line in lines if line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What to look for. `after` is the (start, id) of the last row of the page before."""

    starts_from: datetime
    starts_before: datetime | None = None
    course_id: int | None = None
    course_type: str | None = None
    city: str | None = None
    statuses: str = OPEN
    after: tuple[datetime, int] | None = None
    limit: int = 20
    # Also what the public is not shown: in-house dates, and those of courses that are no longer taught.
    for_office: bool = False


async def list_schedules(db: Connection, wanted: Filter) -> list[Schedule]:
    """In order of start, `limit` at most."""
    course_ids = await _course_ids(db, wanted)
    venue_ids = await _venue_ids(db, wanted)
    if course_ids == [] or venue_ids == []:
        return []
    after_start, after_id = wanted.after or (wanted.starts_from - timedelta(seconds=1), 0)
    values = {
        "starts_from": wanted.starts_from,
        "starts_before": wanted.starts_before or _NEVER,
        "after_start": after_start,
        "after_id": after_id,
        "course_ids": course_ids,
        "venue_ids": venue_ids,
        "limit": wanted.limit,
        "for_office": wanted.for_office,
    }
    async with db.cursor(row_factory=class_row(Schedule)) as cursor:
        await cursor.execute(_OPEN_SCHEDULES.format(statuses=wanted.statuses), values)
        return await cursor.fetchall()


async def get_schedule(db: Connection, schedule_id: int, *, drafts: bool = False) -> Schedule:
    """Raises NotFound; a draft, or an in-house date, is found only where `drafts` is set."""
    async with db.cursor(row_factory=class_row(Schedule)) as cursor:
        await cursor.execute(_SCHEDULE, {"id": schedule_id, "drafts": drafts})
        schedule = await cursor.fetchone()
    if schedule is None:
        raise NotFound("There is no such date.", code="schedule_not_found")
    return schedule


@dataclass(frozen=True, slots=True)
class NextDate:
    """The next date of a course on which there is a free seat."""

    course_id: int
    schedule_id: int
    start_datetime: datetime
    city: str


async def find_next_dates(db: Connection, now: datetime) -> dict[int, NextDate]:
    """Course id → its next open date; a course without one is left out."""
    async with db.cursor(row_factory=class_row(NextDate)) as cursor:
        await cursor.execute(
            """
            select course.id as course_id, upcoming.id as schedule_id, upcoming.start_datetime, upcoming.city
              from courses as course
             cross join lateral (
                   select schedule.id, schedule.start_datetime, venue.city
                     from course_schedules as schedule
                     join venues as venue on venue.id = schedule.venue_id
                    where schedule.course_id = course.id and schedule.status = 'published'
                      and schedule.start_datetime > %s
                      and not exists (select from schedule_plans as plan
                                       where plan.course_schedule_id = schedule.id and plan.in_house_for is not null)
                    order by schedule.start_datetime, schedule.id
                    limit 1) as upcoming
             where course.is_active
            """,
            (now,),
        )
        return {upcoming.course_id: upcoming for upcoming in await cursor.fetchall()}


async def list_months(db: Connection, now: datetime) -> list[date]:
    """The first day of each London month, of the next eighteen, in which a date begins."""
    first = london_today(now).replace(day=1)
    months = [_months_after(first, number) for number in range(_MONTHS_SHOWN + 1)]
    borders = [from_london(month, time.min) for month in months]
    cursor = await db.execute(
        """
        select month.number
          from unnest(%(starts)s::timestamp[], %(ends)s::timestamp[]) with ordinality as month (starts, ends, number)
         where exists (select from course_schedules as schedule
                        where schedule.status in ('published', 'full')
                          and schedule.start_datetime >= greatest(month.starts, %(now)s)
                          and schedule.start_datetime < month.ends
                          and not exists (select from schedule_plans as plan
                                           where plan.course_schedule_id = schedule.id and plan.in_house_for is not null))
         order by month.number
        """,
        {"starts": borders[:-1], "ends": borders[1:], "now": now},
    )
    return [months[row["number"] - 1] for row in await cursor.fetchall()]


def month_span(month: date) -> tuple[datetime, datetime]:
    """The stored times at which a London month and the one after it begin."""
    return from_london(month, time.min), from_london(_months_after(month, 1), time.min)


def _months_after(month: date, number: int) -> date:
    years, index = divmod(month.month - 1 + number, 12)
    return date(month.year + years, index + 1, 1)


async def _course_ids(db: Connection, wanted: Filter) -> list[int] | None:
    """The courses a filter leaves; None for all of them."""
    if wanted.course_type is None:
        return [wanted.course_id] if wanted.course_id is not None else None
    cursor = await db.execute(
        "select id from courses where course_type = %(type)s and (%(id)s::integer is null or id = %(id)s)",
        {"type": wanted.course_type, "id": wanted.course_id},
    )
    return [row["id"] for row in await cursor.fetchall()]


async def _venue_ids(db: Connection, wanted: Filter) -> list[int] | None:
    if wanted.city is None:
        return None
    cursor = await db.execute("select id from venues where lower(city) = lower(%s)", (wanted.city,))
    return [row["id"] for row in await cursor.fetchall()]
