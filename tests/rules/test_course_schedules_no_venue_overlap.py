"""Rule 2: no two live dates hold one venue, and no instructor stands in two places, at the same time."""

from datetime import datetime, timedelta

import pytest

from tests.builders import FIRST_MONDAY as NINE
from tests.builders import Db, Row, a_schedule, a_user, a_venue, an_instructor, insert, update
from tests.cast import amina, ben, carol
from tests.conftest import Connect
from tests.rules.refusing import EXCLUSION, UNIQUE, refused

RULE = "course_schedules_no_venue_overlap"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FOUR = NINE + 7 * HOUR


def session(db: Db, schedule: Row, starts_at: datetime, ends_at: datetime, **columns: object) -> Row:
    return insert(
        db, "schedule_sessions", course_schedule_id=schedule["id"], starts_at=starts_at, ends_at=ends_at, **columns
    )


def three_days(db: Db, venue: Row, *days: int, **columns: object) -> Row:
    """A date from Monday 9:00 to Wednesday 16:00 that spells out a session, 9:00 to 16:00, on the days given."""
    with db.transaction():
        schedule = a_schedule(db, venue=venue, start_datetime=NINE, end_datetime=FOUR + 2 * DAY, **columns)
        for day in days:
            session(db, schedule, NINE + day * DAY, FOUR + day * DAY)
    return schedule


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (NINE + HOUR, FOUR - HOUR),
        (NINE - HOUR, FOUR + HOUR),
        (NINE - HOUR, NINE + timedelta(microseconds=1)),
        (FOUR - timedelta(microseconds=1), FOUR + HOUR),
        (NINE, NINE + HOUR),
    ],
    ids=["inside", "around", "into the start", "into the end", "same start"],
)
def test_a_second_date_at_the_venue_is_refused(db: Db, start: datetime, end: datetime) -> None:
    venue = a_venue(db)
    a_schedule(db, venue=venue, start_datetime=NINE, end_datetime=FOUR)
    with refused(RULE, EXCLUSION):
        a_schedule(db, venue=venue, start_datetime=start, end_datetime=end)


def test_the_same_time_and_venue_is_refused_as_a_combination_taken(db: Db) -> None:
    venue = a_venue(db)
    a_schedule(db, venue=venue, start_datetime=NINE)
    with refused("course_schedules_time_and_venue", UNIQUE):
        a_schedule(db, venue=venue, start_datetime=NINE)


def test_back_to_back_is_fine_on_both_sides(db: Db) -> None:
    venue = a_venue(db)
    a_schedule(db, venue=venue, start_datetime=NINE, end_datetime=FOUR)
    a_schedule(db, venue=venue, start_datetime=FOUR, end_datetime=FOUR + HOUR)
    a_schedule(db, venue=venue, start_datetime=NINE - HOUR, end_datetime=NINE)
    assert holds(db, venue) == 3


def test_two_venues_are_held_at_the_same_time(db: Db) -> None:
    first, second = a_venue(db), a_venue(db)
    a_schedule(db, venue=first, start_datetime=NINE)
    a_schedule(db, venue=second, start_datetime=NINE)
    assert (holds(db, first), holds(db, second)) == (1, 1)


@pytest.mark.parametrize("status", ["draft", "published"])
def test_drafts_hold_the_venue_like_published_dates(db: Db, status: str) -> None:
    venue = a_venue(db)
    a_schedule(db, venue=venue, start_datetime=NINE, status=status)
    with refused(RULE, EXCLUSION):
        a_schedule(db, venue=venue, start_datetime=NINE + HOUR, status="draft")


def test_a_cancelled_date_frees_the_venue_and_comes_back_only_to_a_free_one(db: Db) -> None:
    venue = a_venue(db)
    first = a_schedule(db, venue=venue, start_datetime=NINE)
    update(db, "course_schedules", first, status="cancelled")
    second = a_schedule(db, venue=venue, start_datetime=NINE + HOUR)
    with refused(RULE, EXCLUSION):
        update(db, "course_schedules", first, status="published")
    update(db, "course_schedules", second, status="cancelled")
    update(db, "course_schedules", first, status="published")
    assert holds(db, venue) == 1


def test_a_date_is_not_moved_onto_another(db: Db) -> None:
    venue = a_venue(db)
    a_schedule(db, venue=venue, start_datetime=NINE)
    other = a_schedule(db, venue=venue, start_datetime=NINE + DAY)
    elsewhere = a_schedule(db, start_datetime=NINE + HOUR)
    with refused(RULE, EXCLUSION):
        update(db, "course_schedules", other, start_datetime=FOUR - HOUR)
    with refused(RULE, EXCLUSION):
        update(db, "course_schedules", elsewhere, venue_id=venue["id"])


def test_two_dates_that_swap_places_in_one_statement_are_refused_and_stay(db: Db) -> None:
    venue = a_venue(db)
    first = a_schedule(db, venue=venue, start_datetime=NINE)
    second = a_schedule(db, venue=venue, start_datetime=NINE + DAY)
    with pytest.raises(Exception, match=r"conflicting key value|duplicate key") as refusal:
        db.execute(
            "update course_schedules set start_datetime = %(sum)s - (start_datetime - timestamp 'epoch'),"
            " end_datetime = %(sum)s - (start_datetime - timestamp 'epoch') + interval '7 hours' where venue_id = %(venue)s",
            {"sum": first["start_datetime"] + (second["start_datetime"] - datetime(1970, 1, 1)), "venue": venue["id"]},  # noqa: DTZ001
        )
    assert refusal.value.sqlstate in (EXCLUSION, UNIQUE)  # type: ignore[attr-defined]
    assert holds(db, venue) == 2


def test_two_dates_swap_places_by_way_of_a_free_one(db: Db) -> None:
    venue = a_venue(db)
    first = a_schedule(db, venue=venue, start_datetime=NINE)
    second = a_schedule(db, venue=venue, start_datetime=NINE + DAY)
    with db.transaction():
        for schedule, start in ((first, NINE + 9 * DAY), (second, NINE), (first, NINE + DAY)):
            update(db, "course_schedules", schedule, start_datetime=start, end_datetime=start + 7 * HOUR)
    assert holds(db, venue) == 2


def test_a_date_over_three_days_holds_its_venue_throughout_where_no_session_is_spelled_out(db: Db) -> None:
    venue = a_venue(db)
    three_days(db, venue)
    with refused(RULE, EXCLUSION):
        a_schedule(db, venue=venue, start_datetime=NINE + DAY + 12 * HOUR, end_datetime=NINE + DAY + 13 * HOUR)


def test_sessions_spelled_out_free_the_days_between(db: Db) -> None:
    venue = a_venue(db)
    three_days(db, venue, 0, 2)
    a_schedule(db, venue=venue, start_datetime=NINE + DAY)
    a_schedule(db, venue=venue, start_datetime=FOUR, end_datetime=FOUR + HOUR)
    with refused(RULE, EXCLUSION):
        a_schedule(db, venue=venue, start_datetime=NINE + 2 * DAY + HOUR, end_datetime=NINE + 2 * DAY + 2 * HOUR)


def test_the_last_session_taken_away_gives_the_whole_span_back_to_the_date(db: Db) -> None:
    venue = a_venue(db)
    schedule = three_days(db, venue, 0)
    between = a_schedule(db, venue=venue, start_datetime=NINE + DAY)
    delete = "delete from schedule_sessions where course_schedule_id = %(id)s"
    with refused(RULE, EXCLUSION):
        db.execute(delete, schedule)
    update(db, "course_schedules", between, status="cancelled")
    db.execute(delete, schedule)
    assert holds(db, venue) == 1


def test_a_session_elsewhere_holds_the_other_venue(db: Db) -> None:
    venue, other = a_venue(db), a_venue(db)
    with db.transaction():
        schedule = a_schedule(db, venue=venue, start_datetime=NINE, end_datetime=FOUR + DAY)
        session(db, schedule, NINE, FOUR)
        session(db, schedule, NINE + DAY, FOUR + DAY, venue_id=other["id"])
    a_schedule(db, venue=venue, start_datetime=NINE + DAY)
    with refused(RULE, EXCLUSION):
        a_schedule(db, venue=other, start_datetime=NINE + DAY)


def test_a_session_is_not_moved_onto_another_date(db: Db) -> None:
    venue = a_venue(db)
    three_days(db, venue, 0, 2)
    a_schedule(db, venue=venue, start_datetime=NINE + DAY)
    with refused(RULE, EXCLUSION):
        db.execute(
            "update schedule_sessions set starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day'"
            " where starts_at = %s",
            [NINE],
        )


def test_a_date_and_its_sessions_move_together(db: Db) -> None:
    schedule = three_days(db, a_venue(db), 0, 1)
    with db.transaction():
        update(db, "course_schedules", schedule, start_datetime=NINE + 7 * DAY, end_datetime=FOUR + 9 * DAY)
        db.execute(
            "update schedule_sessions set starts_at = starts_at + interval '7 days', ends_at = ends_at + interval '7 days'"
        )
    with refused("schedule_sessions_within_schedule"):
        update(db, "course_schedules", schedule, start_datetime=NINE, end_datetime=FOUR)


def test_a_session_lies_within_its_date_and_apart_from_the_others(db: Db) -> None:
    schedule = three_days(db, a_venue(db), 0)
    with refused("schedule_sessions_within_schedule"):
        session(db, schedule, NINE + 5 * DAY, FOUR + 5 * DAY)
    with refused("schedule_sessions_apart", EXCLUSION):
        session(db, schedule, FOUR - HOUR, FOUR + HOUR)
    with refused("schedule_sessions_dates_logical"):
        session(db, schedule, FOUR + DAY, NINE + DAY)


def test_an_instructor_stands_in_one_place_at_a_time(db: Db) -> None:
    teacher = ben(db)
    a_schedule(db, start_datetime=NINE, instructor_id=teacher["id"])
    with refused("course_schedules_no_instructor_overlap", EXCLUSION):
        a_schedule(db, start_datetime=NINE + HOUR, instructor_id=teacher["id"])
    a_schedule(db, start_datetime=FOUR, instructor_id=teacher["id"])


def test_an_instructor_of_one_session_is_taken_for_that_time_only(db: Db) -> None:
    stand_in, venue = ben(db), a_venue(db)
    with db.transaction():
        schedule = a_schedule(
            db, venue=venue, start_datetime=NINE, end_datetime=FOUR + DAY, instructor_id=an_instructor(db)["id"]
        )
        session(db, schedule, NINE, FOUR)
        session(db, schedule, NINE + DAY, FOUR + DAY, instructor_id=stand_in["id"])
    a_schedule(db, start_datetime=NINE, instructor_id=stand_in["id"])
    with refused("course_schedules_no_instructor_overlap", EXCLUSION):
        a_schedule(db, start_datetime=NINE + DAY, instructor_id=stand_in["id"])


def test_only_an_active_instructor_or_admin_teaches(db: Db) -> None:
    a_schedule(db, instructor_id=carol(db)["id"])
    for nobody in (amina(db), a_user(db, role="instructor", is_active=False)):
        with refused("course_schedules_taught_by_instructor"):
            a_schedule(db, instructor_id=nobody["id"])
        with refused("course_schedules_taught_by_instructor"):
            session(db, a_schedule(db), NINE, FOUR, instructor_id=nobody["id"])


def test_who_teaches_keeps_the_role_and_may_be_deactivated(db: Db) -> None:
    teacher = ben(db)
    schedule = a_schedule(db, instructor_id=teacher["id"])
    with refused("users_role_kept_while_teaching"):
        update(db, "users", teacher, role="customer")
    update(db, "users", teacher, is_active=False)
    update(db, "course_schedules", schedule, notes="still his")


@pytest.mark.parametrize("end", ["2031-03-03 09:00", "2031-03-03 08:59", "infinity"])
def test_a_date_ends_after_it_starts_and_at_some_time(db: Db, end: str) -> None:
    with refused("course_schedules_dates_logical"):
        a_schedule(db, start_datetime=NINE, end_datetime=end)


def test_a_date_does_not_start_before_all_time(db: Db) -> None:
    schedule = a_schedule(db)
    with refused("course_schedules_dates_logical"):
        db.execute("update course_schedules set start_datetime = '-infinity' where id = %(id)s", schedule)


@pytest.mark.parametrize(
    "by_hand",
    [
        "delete from schedule_occupancies",
        "update schedule_occupancies set during = 'empty'",
        "insert into schedule_occupancies (course_schedule_id, venue_id, during) select id, venue_id, 'empty' from course_schedules",
        "truncate schedule_occupancies",
        "truncate schedule_sessions cascade",
    ],
)
def test_what_holds_a_venue_is_not_written_by_hand(db: Db, by_hand: str) -> None:
    three_days(db, a_venue(db), 0, 1)
    with refused("schedule_occupancies_are_derived"):
        db.execute(by_hand)


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
def test_an_old_snapshot_does_not_let_a_second_date_in(db: Db, connect: Connect, level: str) -> None:
    venue, other = a_venue(db), connect(autocommit=False)
    other.execute(f"set transaction isolation level {level}")
    other.execute("select count(*) from course_schedules")
    a_schedule(db, venue=venue, start_datetime=NINE)
    with pytest.raises(Exception, match=r"conflicting key value|could not serialize"):
        a_schedule(other, venue=venue, start_datetime=NINE + HOUR)


def holds(db: Db, venue: Row) -> int:
    """How many times the venue is held."""
    found = db.execute("select count(*) as held from schedule_occupancies where venue_id = %(id)s", venue).fetchone()
    assert found is not None
    return int(found["held"])
