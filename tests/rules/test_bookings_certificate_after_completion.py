"""Rule 5: a certificate is issued only after the course was completed; and the states a booking passes through on the way."""

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.builders import (
    Db,
    Row,
    a_booking,
    a_schedule,
    completed_booking,
    confirmed_booking,
    move_schedule_to_past,
    reload,
    update,
)
from tests.rules.refusing import refused

RULE = "bookings_certificate_after_completion"
TRANSITION = "bookings_status_transition"
STATUSES = ("pending", "confirmed", "cancelled", "completed", "no_show")
ALLOWED = {
    ("pending", "confirmed"), ("pending", "cancelled"), ("confirmed", "completed"), ("confirmed", "no_show"),
    ("confirmed", "cancelled"), ("completed", "no_show"), ("no_show", "completed"),
}  # fmt: skip


def today(db: Db) -> date:
    row = db.execute("select (now() at time zone 'Europe/London')::date as today").fetchone()
    assert row is not None
    return row["today"]  # type: ignore[no-any-return]


def issue(db: Db, booking: Row, day: Any) -> Row:
    return update(db, "bookings", booking, certificate_issued=True, certificate_issued_date=day)


def booking_that_is(db: Db, status: str, schedule: Row) -> Row:
    """A paid booking in this status on the schedule, which has ended."""
    booking = a_booking(db, schedule) if status == "pending" else confirmed_booking(db, schedule)
    move_schedule_to_past(db, schedule)
    if status in ("cancelled", "completed", "no_show"):
        update(db, "bookings", booking, status=status)
    return booking


def test_a_certificate_is_issued_after_completion(db: Db) -> None:
    booking = completed_booking(db, a_schedule(db))
    assert issue(db, booking, today(db))["certificate_issued"]


@pytest.mark.parametrize("status", ["pending", "confirmed", "cancelled", "no_show"])
def test_no_other_status_has_a_certificate(db: Db, status: str) -> None:
    booking = booking_that_is(db, status, a_schedule(db))
    with refused(RULE):
        issue(db, booking, today(db))


def test_completion_and_certificate_may_come_in_one_step(db: Db) -> None:
    schedule = a_schedule(db)
    booking = confirmed_booking(db, schedule)
    with refused(RULE):
        update(db, "bookings", booking, status="completed", certificate_issued=True, certificate_issued_date=today(db))
    move_schedule_to_past(db, schedule)
    update(db, "bookings", booking, status="completed", certificate_issued=True, certificate_issued_date=today(db))


def test_nobody_completes_a_course_that_has_not_ended(db: Db) -> None:
    schedule = a_schedule(db)
    booking = confirmed_booking(db, schedule)
    move_schedule_to_past(db, schedule, ended=timedelta(seconds=-30))
    with refused(RULE) as refusal:
        update(db, "bookings", booking, status="completed")
    assert "cannot be completed before that" in str(refusal.value)


def test_nobody_misses_a_course_that_has_not_begun(db: Db) -> None:
    schedule = a_schedule(db)
    booking = confirmed_booking(db, schedule)
    with refused(TRANSITION):
        update(db, "bookings", booking, status="no_show")
    move_schedule_to_past(db, schedule, ended=timedelta(hours=-3))
    update(db, "bookings", booking, status="no_show")


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_nobody_attends_or_misses_a_cancelled_course(db: Db, status: str) -> None:
    schedule = a_schedule(db)
    booking = confirmed_booking(db, schedule)
    move_schedule_to_past(db, schedule)
    update(db, "course_schedules", schedule, status="cancelled")
    with refused(RULE if status == "completed" else TRANSITION):
        update(db, "bookings", booking, status=status)


@pytest.mark.parametrize(("issued", "dated"), [(True, False), (False, True)])
def test_the_flag_and_the_date_go_together(db: Db, issued: bool, dated: bool) -> None:
    booking = completed_booking(db, a_schedule(db))
    with refused("bookings_certificate_dated"):
        update(db, "bookings", booking, certificate_issued=issued, certificate_issued_date=today(db) if dated else None)


@pytest.mark.parametrize(("days", "fits"), [(-2, False), (-1, True), (0, True), (1, False)])
def test_the_date_lies_between_the_end_and_today(db: Db, days: int, fits: bool) -> None:
    schedule = a_schedule(db)
    booking = confirmed_booking(db, schedule)
    noon_yesterday = datetime.combine(today(db) - timedelta(days=1), datetime.min.time()) + timedelta(hours=12)
    update(
        db,
        "course_schedules",
        schedule,
        start_datetime=noon_yesterday - timedelta(hours=7),
        end_datetime=noon_yesterday,
    )
    update(db, "bookings", booking, status="completed")
    if fits:
        issue(db, booking, today(db) + timedelta(days=days))
    else:
        with refused(RULE):
            issue(db, booking, today(db) + timedelta(days=days))


def test_a_course_that_ends_after_midnight_in_london_is_certified_on_the_london_day(db: Db) -> None:
    schedule = a_schedule(db)
    booking = confirmed_booking(db, schedule)
    update(
        db,
        "course_schedules",
        schedule,
        start_datetime="2026-07-09 20:00",
        end_datetime="2026-07-09 23:30",
    )
    update(db, "bookings", booking, status="completed")
    with refused(RULE):
        issue(db, booking, date(2026, 7, 9))
    issue(db, booking, date(2026, 7, 10))


@pytest.mark.parametrize("day", ["infinity", "-infinity"])
def test_a_certificate_has_a_real_date(db: Db, day: str) -> None:
    booking = completed_booking(db, a_schedule(db))
    with refused(RULE):
        db.execute(
            "update bookings set certificate_issued = true, certificate_issued_date = %s where id = %s",
            [day, booking["id"]],
        )


def test_a_redated_certificate_is_judged_again(db: Db) -> None:
    booking = completed_booking(db, a_schedule(db))
    issue(db, booking, today(db))
    with refused(RULE):
        issue(db, booking, today(db) + timedelta(days=1))


def test_a_booking_is_not_born_with_a_certificate(db: Db) -> None:
    schedule = a_schedule(db)
    move_schedule_to_past(db, schedule)
    with refused(RULE):
        a_booking(db, schedule, certificate_issued=True, certificate_issued_date=today(db))
    for status in ("completed", "no_show"):
        with refused(TRANSITION):
            a_booking(db, schedule, status=status, payment_status="paid", payment_amount=0)


def test_attendance_is_not_taken_back_while_a_certificate_is_out(db: Db) -> None:
    booking = completed_booking(db, a_schedule(db))
    issue(db, booking, today(db))
    with refused(RULE):
        update(db, "bookings", booking, status="no_show")
    update(db, "bookings", booking, certificate_issued=False, certificate_issued_date=None)
    update(db, "bookings", booking, status="no_show")


@pytest.mark.parametrize(
    "change", [{"end_datetime": "2040-01-01"}, {"status": "cancelled"}, {"status": "draft"}], ids=str
)
def test_a_date_that_was_attended_keeps_its_times_and_status(db: Db, change: dict[str, Any]) -> None:
    schedule = a_schedule(db)
    completed_booking(db, schedule)
    with refused("course_schedules_history_kept"):
        update(db, "course_schedules", schedule, **change)


@pytest.mark.parametrize(("old", "new"), permutations(STATUSES, 2))
def test_every_pair_of_states(db: Db, old: str, new: str) -> None:
    schedule = a_schedule(db)
    booking = booking_that_is(db, old, schedule)
    paid = (
        {}
        if old != "pending" or new in ("pending", "cancelled")
        else {"payment_status": "paid", "payment_amount": 0, "discount_applied": 75}
    )
    if (old, new) in ALLOWED:
        assert update(db, "bookings", booking, status=new, **paid)["status"] == new
    else:
        with refused(TRANSITION):
            update(db, "bookings", booking, status=new, **paid)
        assert reload(db, "bookings", booking)["status"] == old


@pytest.mark.parametrize(
    "column", ["status", "payment_status", "certificate_issued", "confirmation_sent", "reminder_sent", "created_at"]
)
def test_null_is_no_way_around(db: Db, column: str) -> None:
    booking = completed_booking(db, a_schedule(db))
    with pytest.raises(Exception, match=r"bookings_defaults_present|stays as it was agreed"):
        update(db, "bookings", booking, **{column: None})
    assert reload(db, "bookings", booking)[column] is not None
