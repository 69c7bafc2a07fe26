"""What the demonstration's office is planning: breaks, a series still in draft, a course on three Wednesdays, one in-house."""

from dataclasses import dataclass
from datetime import date, time, timedelta

import psycopg
from psycopg.rows import DictRow

from rft.kit.clock import from_london

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
_OPENS, _CLOSES, _BREAKS = time(9, 30), time(16, 30), 60
_SERIES_DATES = 6


@dataclass(frozen=True, slots=True)
class _Planned:
    course: str
    venue: str
    days: list[date]
    status: str = "draft"
    minimum: int | None = None
    in_house_for: str | None = None
    series: int | None = None


def monday_of(day: date) -> date:
    return day - _DAY * day.weekday()


def plan_ahead(db: psycopg.Connection[DictRow], *, first: date, author: int) -> None:
    """From the Monday `first` on, which is behind all other dates of the demonstration."""
    db.execute(
        """
        insert into schedule_plans (course_schedule_id, breaks_minutes)
        select id, %s from course_schedules where end_datetime - start_datetime > interval '5 hours'
        """,
        (_BREAKS,),
    )
    db.execute(
        """
        insert into venues (name, address_line1, city, postcode, capacity, is_active)
        values ('Calder Mill, canteen', 'Mill Lane', 'Halifax', 'HX1 5AB', 10, false)
        """
    )
    series = db.execute(
        """
        insert into schedule_series (course_id, pattern, created_by)
        select id, %s, %s from courses where name = 'Emergency First Aid at Work' returning id
        """,
        (f"Every week, {_SERIES_DATES} dates", author),
    ).fetchone()
    assert series is not None, "the price list has this course"
    weekly = [
        _Planned(
            "Emergency First Aid at Work", "Humber Dock Rooms", [first + _WEEK * week], minimum=4, series=series["id"]
        )
        for week in range(_SERIES_DATES)
    ]
    wednesdays = [first + _DAY * 2 + _WEEK * week for week in range(3)]
    others = [
        _Planned("First Aid at Work", "The Training Rooms", wednesdays, status="published", minimum=5),
        _Planned("Emergency First Aid at Work", "Calder Mill, canteen", [first + _DAY], "published", in_house_for="Calder Mill Ltd"),
        # One day where its qualification wants two: the office sees what is missing.
        _Planned("First Aid at Work: requalification", "Kelham Hall Centre", [first + _DAY * 3]),
    ]  # fmt: skip
    for planned in [*weekly, *others]:
        _add(db, planned, author)


def _add(db: psycopg.Connection[DictRow], planned: _Planned, author: int) -> None:
    spans = [(from_london(day, _OPENS), from_london(day, _CLOSES)) for day in planned.days]
    row = db.execute(
        """
        insert into course_schedules (course_id, venue_id, start_datetime, end_datetime, created_by)
        select course.id, venue.id, %s, %s, %s from courses as course, venues as venue
         where course.name = %s and venue.name = %s
        returning id
        """,
        (spans[0][0], spans[-1][1], author, planned.course, planned.venue),
    ).fetchone()
    assert row is not None, "course and venue are there"
    for start, end in spans if len(spans) > 1 else []:
        db.execute(
            "insert into schedule_sessions (course_schedule_id, starts_at, ends_at) values (%s, %s, %s)",
            (row["id"], start, end),
        )
    db.execute(
        """
        insert into schedule_plans (course_schedule_id, breaks_minutes, minimum_seats, decide_by, in_house_for, series_id)
        values (%s, %s, %s, %s, %s, %s)
        """,
        (
            row["id"],
            _BREAKS,
            planned.minimum,
            planned.days[0] - _WEEK * 2 if planned.minimum else None,
            planned.in_house_for,
            planned.series,
        ),
    )
    if planned.status == "published":
        db.execute("update course_schedules set status = 'published' where id = %s", (row["id"],))
