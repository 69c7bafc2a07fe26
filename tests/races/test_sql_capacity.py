"""Rule 1 when several act at once: never a seat too many, never a counter that lies, nobody refused while a seat is free."""

from collections.abc import Callable
from functools import partial

import psycopg
import pytest
from psycopg import IsolationLevel

from tests.builders import Db, Row, a_booking, a_course, a_schedule, a_venue, confirm, reload, update
from tests.cast import amina
from tests.conftest import Connect
from tests.races.amplifier import LEVELS, TRANSIENT, amplify, in_background, refusals, successes
from tests.races.audited import assert_audit_is_silent

EVERY_LEVEL = pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
TABLE = "lock table bookings in share mode"
# Stops the bookers after their first look, before the guarded update.
ROW = "select from course_schedules where id = {id} for update"


def book(schedule: Row, user: Row, session: Db) -> Row:
    return a_booking(session, schedule, user=user)


def bookers(db: Db, schedule: Row, how_many: int) -> list[Callable[[Db], Row]]:
    return [partial(book, schedule, amina(db, email=f"amina{n}@example.com")) for n in range(how_many)]


def seats(db: Db, schedule: Row) -> tuple[int, str]:
    now = reload(db, "course_schedules", schedule)
    return now["current_capacity"], now["status"]


@EVERY_LEVEL
@pytest.mark.parametrize("hold", [TABLE, ROW], ids=["table", "row"])
@pytest.mark.parametrize("capacity", [1, 3])
def test_five_buyers_get_the_seats_there_are(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel, hold: str, capacity: int
) -> None:
    schedule = a_schedule(db, seats=capacity)
    outcomes = amplify(connect, hold.format(**schedule), bookers(db, schedule, 5), level=level)
    assert successes(outcomes) == capacity
    assert refusals(outcomes) == ["bookings_within_capacity"] * (5 - capacity)
    assert seats(db, schedule) == (capacity, "full")
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_without_a_second_try_nobody_gets_a_seat_too_many(db: Db, connect: Connect, level: IsolationLevel) -> None:
    schedule = a_schedule(db, seats=1)
    outcomes = amplify(connect, ROW.format(**schedule), bookers(db, schedule, 5), level=level, retry=False)
    assert successes(outcomes) == 1
    assert set(refusals(outcomes)) <= {"bookings_within_capacity", *TRANSIENT}


@pytest.mark.parametrize("table", ["courses", "venues"])
@pytest.mark.parametrize("first", ["booking", "lowering"])
def test_a_capacity_lowered_while_a_booking_is_in_flight(
    db: Db, connect: Connect, database_url: str, table: str, first: str
) -> None:
    course, venue = a_course(db, max_capacity=2), a_venue(db, capacity=2)
    schedule = a_schedule(db, course=course, venue=venue)
    a_booking(db, schedule)
    row, column = (course, "max_capacity") if table == "courses" else (venue, "capacity")
    acts = [lambda s: a_booking(s, schedule), lambda s: update(s, table, row, **{column: 1})]
    if first == "lowering":
        acts.reverse()
    early, late = connect(autocommit=False), connect(autocommit=False)
    acts[0](early)
    blocked = in_background(late, acts[1], db)
    assert not blocked.done(), "the second has to wait for the first"
    early.commit()
    refused = "capacity_covers_seats_taken" if first == "booking" else "bookings_within_capacity"
    assert refusals([blocked.result()]) == [refused]
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
@pytest.mark.parametrize("table", ["courses", "venues"])
def test_five_bookers_and_a_lowered_capacity_under_every_level(
    db: Db, connect: Connect, database_url: str, table: str, level: IsolationLevel
) -> None:
    course, venue = a_course(db, max_capacity=5), a_venue(db, capacity=5)
    schedule = a_schedule(db, course=course, venue=venue)
    row, column = (course, "max_capacity") if table == "courses" else (venue, "capacity")
    acts = [*bookers(db, schedule, 5), lambda s: update(s, table, row, **{column: 2})]
    outcomes = amplify(connect, ROW.format(**schedule), acts, level=level)
    assert successes(outcomes) in (3, 5)  # two seats and the lowering, or five seats and no lowering
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
@pytest.mark.parametrize("table", ["courses", "venues"])
def test_a_date_published_by_an_old_snapshot_keeps_to_the_lowered_capacity(
    db: Db, connect: Connect, database_url: str, table: str, level: IsolationLevel
) -> None:
    course, venue = a_course(db), a_venue(db)
    schedule = a_schedule(db, course=course, venue=venue, status="draft")
    office = connect(autocommit=False)
    office.isolation_level = level
    office.execute("select count(*) from courses")
    row, column = (course, "max_capacity") if table == "courses" else (venue, "capacity")
    update(db, table, row, **{column: 1})

    def publish_and_book() -> None:
        update(office, "course_schedules", schedule, status="published")
        for _ in range(2):
            a_booking(office, schedule)

    with pytest.raises(psycopg.Error) as stopped:
        publish_and_book()
    office.rollback()
    assert set(refusals([stopped.value])) <= {"bookings_within_capacity", "40001"}
    assert_audit_is_silent(database_url)


@pytest.mark.parametrize("table", ["courses", "venues"])
def test_a_capacity_lowered_by_an_old_snapshot_sees_a_date_published_meanwhile(
    db: Db, connect: Connect, database_url: str, table: str
) -> None:
    course, venue = a_course(db), a_venue(db)
    schedule = a_schedule(db, course=course, venue=venue, status="draft")
    office = connect(autocommit=False)
    office.isolation_level = IsolationLevel.REPEATABLE_READ
    office.execute("select count(*) from courses")
    update(db, "course_schedules", schedule, status="published")
    for _ in range(2):
        a_booking(db, schedule)
    row, column = (course, "max_capacity") if table == "courses" else (venue, "capacity")
    with pytest.raises(psycopg.errors.SerializationFailure):
        update(office, table, row, **{column: 1})
    office.rollback()
    assert_audit_is_silent(database_url)


@pytest.mark.parametrize("first", ["schedule", "lowering"])
def test_a_date_made_while_its_venue_shrinks(db: Db, connect: Connect, database_url: str, first: str) -> None:
    course, venue = a_course(db), a_venue(db)

    def make_and_book(session: Db) -> None:
        schedule = a_schedule(session, course=course, venue=venue)
        for _ in range(2):
            a_booking(session, schedule)

    acts = [make_and_book, lambda s: update(s, "venues", venue, capacity=1)]
    if first == "lowering":
        acts.reverse()
    early, late = connect(autocommit=False), connect(autocommit=False)
    acts[0](early)
    blocked = in_background(late, acts[1], db)
    assert not blocked.done(), "the second has to wait for the first"
    early.commit()
    refused = "capacity_covers_seats_taken" if first == "schedule" else "bookings_within_capacity"
    assert refusals([blocked.result()]) == [refused]
    assert_audit_is_silent(database_url)


def test_course_and_venue_lowered_at_once_leave_full_telling_the_truth(
    db: Db, connect: Connect, database_url: str
) -> None:
    course, venue = a_course(db), a_venue(db)
    schedule = a_schedule(db, course=course, venue=venue)
    for _ in range(2):
        a_booking(db, schedule)
    acts = [lambda s: update(s, "courses", course, max_capacity=2), lambda s: update(s, "venues", venue, capacity=5)]
    outcomes = amplify(connect, ROW.format(**schedule), acts)
    assert refusals(outcomes) == []
    assert seats(db, schedule) == (2, "full")
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_bookings_that_change_places_lose_no_seat(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    here, there = a_schedule(db, seats=4), a_schedule(db, seats=4)
    moves = []
    for source, target in ((here, there), (there, here)):
        for _ in range(2):
            booking = a_booking(db, source)
            moves.append(partial(lambda b, t, s: update(s, "bookings", b, course_schedule_id=t["id"]), booking, target))
    outcomes = amplify(connect, TABLE, moves, level=level)
    assert refusals(outcomes) == []
    assert (seats(db, here)[0], seats(db, there)[0]) == (2, 2)
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_a_seat_given_back_is_resold_once_or_kept(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    schedule = a_schedule(db, seats=1)
    held = a_booking(db, schedule)
    acts = [*bookers(db, schedule, 4), lambda s: update(s, "bookings", held, status="cancelled")]
    outcomes = amplify(connect, TABLE, acts, level=level)
    assert not isinstance(outcomes[-1], psycopg.Error)
    assert successes(outcomes[:-1]) == seats(db, schedule)[0] <= 1
    assert_audit_is_silent(database_url)


def test_one_booking_cancelled_twice_at_once_gives_one_seat_back(db: Db, connect: Connect, database_url: str) -> None:
    schedule = a_schedule(db, seats=3)
    booking = a_booking(db, schedule)
    a_booking(db, schedule)
    amplify(connect, TABLE, [lambda s: update(s, "bookings", booking, status="cancelled")] * 3)
    assert seats(db, schedule) == (1, "published")
    assert_audit_is_silent(database_url)


def test_a_date_cancelled_while_it_is_booked_takes_nobody_in_afterwards(db: Db, connect: Connect) -> None:
    schedule = a_schedule(db)
    office, customer = connect(autocommit=False), connect(autocommit=False)
    update(office, "course_schedules", schedule, status="cancelled")
    blocked = in_background(customer, lambda s: a_booking(s, schedule), db)
    office.commit()
    assert refusals([blocked.result()]) == ["bookings_on_live_schedule"]


@EVERY_LEVEL
def test_confirming_and_cancelling_at_once_ends_cancelled_with_the_seat_free(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    schedule = a_schedule(db, seats=1)
    booking = a_booking(db, schedule, payment_amount=0)
    acts = [lambda s: confirm(s, booking), lambda s: update(s, "bookings", booking, status="cancelled")]
    outcomes = amplify(connect, TABLE, acts, level=level)
    assert set(refusals(outcomes)) <= {"bookings_status_transition"}
    assert (reload(db, "bookings", booking)["status"], seats(db, schedule)) == ("cancelled", (0, "published"))
    assert_audit_is_silent(database_url)
