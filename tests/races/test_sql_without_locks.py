"""The tests of the races, tested: with a rule taken out, each of them must show the fault that the rule prevents."""

from functools import partial

import pytest
from psycopg import sql

from tests.builders import Db, Row, a_booking, a_course, a_discount_code, a_schedule, a_venue, reload, update
from tests.cast import amina
from tests.conftest import Connect
from tests.races.amplifier import amplify, in_background, successes
from tests.races.audited import broken

TABLE = "lock table bookings in share mode"


def book_if_there_is_room(schedule: Row, user: Row, session: Db) -> Row:
    """What an application without the rule does: look, then insert."""
    look = "select count(*) as taken from bookings where course_schedule_id = %(id)s and status <> 'cancelled'"
    taken = session.execute(look, schedule).fetchone()
    assert taken is not None
    if taken["taken"] >= 1:
        raise LookupError("full")
    return a_booking(session, schedule, user=user)


def disarm(db: Db, table: str, trigger: str) -> None:
    db.execute(sql.SQL("drop trigger {} on {}").format(sql.Identifier(trigger), sql.Identifier(table)))


def five(act: object, *arguments: Row) -> list[partial[Row]]:
    return [partial(act, *arguments) for _ in range(5)]  # type: ignore[arg-type]


def findings(url: str) -> set[str]:
    return {finding.id for finding in broken(url)}


def test_looking_before_inserting_oversells_and_the_trigger_stops_it(
    db: Db, connect: Connect, database_url: str
) -> None:
    schedule, customer = a_schedule(db, seats=1), amina(db)
    assert successes(amplify(connect, TABLE, five(book_if_there_is_room, schedule, customer))) == 1
    for trigger in ("bookings_within_capacity_queue", "bookings_within_capacity_insert"):
        disarm(db, "bookings", trigger)
    second = a_schedule(db, seats=1)
    assert successes(amplify(connect, TABLE, five(book_if_there_is_room, second, customer))) == 5
    assert {"I01", "I02"} <= findings(database_url)


def test_a_first_look_alone_oversells(db: Db, connect: Connect, database_url: str) -> None:
    db.execute(
        "create or replace function take_seat(schedule_id integer) returns void language sql as"
        " 'update course_schedules set current_capacity = current_capacity + 1 where id = schedule_id'"
    )
    schedule, customer = a_schedule(db, seats=1), amina(db)
    hold = f"select from course_schedules where id = {schedule['id']} for update"
    db.execute("drop function queue_for_seat(integer) cascade")
    db.execute(
        "create function queue_for_seat(schedule_id integer) returns void language plpgsql as $$ begin"
        " if (select current_capacity from course_schedules where id = schedule_id) >= 1 then raise 'full'; end if; end $$"
    )
    acts = [partial(lambda u, s: a_booking(s, schedule, user=u), customer)] * 5
    assert successes(amplify(connect, hold, acts)) == 5
    assert "I01" in findings(database_url)


def test_a_capacity_lowered_without_the_touch_is_overtaken(db: Db, connect: Connect, database_url: str) -> None:
    course = a_course(db, max_capacity=2)
    schedule = a_schedule(db, course=course)
    a_booking(db, schedule)
    disarm(db, "courses", "capacity_covers_seats_taken")
    booker = connect(autocommit=False)
    a_booking(booker, schedule)
    lowering = in_background(connect(autocommit=False), lambda s: update(s, "courses", course, max_capacity=1), db)
    booker.commit()
    assert successes([lowering.result()]) == 1
    assert "I01" in findings(database_url)


def test_a_code_read_and_then_written_is_used_too_often(db: Db, connect: Connect, database_url: str) -> None:
    code = a_discount_code(db, usage_limit=1)
    disarm(db, "bookings", "bookings_discount_valid_insert")
    customer = amina(db)
    acts = [partial(lambda d, s: a_booking(s, d, user=customer, code=code), a_schedule(db)) for _ in range(5)]
    assert successes(amplify(connect, TABLE, acts)) == 5
    assert reload(db, "discount_codes", code)["times_used"] == 0
    assert "I18" in findings(database_url)


def test_a_venue_without_the_exclusion_is_given_away_five_times(db: Db, connect: Connect, database_url: str) -> None:
    db.execute("alter table schedule_occupancies drop constraint course_schedules_no_venue_overlap")
    db.execute("drop index course_schedules_time_and_venue")
    course, venue = a_course(db), a_venue(db)
    start = a_schedule(db)["start_datetime"]
    acts = [lambda s: a_schedule(s, course=course, venue=venue, start_datetime=start)] * 5
    assert successes(amplify(connect, "lock table course_schedules in share mode", acts)) == 5
    assert {"I04", "I05"} <= findings(database_url)


def test_an_act_that_neither_waits_nor_ends_is_reported(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.races.amplifier._PATIENCE", 0.2)
    with pytest.raises(AssertionError, match="neither waits for a lock nor ends"):
        amplify(connect, "select 1", [lambda s: s.execute("select pg_sleep(0.5)")])
