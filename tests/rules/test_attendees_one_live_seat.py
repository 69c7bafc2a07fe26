"""One person, known by e-mail address, has at most one live seat on a date."""

import pytest
from psycopg import IsolationLevel

from tests.builders import Db, Row, a_booking, a_schedule, insert, update
from tests.conftest import Connect
from tests.races.amplifier import LEVELS, amplify, refusals
from tests.rules.refusing import refused

RULE = "attendees_one_live_seat"


def name(db: Db, booking: Row, email: str | None = "amina@example.com") -> Row:
    return insert(db, "attendees", booking_id=booking["id"], first_name="Amina", last_name="Khan", email=email)


def test_a_second_seat_for_the_same_person_is_refused_whatever_the_case(db: Db) -> None:
    schedule = a_schedule(db)
    name(db, a_booking(db, schedule))
    with refused(RULE):
        name(db, a_booking(db, schedule), "AMINA@Example.com")
    name(db, a_booking(db, a_schedule(db)))


def test_nameless_seats_and_cancelled_ones_do_not_count(db: Db) -> None:
    schedule = a_schedule(db)
    for email in (None, None):
        name(db, a_booking(db, schedule), email)
    first = a_booking(db, schedule)
    name(db, first)
    update(db, "bookings", first, status="cancelled")
    name(db, a_booking(db, schedule))


def test_a_substitute_or_a_move_is_judged_too(db: Db) -> None:
    schedule, other = a_schedule(db), a_schedule(db)
    name(db, a_booking(db, schedule))
    elsewhere, nameless = a_booking(db, other), a_booking(db, schedule)
    name(db, elsewhere)
    name(db, nameless, "dev@example.com")
    with refused(RULE):
        db.execute("update attendees set email = 'amina@example.com' where booking_id = %(id)s", nameless)
    with refused(RULE):
        update(db, "bookings", elsewhere, course_schedule_id=schedule["id"])


def test_an_attendee_handed_to_another_booking_is_judged_too(db: Db) -> None:
    schedule, other = a_schedule(db), a_schedule(db)
    name(db, a_booking(db, schedule))
    elsewhere, spare = a_booking(db, other), a_booking(db, schedule)
    name(db, elsewhere)
    with refused(RULE):
        db.execute("update attendees set booking_id = %s where booking_id = %s", [spare["id"], elsewhere["id"]])


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_two_seats_named_at_once_go_to_two_people(db: Db, connect: Connect, level: IsolationLevel) -> None:
    schedule = a_schedule(db)
    bookings = [a_booking(db, schedule) for _ in range(2)]
    acts = [lambda s, b=b: name(s, b) for b in bookings]
    assert refusals(amplify(connect, "lock table attendees in share mode", acts, level=level)) == [RULE]
