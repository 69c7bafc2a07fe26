"""Rule 1: a booking cannot exceed the smaller of the course's and the venue's capacity, whoever asks."""

from datetime import timedelta

import pytest

from tests.builders import (
    FIRST_MONDAY,
    Db,
    Row,
    a_booking,
    a_course,
    a_schedule,
    a_user,
    a_venue,
    confirmed_booking,
    insert,
    move_schedule_to_past,
    reload,
    update,
)
from tests.cast import amina
from tests.rules.refusing import CHECK, FOREIGN_KEY, refused

RULE = "bookings_within_capacity"


def seats(db: Db, schedule: Row) -> tuple[int, str]:
    """Seats taken and status, as stored."""
    now = reload(db, "course_schedules", schedule)
    return now["current_capacity"], now["status"]


def cancel(db: Db, booking: Row) -> Row:
    return update(db, "bookings", booking, status="cancelled")


def test_the_last_seat_is_sold_and_the_next_buyer_is_refused(db: Db) -> None:
    schedule = a_schedule(db, seats=2)
    a_booking(db, schedule)
    a_booking(db, schedule)
    with refused(RULE) as refusal:
        a_booking(db, schedule)
    assert refusal.value.diag.table_name == "bookings"
    assert seats(db, schedule) == (2, "full")


@pytest.mark.parametrize(("course_holds", "venue_holds"), [(1, 12), (12, 1)])
def test_the_smaller_of_course_and_venue_counts(db: Db, course_holds: int, venue_holds: int) -> None:
    schedule = a_schedule(db, course=a_course(db, max_capacity=course_holds), venue=a_venue(db, capacity=venue_holds))
    a_booking(db, schedule)
    with refused(RULE):
        a_booking(db, schedule)


def test_one_statement_for_too_many_seats_takes_none(db: Db) -> None:
    schedule = a_schedule(db, seats=3)
    with refused(RULE):
        db.execute(
            "insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount)"
            " select %(user)s, %(schedule)s, 'RFT-' || seat, 75 from generate_series(1, 4) as seat",
            {"user": amina(db)["id"], "schedule": schedule["id"]},
        )
    assert seats(db, schedule) == (0, "published")


def test_copy_is_refused_like_any_other_client(db: Db) -> None:
    schedule = a_schedule(db, seats=1)
    user = amina(db)
    statement = "copy bookings (user_id, course_schedule_id, booking_reference, payment_amount) from stdin"
    with refused(RULE), db.cursor().copy(statement) as rows:
        for seat in range(2):
            rows.write_row((user["id"], schedule["id"], f"RFT-{seat}", 75))
    assert seats(db, schedule) == (0, "published")


def test_a_booking_that_on_conflict_skips_takes_no_seat(db: Db) -> None:
    schedule = a_schedule(db)
    booking = a_booking(db, schedule)
    db.execute(
        "insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount)"
        " values (%(user_id)s, %(course_schedule_id)s, %(booking_reference)s, 75) on conflict do nothing",
        booking,
    )
    assert seats(db, schedule) == (1, "published")


def test_a_booking_that_on_conflict_updates_takes_no_second_seat(db: Db) -> None:
    schedule = a_schedule(db)
    booking = a_booking(db, schedule)
    db.execute(
        "insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount)"
        " values (%(user_id)s, %(course_schedule_id)s, %(booking_reference)s, 75)"
        " on conflict (booking_reference) do update set notes = 'again'",
        booking,
    )
    assert seats(db, schedule) == (1, "published")


def test_a_cancelled_booking_gives_its_seat_back(db: Db) -> None:
    schedule = a_schedule(db, seats=1)
    booking = a_booking(db, schedule)
    cancel(db, booking)
    assert seats(db, schedule) == (0, "published")
    a_booking(db, schedule)
    assert seats(db, schedule) == (1, "full")


def test_a_booking_imported_as_cancelled_takes_no_seat(db: Db) -> None:
    schedule = a_schedule(db, seats=1)
    a_booking(db, schedule, status="cancelled")
    assert seats(db, schedule) == (0, "published")


def test_no_booking_comes_back_from_cancelled(db: Db) -> None:
    booking = a_booking(db, a_schedule(db))
    cancel(db, booking)
    for status in ("pending", "confirmed"):
        with refused("bookings_status_transition"):
            update(db, "bookings", booking, status=status)


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_a_date_that_is_not_live_is_not_booked(db: Db, status: str) -> None:
    schedule = a_schedule(db, status=status)
    with refused("bookings_on_live_schedule"):
        a_booking(db, schedule)


def test_a_date_that_has_begun_can_still_be_booked_in_the_database(db: Db) -> None:
    schedule = a_schedule(db, start_datetime=FIRST_MONDAY - timedelta(weeks=52 * 20))
    a_booking(db, schedule)
    assert seats(db, schedule) == (1, "published")


def test_an_unknown_date_is_the_foreign_keys_refusal(db: Db) -> None:
    with refused("bookings_course_schedule_id_fkey", FOREIGN_KEY):
        a_booking(db, {"id": 999_999})


@pytest.mark.parametrize("limit", ["course", "venue"])
def test_a_capacity_is_lowered_to_the_seats_taken_and_not_below(db: Db, limit: str) -> None:
    course, venue = a_course(db), a_venue(db)
    schedule = a_schedule(db, course=course, venue=venue)
    for _ in range(3):
        a_booking(db, schedule)
    table, row, column = ("courses", course, "max_capacity") if limit == "course" else ("venues", venue, "capacity")
    with refused("capacity_covers_seats_taken") as refusal:
        update(db, table, row, **{column: 2})
    assert "3 seats are already taken on the date of " in str(refusal.value)
    assert "  " not in str(refusal.value.diag.message_primary)
    update(db, table, row, **{column: 3})
    assert seats(db, schedule) == (3, "full")


def test_a_raised_capacity_opens_a_full_date_again(db: Db) -> None:
    course = a_course(db, max_capacity=1)
    schedule = a_schedule(db, course=course)
    a_booking(db, schedule)
    update(db, "courses", course, max_capacity=2)
    assert seats(db, schedule) == (1, "published")


def test_a_capacity_is_bounded_by_a_cancelled_dates_seats_too(db: Db) -> None:
    venue = a_venue(db, capacity=3)
    schedule = a_schedule(db, venue=venue)
    for _ in range(2):
        a_booking(db, schedule)
    update(db, "course_schedules", schedule, status="cancelled")
    with refused("capacity_covers_seats_taken"):
        update(db, "venues", venue, capacity=1)


def test_a_date_moves_to_a_venue_that_holds_everyone_and_to_no_smaller_one(db: Db) -> None:
    schedule = a_schedule(db)
    for _ in range(2):
        a_booking(db, schedule)
    with refused("capacity_covers_seats_taken"):
        update(db, "course_schedules", schedule, venue_id=a_venue(db, capacity=1)["id"])
    update(db, "course_schedules", schedule, venue_id=a_venue(db, capacity=2)["id"])
    assert seats(db, schedule) == (2, "full")


@pytest.mark.parametrize("written", [0, 5, -1, 12])
def test_the_counter_is_not_written_by_hand(db: Db, written: int) -> None:
    schedule = a_schedule(db)
    a_booking(db, schedule)
    with refused("course_schedules_counter_is_derived"):
        update(db, "course_schedules", schedule, current_capacity=written)


def test_a_date_does_not_begin_with_seats_taken(db: Db) -> None:
    with refused("course_schedules_counter_is_derived"):
        a_schedule(db, current_capacity=1)


def test_nobody_calls_the_rules_own_functions_to_move_the_counter(db: Db) -> None:
    schedule = a_schedule(db)
    for function in ("take_seat", "release_seat"):
        with refused("course_schedules_counter_is_derived"):
            db.execute(f"select {function}(%(id)s)", schedule)


def test_full_is_not_written_by_hand(db: Db) -> None:
    schedule = a_schedule(db)
    with refused("course_schedules_full_is_derived"):
        update(db, "course_schedules", schedule, status="full")
    with refused("course_schedules_full_is_derived"):
        a_schedule(db, status="full")


def test_a_full_date_stays_full_when_somebody_writes_published(db: Db) -> None:
    schedule = a_schedule(db, seats=1)
    a_booking(db, schedule)
    update(db, "course_schedules", schedule, status="published")
    assert seats(db, schedule) == (1, "full")


def test_a_date_with_seats_taken_is_cancelled_and_not_put_back_to_draft(db: Db) -> None:
    schedule = a_schedule(db, seats=1)
    a_booking(db, schedule)
    with refused("course_schedules_history_kept"):
        update(db, "course_schedules", schedule, status="draft")
    update(db, "course_schedules", schedule, status="cancelled")
    update(db, "course_schedules", schedule, status="published")
    assert seats(db, schedule) == (1, "full")


def test_a_moved_booking_takes_its_seat_along(db: Db) -> None:
    here, there = a_schedule(db, seats=1), a_schedule(db, seats=1)
    booking = a_booking(db, here)
    update(db, "bookings", booking, course_schedule_id=there["id"])
    assert (seats(db, here), seats(db, there)) == ((0, "published"), (1, "full"))


def test_a_booking_does_not_move_to_a_full_a_draft_or_an_unknown_date(db: Db) -> None:
    here, full, draft = a_schedule(db), a_schedule(db, seats=1), a_schedule(db, status="draft")
    a_booking(db, full)
    booking = confirmed_booking(db, here)
    with refused(RULE):
        update(db, "bookings", booking, course_schedule_id=full["id"])
    with refused("bookings_on_live_schedule"):
        update(db, "bookings", booking, course_schedule_id=draft["id"])
    with refused("bookings_course_schedule_id_fkey", FOREIGN_KEY):
        update(db, "bookings", booking, course_schedule_id=999_999)
    assert seats(db, here) == (1, "published")


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_a_booking_does_not_move_as_it_ends(db: Db, status: str) -> None:
    here, there = a_schedule(db), a_schedule(db)
    booking = confirmed_booking(db, here)
    move_schedule_to_past(db, there)
    with refused("bookings_status_transition"):
        update(db, "bookings", booking, course_schedule_id=there["id"], status=status)


def test_the_course_of_a_booked_date_stays(db: Db) -> None:
    schedule = a_schedule(db)
    a_booking(db, schedule)
    with refused("course_schedules_history_kept"):
        update(db, "course_schedules", schedule, course_id=a_course(db)["id"])


def test_one_person_may_hold_two_seats_for_two_attendees(db: Db) -> None:
    schedule, booker = a_schedule(db), amina(db)
    for _ in range(2):
        a_booking(db, schedule, user=booker)
    assert seats(db, schedule) == (2, "published")


@pytest.mark.parametrize(("table", "column"), [("courses", "max_capacity"), ("venues", "capacity")])
@pytest.mark.parametrize("holds", [0, -1])
def test_a_capacity_is_positive(db: Db, table: str, column: str, holds: int) -> None:
    build = a_course if table == "courses" else a_venue
    with refused(f"{table}_{column}_positive", CHECK):
        build(db, **{column: holds})


def test_an_unbooked_date_is_deleted_by_a_client_that_knows_only_the_ten_tables(db: Db) -> None:
    schedule = a_schedule(db, status="draft")
    times = {"starts_at": schedule["start_datetime"], "ends_at": schedule["end_datetime"]}
    insert(db, "schedule_sessions", course_schedule_id=schedule["id"], **times)
    db.execute("delete from course_schedules where id = %(id)s", schedule)
    assert db.execute("select count(*) as held from schedule_occupancies").fetchone() == {"held": 0}


def test_a_booked_date_is_not_deleted(db: Db) -> None:
    schedule = a_schedule(db)
    a_booking(db, schedule, user=a_user(db))
    with refused("bookings_course_schedule_id_fkey", FOREIGN_KEY):
        db.execute("delete from course_schedules where id = %(id)s", schedule)
