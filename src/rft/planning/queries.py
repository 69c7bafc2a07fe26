"""Reads what planning needs: what could be chosen, what would be free instead, and the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.bank_holidays import bank_holidays
from rft.kit.clock import london_today
from rft.planning.rules import DAY, shifted
from rft.schedules.schemas import ScheduleRequest

_ALTERNATIVES = statement(__file__, "alternatives.sql")
_CALENDAR = statement(__file__, "calendar.sql")
_DAYS_LOOKED_AT = 90
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Options:
    """What a form offers: (id, text)."""

    courses: list[tuple[int, str]]
    venues: list[tuple[int, str]]
    instructors: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Taught:
    """A course and what its qualification demands of a date; `minimum_days` is None where it is bound to none."""

    id: int
    name: str
    duration_hours: Decimal
    max_capacity: int
    minimum_days: int | None
    qualification: str | None


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The nearest legal choices: other rooms then, other people then, and the same days some days later (days, first day)."""

    venues: list[dict[str, Any]]
    instructors: list[dict[str, Any]]
    later: list[tuple[int, date]]

    def __bool__(self) -> bool:
        return bool(self.venues or self.instructors or self.later)


@dataclass(frozen=True, slots=True)
class Entry:
    """One day of a date, as a calendar shows it."""

    schedule_id: int
    course_name: str
    status: str
    starts_at: datetime
    ends_at: datetime
    number: int
    days: int
    venue_id: int
    venue_name: str
    city: str
    instructor_id: int | None
    instructor_name: str | None
    taken: int
    seats: int
    in_house_for: str | None

    @property
    def day(self) -> date:
        return london_today(self.starts_at)


async def list_options(db: Connection, *, venue_id: int | None = None) -> Options:
    """What is taught, where and by whom today. The venue given is offered even where it is no longer used."""
    courses = await db.execute("select id, name from courses where is_active order by name")
    venues = await db.execute(
        """
        select id, name || ', ' || city || ' (' || capacity || ' places)' as name
          from venues where is_active or id = %s order by city, name limit 500
        """,
        (venue_id,),
    )
    people = await db.execute(
        """
        select id, coalesce(nullif(concat_ws(' ', first_name, last_name), ''), email) as name
          from users where is_active and role in ('instructor', 'admin')
         order by role desc, name limit 500
        """
    )
    return Options(
        *[[(row["id"], row["name"]) for row in await found.fetchall()] for found in (courses, venues, people)]
    )


async def get_taught(db: Connection, course_id: int) -> Taught:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(Taught)) as cursor:
        await cursor.execute(
            """
            select course.id, course.name, course.duration_hours, course.max_capacity, rule.minimum_days, rule.name as qualification
              from courses as course
              left join course_variants as variant on variant.course_id = course.id
              left join qualification_rules as rule on rule.qualification = variant.qualification
             where course.id = %s
            """,
            (course_id,),
        )
        course = await cursor.fetchone()
    if course is None:
        raise NotFound("There is no such course.")
    return course


async def find_alternatives(
    db: Connection, asked: ScheduleRequest, *, seats: int = 1, except_id: int = 0, after: date | None = None
) -> Alternatives:
    """What would be free instead of what is asked, for at least so many seats. Later days fall on working days only, behind `after`."""
    spans = [(hold.start, hold.end) for hold in asked.holds]
    moved = _working_shifts(spans, after or date.min)
    cursor = await db.execute(
        _ALTERNATIVES,
        {
            "starts": [start for start, _ in spans],
            "ends": [end for _, end in spans],
            "shift_days": [days for days, _ in moved],
            "shift_starts": [start for _, (start, _) in moved],
            "shift_ends": [end for _, (_, end) in moved],
            "course_id": asked.course_id,
            "venue_id": asked.venue_id,
            "instructor_id": asked.instructor_id,
            "seats": seats,
            "except_id": except_id,
        },
    )
    row = await cursor.fetchone()
    assert row is not None, "three lists are one row"
    first = london_today(asked.start)
    return Alternatives(row["venues"], row["instructors"], [(days, first + DAY * days) for days in row["shifts"]])


def _working_shifts(
    spans: Sequence[tuple[datetime, datetime]], after: date
) -> list[tuple[int, tuple[datetime, datetime]]]:
    days = [london_today(start) for start, _ in spans]
    closed = bank_holidays(day + DAY * number for day in days for number in range(1, _DAYS_LOOKED_AT + 1))
    weekends = any(day.weekday() >= _SATURDAY for day in days)
    found: list[tuple[int, tuple[datetime, datetime]]] = []
    for number in range(1, _DAYS_LOOKED_AT + 1):
        later = [day + DAY * number for day in days]
        if min(later) <= after or any(day in closed or (day.weekday() >= _SATURDAY and not weekends) for day in later):
            continue
        try:
            found.extend((number, span) for span in shifted(spans, number))
        except ValueError:
            continue
    return found


async def list_entries(
    db: Connection, starts_from: datetime, starts_before: datetime, *, venue_id: int | None, instructor_id: int | None
) -> list[Entry]:
    """Each day of each date that is not cancelled, in order of time."""
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(
            _CALENDAR,
            {"from": starts_from, "before": starts_before, "venue_id": venue_id, "instructor_id": instructor_id},
        )
        return await cursor.fetchall()
