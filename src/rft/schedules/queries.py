"""Reads schedules: the open dates the public sees, and all of them for the back office."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound

_OPEN_SCHEDULES = statement(__file__, "open_schedules.sql")
_SCHEDULE = statement(__file__, "schedule.sql")
# Lists of statuses as SQL writes them.
OPEN = "'published'"
LIVE = "'published', 'full'"
ALL = "'draft', 'published', 'full', 'cancelled'"
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
    sessions: list[dict[str, str]]

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
    }
    async with db.cursor(row_factory=class_row(Schedule)) as cursor:
        await cursor.execute(_OPEN_SCHEDULES.format(statuses=wanted.statuses), values)
        return await cursor.fetchall()


async def get_schedule(db: Connection, schedule_id: int, *, drafts: bool = False) -> Schedule:
    """Raises NotFound; a draft is found only where `drafts` is set."""
    async with db.cursor(row_factory=class_row(Schedule)) as cursor:
        await cursor.execute(_SCHEDULE, {"id": schedule_id, "drafts": drafts})
        schedule = await cursor.fetchone()
    if schedule is None:
        raise NotFound("There is no such date.", code="schedule_not_found")
    return schedule


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
