"""Rule 2 when several act at once: never two dates at one venue, never one instructor in two places."""

from datetime import timedelta

import pytest
from psycopg import IsolationLevel

from tests.builders import FIRST_MONDAY as NINE
from tests.builders import Db, Row, a_course, a_schedule, a_venue, insert, update
from tests.cast import ben
from tests.conftest import Connect
from tests.races.amplifier import LEVELS, amplify, refusals, successes
from tests.races.audited import assert_audit_is_silent

EVERY_LEVEL = pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
TABLE = "lock table course_schedules in share mode"
HOUR = timedelta(hours=1)


def move(session: Db, schedule: Row, days: int) -> Row:
    return update(
        session, "course_schedules", schedule,
        start_datetime=NINE + timedelta(days=days), end_datetime=NINE + timedelta(days=days, hours=7),
    )  # fmt: skip


@EVERY_LEVEL
def test_of_five_overlapping_dates_one_gets_the_venue(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    course, venue = a_course(db), a_venue(db)
    acts = [lambda s, n=n: a_schedule(s, course=course, venue=venue, start_datetime=NINE + n * HOUR) for n in range(5)]
    outcomes = amplify(connect, TABLE, acts, level=level)
    assert successes(outcomes) == 1
    assert refusals(outcomes) == ["course_schedules_no_venue_overlap"] * 4
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_of_five_dates_one_gets_the_instructor(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    course, teacher = a_course(db), ben(db)
    venues = [a_venue(db) for _ in range(5)]
    acts = [
        lambda s, v=v: a_schedule(s, course=course, venue=v, start_datetime=NINE, instructor_id=teacher["id"])
        for v in venues
    ]
    outcomes = amplify(connect, TABLE, acts, level=level)
    assert successes(outcomes) == 1
    assert refusals(outcomes) == ["course_schedules_no_instructor_overlap"] * 4
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_two_dates_moved_into_each_others_place(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    venue = a_venue(db)
    first = a_schedule(db, venue=venue, start_datetime=NINE)
    second = a_schedule(db, venue=venue, start_datetime=NINE + timedelta(days=1))
    outcomes = amplify(connect, TABLE, [lambda s: move(s, first, 1), lambda s: move(s, second, 0)], level=level)
    assert set(refusals(outcomes)) <= {"course_schedules_no_venue_overlap", "course_schedules_time_and_venue"}
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_two_cancelled_dates_come_back_to_one_place(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    venue = a_venue(db)
    dates = [a_schedule(db, venue=venue, start_datetime=NINE + n * HOUR, status="cancelled") for n in range(2)]
    acts = [lambda s, d=d: update(s, "course_schedules", d, status="published") for d in dates]
    outcomes = amplify(connect, TABLE, acts, level=level)
    assert refusals(outcomes) == ["course_schedules_no_venue_overlap"]
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_sessions_of_one_date_written_at_once_all_hold_their_venue(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    schedule = a_schedule(db, start_datetime=NINE, end_datetime=NINE + timedelta(days=3))
    acts = [
        lambda s, day=day: insert(
            s, "schedule_sessions", course_schedule_id=schedule["id"],
            starts_at=NINE + timedelta(days=day), ends_at=NINE + timedelta(days=day, hours=7),
        )
        for day in range(3)
    ]  # fmt: skip
    outcomes = amplify(connect, "lock table schedule_sessions in share mode", acts, level=level)
    assert refusals(outcomes) == []
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_an_instructor_given_a_date_and_made_a_customer_at_once(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    course, venue, teacher = a_course(db), a_venue(db), ben(db)
    acts = [
        lambda s: a_schedule(s, course=course, venue=venue, instructor_id=teacher["id"]),
        lambda s: update(s, "users", teacher, role="customer"),
    ]
    outcomes = amplify(connect, f"select from users where id = {teacher['id']} for update", acts, level=level)
    assert successes(outcomes) == 1
    assert_audit_is_silent(database_url)
