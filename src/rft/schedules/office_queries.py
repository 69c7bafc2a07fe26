"""Reads dates for the back office: with drafts, cancelled ones, who teaches, and who has booked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.pages import Window

View = Literal["upcoming", "past", "drafts", "cancelled"]

_LIST = statement(__file__, "office_list.sql")
_SCHEDULE = statement(__file__, "office_schedule.sql")
_PLACES = statement(__file__, "office_places.sql")
_KEY = ("schedule.start_datetime", "schedule.id")
# Longer than any course runs: what began before that and is not over would be left out of the upcoming ones.
_LONGEST = timedelta(days=120)
_VIEWS: dict[View, str] = {
    "upcoming": "schedule.status <> 'cancelled' and schedule.end_datetime >= %(today)s and schedule.start_datetime >= %(earliest)s",
    "past": "schedule.status not in ('draft', 'cancelled') and schedule.end_datetime < %(today)s",
    "drafts": "schedule.status = 'draft'",
    "cancelled": "schedule.status = 'cancelled'",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One date in a list. Times are UTC without zone; `sessions` is 0 where no days are spelled out."""

    id: int
    starts_at: datetime
    ends_at: datetime
    status: str
    taken: int
    seats: int
    course_name: str
    venue_name: str
    city: str
    instructor_name: str | None
    minimum_seats: int | None
    in_house_for: str | None
    sessions: int

    @property
    def days(self) -> int:
        return self.sessions or 1

    @property
    def fewest(self) -> int:
        return self.minimum_seats or fewest(self.seats)


@dataclass(frozen=True, slots=True)
class OfficeSchedule:
    id: int
    starts_at: datetime
    ends_at: datetime
    status: str
    notes: str | None
    taken: int
    seats: int
    created_at: datetime
    course_name: str
    price: Decimal
    venue_name: str
    address: str
    instructor_name: str | None
    instructor_phone: str | None
    author_name: str | None
    minimum_seats: int | None
    decide_by: date | None
    in_house_for: str | None
    series_id: int | None
    waiver: str | None
    waived: str | None
    days: list[dict[str, str | None]]

    @property
    def fewest(self) -> int:
        return self.minimum_seats or fewest(self.seats)

    @property
    def sessions(self) -> list[tuple[datetime, datetime, str]]:
        """Start, end and what is special of each day; the whole span where none is spelled out."""
        if not self.days:
            return [(self.starts_at, self.ends_at, "")]
        return [
            (
                datetime.fromisoformat(str(day["starts_at"])),
                datetime.fromisoformat(str(day["ends_at"])),
                ", ".join(special for special in (day["venue"], day["instructor"]) if special),
            )
            for day in self.days
        ]


@dataclass(frozen=True, slots=True)
class Place:
    """A seat that is taken. `holder` is None where the attendee is still to be named."""

    reference: str
    order_reference: str | None
    payment_status: str
    standing: str
    holder: str | None
    booker: str
    organisation_name: str | None
    payment_amount: Decimal
    certificate_issued: bool


def fewest(seats: int) -> int:
    """With fewer people than this a date is looked at: four, or half of its seats."""
    return min(seats, max(4, (seats + 1) // 2))


def is_latest_first(view: View) -> bool:
    return view in ("past", "cancelled")


async def list_office_schedules(
    db: Connection, view: View, window: Window, *, today: datetime, course_id: int | None, venue_id: int | None
) -> list[Listed]:
    """In order of start. `today` is London's midnight."""
    latest_first = is_latest_first(view)
    told = {"schedule.course_id = %(course_id)s": course_id, "schedule.venue_id = %(venue_id)s": venue_id}
    conditions = [
        _VIEWS[view],
        window.condition(_KEY, descending=latest_first),
        *(text for text, value in told.items() if value is not None),
    ]
    values = {"today": today, "earliest": today - _LONGEST, "course_id": course_id, "venue_id": venue_id}
    query = _LIST.format(condition=" and ".join(conditions), order=window.order(_KEY, descending=latest_first))
    async with db.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(query, values | window.values())
        return await cursor.fetchall()


async def list_between(db: Connection, starts_from: datetime, starts_before: datetime) -> list[Listed]:
    """All dates that begin in a short span and are not cancelled, in order of start."""
    condition = "schedule.status <> 'cancelled' and schedule.start_datetime >= %(from)s and schedule.start_datetime < %(before)s"
    query = _LIST.format(condition=condition, order=f"order by {', '.join(_KEY)} limit 200")
    async with db.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(query, {"from": starts_from, "before": starts_before})
        return await cursor.fetchall()


async def list_of_series(db: Connection, series_id: int) -> list[Listed]:
    """The dates of a series, in order of start, also those that were cancelled."""
    query = _LIST.format(condition="plan.series_id = %(series_id)s", order=f"order by {', '.join(_KEY)}")
    async with db.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(query, {"series_id": series_id})
        return await cursor.fetchall()


async def get_office_schedule(db: Connection, schedule_id: int) -> OfficeSchedule:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(OfficeSchedule)) as cursor:
        await cursor.execute(_SCHEDULE, {"id": schedule_id})
        schedule = await cursor.fetchone()
    if schedule is None:
        raise NotFound("There is no such date.", code="schedule_not_found")
    return schedule


async def list_places(db: Connection, schedule_id: int) -> list[Place]:
    """The seats taken, those of one order together."""
    async with db.cursor(row_factory=class_row(Place)) as cursor:
        await cursor.execute(_PLACES, {"id": schedule_id})
        return await cursor.fetchall()


async def list_choices(db: Connection) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Courses and venues as (id, name), for filters."""
    courses = await db.execute("select id, name from courses order by name")
    venues = await db.execute("select id, name || ', ' || city as name from venues order by name limit 500")
    return [(row["id"], row["name"]) for row in await courses.fetchall()], [
        (row["id"], row["name"]) for row in await venues.fetchall()
    ]
