"""A date that opens has what its qualification demands, for every SQL client, or a reason on record."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.builders import FIRST_MONDAY, Db, Row, a_booking, a_course, a_schedule, a_venue, insert, update

RULE = "course_schedules_meet_qualification"
DAY = timedelta(days=1)


def a_bound_course(db: Db, qualification: str, **columns: Any) -> Row:
    course = a_course(db, **columns)
    db.execute("insert into course_variants values (%s, %s)", (course["id"], qualification))
    return course


def a_draft(db: Db, course: Row, *, days: int, hours: float, breaks: int = 0, **columns: Any) -> Row:
    """A draft of so many days of so many hours, spelled out."""
    end = FIRST_MONDAY + DAY * (days - 1) + timedelta(hours=hours)
    schedule = a_schedule(
        db, course=course, status="cancelled", start_datetime=FIRST_MONDAY, end_datetime=end, **columns
    )
    for number in range(days):
        starts = FIRST_MONDAY + DAY * number
        insert(
            db,
            "schedule_sessions",
            course_schedule_id=schedule["id"],
            starts_at=starts,
            ends_at=starts + timedelta(hours=hours),
        )
    db.execute(
        "insert into schedule_plans (course_schedule_id, breaks_minutes) values (%s, %s)", (schedule["id"], breaks)
    )
    return update(db, "course_schedules", schedule, status="draft")


def refused(db: Db, schedule: Row) -> str:
    """What opening the date is refused with; empty where it opens."""
    try:
        update(db, "course_schedules", schedule, status="published")
    except psycopg.errors.CheckViolation as refusal:
        return f"{refusal.diag.constraint_name}: {refusal.diag.message_primary}"
    return ""


@pytest.mark.parametrize(
    ("qualification", "days", "hours", "breaks", "sentence"),
    [
        ("faw", 3, 7, 60, ""),
        ("faw", 3, 7, 61, "needs 18 contact hours without breaks; these days have 17.95."),
        ("faw", 2, 9, 0, "takes at least 3 days; this date has 2."),
        ("efaw", 1, 6, 0, ""),
        ("efaw", 1, 6, 15, "needs 6 contact hours"),
        ("paediatric", 2, 6, 0, ""),
        ("paediatric", 1, 12, 0, "takes at least 2 days"),
        ("efaw", 4, 1.5, 0, "Each session lasts at least 120 minutes; the shortest here has 90."),
    ],
)
def test_hours_days_and_sessions_are_counted(
    db: Db, qualification: str, days: int, hours: float, breaks: int, sentence: str
) -> None:
    answer = refused(db, a_draft(db, a_bound_course(db, qualification), days=days, hours=hours, breaks=breaks))
    assert (sentence in answer and answer.startswith(RULE)) if sentence else answer == ""


def test_one_trainer_has_twelve_learners(db: Db) -> None:
    course = a_bound_course(db, "efaw", max_capacity=16)
    assert "at most 12 learners; this date has 16 places." in refused(
        db, a_draft(db, course, days=1, hours=6, seats=16)
    )
    assert refused(db, a_draft(db, course, days=1, hours=6, venue=a_venue(db, capacity=12))) == ""


def test_a_reason_on_record_lets_it_open(db: Db) -> None:
    schedule = a_draft(db, a_bound_course(db, "faw"), days=1, hours=6)
    assert refused(db, schedule)
    insert(db, "schedule_waivers", course_schedule_id=schedule["id"], missing="Two days", reason="Held last month")
    assert refused(db, schedule) == ""
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute("update schedule_waivers set reason = 'Another'")


def test_an_open_date_is_not_cut_short(db: Db) -> None:
    schedule = a_draft(db, a_bound_course(db, "paediatric"), days=2, hours=6)
    assert refused(db, schedule) == ""
    with pytest.raises(psycopg.errors.CheckViolation, match="needs 12 contact hours"):
        db.execute("update schedule_sessions set ends_at = ends_at - interval '1 hour'")
    a_booking(db, schedule)


def test_a_span_of_days_says_nothing_of_its_hours_and_a_free_course_is_not_judged(db: Db) -> None:
    end = FIRST_MONDAY + DAY * 2 + timedelta(hours=7)
    a_schedule(db, course=a_bound_course(db, "faw"), start_datetime=FIRST_MONDAY, end_datetime=end)
    a_schedule(db, start_datetime=FIRST_MONDAY, end_datetime=FIRST_MONDAY + timedelta(minutes=30))
    with pytest.raises(psycopg.errors.CheckViolation, match="takes at least 3 days"):
        a_schedule(db, course=a_bound_course(db, "faw"), start_datetime=FIRST_MONDAY)
