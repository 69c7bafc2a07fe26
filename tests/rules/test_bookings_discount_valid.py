"""Rule 3: a discount code is valid on the day of the booking, takes off what it says, and is not used too often."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import Db, Row, a_booking, a_course, a_discount_code, a_schedule, reload, update
from tests.rules.refusing import FOREIGN_KEY, UNIQUE, refused

RULE = "bookings_discount_valid"
SUMMER = date(2026, 7, 10)


def times_used(db: Db, code: Row) -> int:
    return int(reload(db, "discount_codes", code)["times_used"])


def cancel(db: Db, booking: Row) -> Row:
    return update(db, "bookings", booking, status="cancelled")


@pytest.mark.parametrize(
    ("terms", "fits"),
    [
        ({}, True),
        ({"is_active": False}, False),
        ({"usage_limit": 0}, False),
        ({"usage_limit": 1}, True),
        ({"min_purchase_amount": "75.00"}, True),
        ({"min_purchase_amount": "75.01"}, False),
        ({"min_purchase_amount": 0}, True),
        ({"course_type_restriction": "EFAW"}, True),
        ({"course_type_restriction": "FAW"}, False),
    ],
    ids=str,
)
def test_the_codes_terms_decide(db: Db, terms: dict[str, Any], fits: bool) -> None:
    code, schedule = a_discount_code(db, **terms), a_schedule(db)
    if fits:
        a_booking(db, schedule, code=code)
    else:
        with refused(RULE):
            a_booking(db, schedule, code=code)
    assert times_used(db, code) == int(fits)


@pytest.mark.parametrize(
    ("first", "last", "made_at", "fits"),
    [
        ("2026-07-10", "2026-07-10", "2026-07-09 22:59:59.999999", False),
        ("2026-07-10", "2026-07-10", "2026-07-09 23:00:00", True),
        ("2026-07-10", "2026-07-10", "2026-07-10 12:00:00", True),
        ("2026-07-10", "2026-07-10", "2026-07-10 22:59:59.999999", True),
        ("2026-07-10", "2026-07-10", "2026-07-10 23:00:00", False),
        ("2026-01-10", "2026-01-10", "2026-01-09 23:59:59", False),
        ("2026-01-10", "2026-01-10", "2026-01-10 00:00:00", True),
        ("2026-01-10", "2026-01-10", "2026-01-10 23:59:59", True),
        ("2026-01-10", "2026-01-10", "2026-01-11 00:00:00", False),
    ],
)
def test_both_days_are_london_days_and_inclusive(db: Db, first: str, last: str, made_at: str, fits: bool) -> None:
    code = a_discount_code(db, valid_from=first, valid_until=last)
    if fits:
        a_booking(db, a_schedule(db), code=code, created_at=made_at)
    else:
        with refused(RULE):
            a_booking(db, a_schedule(db), code=code, created_at=made_at)


@pytest.mark.parametrize(("from_today", "until_today", "fits"), [(-2, -1, False), (0, 0, True), (1, 2, False)])
def test_yesterdays_and_tomorrows_codes_are_refused_today(
    db: Db, from_today: int, until_today: int, fits: bool
) -> None:
    row = db.execute("select (now() at time zone 'Europe/London')::date as london").fetchone()
    assert row is not None
    first, last = (row["london"] + timedelta(days=days) for days in (from_today, until_today))
    code = a_discount_code(db, valid_from=first, valid_until=last)
    if fits:
        a_booking(db, a_schedule(db), code=code)
    else:
        with refused(RULE):
            a_booking(db, a_schedule(db), code=code)


def test_every_reason_is_refused_in_the_same_words(db: Db) -> None:
    sentences = set()
    for terms in (
        {"is_active": False},
        {"usage_limit": 0},
        {"min_purchase_amount": 100},
        {"course_type_restriction": "FAW"},
    ):
        with refused(RULE) as refusal:
            a_booking(db, a_schedule(db), code=a_discount_code(db, **terms))
        sentences.add(refusal.value.diag.message_primary)
    assert sentences == {"This discount code cannot be used for this booking."}


def test_the_last_use_is_given_out_once_and_comes_back_with_a_cancellation(db: Db) -> None:
    code = a_discount_code(db, usage_limit=1)
    booking = a_booking(db, a_schedule(db), code=code)
    with refused(RULE):
        a_booking(db, a_schedule(db), code=code)
    cancel(db, booking)
    assert times_used(db, code) == 0
    a_booking(db, a_schedule(db), code=code)
    assert times_used(db, code) == 1


def test_a_booking_imported_as_cancelled_uses_nothing(db: Db) -> None:
    code = a_discount_code(db, usage_limit=1)
    a_booking(db, a_schedule(db), code=code, status="cancelled")
    assert times_used(db, code) == 0


def test_a_booking_that_on_conflict_skips_uses_nothing(db: Db) -> None:
    code, schedule = a_discount_code(db), a_schedule(db)
    booking = a_booking(db, schedule, code=code)
    db.execute(
        "insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount, discount_applied, discount_code_id)"
        " values (%(user_id)s, %(course_schedule_id)s, %(booking_reference)s, 67.50, 7.50, %(discount_code_id)s) on conflict do nothing",
        booking,
    )
    assert times_used(db, code) == 1


def test_a_code_put_on_the_booking_later_is_judged_by_the_day_it_was_made(db: Db) -> None:
    schedule = a_schedule(db)
    then = a_booking(db, schedule, created_at=datetime(2026, 7, 10, 12))  # noqa: DTZ001
    now = a_booking(db, schedule)
    code = a_discount_code(db, valid_from=SUMMER, valid_until=SUMMER)
    put_on = {"discount_code_id": code["id"], "payment_amount": "67.50", "discount_applied": "7.50"}
    with refused(RULE):
        update(db, "bookings", now, **put_on)
    update(db, "bookings", then, **put_on)
    assert times_used(db, code) == 1


def test_a_code_exchanged_for_another_moves_the_use(db: Db) -> None:
    first, second = a_discount_code(db), a_discount_code(db)
    booking = a_booking(db, a_schedule(db), code=first)
    update(db, "bookings", booking, discount_code_id=second["id"])
    assert (times_used(db, first), times_used(db, second)) == (0, 1)
    update(db, "bookings", booking, discount_code_id=None)
    assert (times_used(db, first), times_used(db, second)) == (0, 0)


def test_a_code_that_ends_with_its_booking_is_released_once(db: Db) -> None:
    first, second = a_discount_code(db), a_discount_code(db)
    booking = a_booking(db, a_schedule(db), code=first)
    update(db, "bookings", booking, discount_code_id=second["id"], status="cancelled")
    assert (times_used(db, first), times_used(db, second)) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "value", "gross", "taken_off"),
    [
        ("percentage", "10", "75.00", "7.50"),
        ("percentage", "33.33", "74.99", "24.99"),
        ("percentage", "12.5", "0.04", "0.01"),
        ("percentage", "100", "75.00", "75.00"),
        ("fixed", "20", "75.00", "20.00"),
        ("fixed", "80", "75.00", "75.00"),
        ("fixed", "5", "0.00", "0.00"),
    ],
)
def test_the_discount_is_what_the_code_gives_to_the_penny(
    db: Db, kind: str, value: str, gross: str, taken_off: str
) -> None:
    code, schedule = a_discount_code(db, discount_type=kind, discount_value=value), a_schedule(db)
    expected, whole = Decimal(taken_off), Decimal(gross)
    a_booking(db, schedule, code=code, payment_amount=whole - expected, discount_applied=expected)
    if whole > expected:
        with refused("bookings_discount_amount"):
            a_booking(
                db,
                schedule,
                code=code,
                payment_amount=whole - expected - Decimal("0.01"),
                discount_applied=expected + Decimal("0.01"),
            )


def test_a_code_may_be_carried_without_a_discount(db: Db) -> None:
    code = a_discount_code(db)
    a_booking(db, a_schedule(db), code=code, payment_amount=75, discount_applied=0)
    assert times_used(db, code) == 1


def test_the_discount_is_not_raised_afterwards(db: Db) -> None:
    booking = a_booking(db, a_schedule(db), code=a_discount_code(db))
    with refused("bookings_discount_amount"):
        update(db, "bookings", booking, payment_amount=0, discount_applied=75)
    update(db, "bookings", booking, payment_amount=75, discount_applied=0)
    with refused("bookings_terms_frozen"):
        update(db, "bookings", booking, payment_amount=0)


@pytest.mark.parametrize("terms", [{"course_type_restriction": "EFAW"}, {"min_purchase_amount": 75}], ids=str)
def test_a_moved_booking_keeps_a_code_only_if_it_still_fits(db: Db, terms: dict[str, Any]) -> None:
    booking = a_booking(db, a_schedule(db), code=a_discount_code(db, **terms))
    same, other = a_schedule(db), a_schedule(db, course=a_course(db, course_type="FAW", price=50))
    update(db, "bookings", booking, course_schedule_id=same["id"])
    with refused(RULE):
        update(db, "bookings", booking, course_schedule_id=other["id"], payment_amount=45, discount_applied=5)


def test_a_booking_moved_to_another_price_gets_the_codes_discount_on_that(db: Db) -> None:
    booking = a_booking(db, a_schedule(db), code=a_discount_code(db))
    there = a_schedule(db, course=a_course(db, price=100))
    with refused("bookings_discount_amount"):
        update(db, "bookings", booking, course_schedule_id=there["id"], payment_amount=80, discount_applied=20)
    update(db, "bookings", booking, course_schedule_id=there["id"], payment_amount=90, discount_applied=10)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "OTHER"}, {"discount_type": "fixed"}, {"discount_value": 20}, {"min_purchase_amount": 1},
        {"valid_from": date(2020, 1, 1)}, {"valid_until": date.today()}, {"course_type_restriction": "EFAW"},  # noqa: DTZ011
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_the_terms_of_a_used_code_are_frozen_even_when_the_use_is_cancelled(db: Db, change: dict[str, Any]) -> None:
    code = a_discount_code(db)
    cancel(db, a_booking(db, a_schedule(db), code=code))
    with refused("discount_codes_terms_frozen"):
        update(db, "discount_codes", code, **change)


def test_the_terms_of_an_unused_code_may_change(db: Db) -> None:
    code = a_discount_code(db)
    changed = update(
        db,
        "discount_codes",
        code,
        code="OTHER",
        discount_type="fixed",
        discount_value=20,
        valid_until=code["valid_from"],
    )
    assert (changed["discount_type"], changed["discount_value"]) == ("fixed", 20)


def test_a_used_code_may_be_described_switched_off_prolonged_and_widened(db: Db) -> None:
    code = a_discount_code(db, usage_limit=5)
    for _ in range(2):
        a_booking(db, a_schedule(db), code=code)
    later = code["valid_until"] + timedelta(days=1)
    update(db, "discount_codes", code, description="For schools", is_active=False, valid_until=later, usage_limit=2)
    with refused("discount_codes_limit_covers_uses"):
        update(db, "discount_codes", code, usage_limit=1)
    update(db, "discount_codes", code, usage_limit=None)


def test_uses_are_counted_and_not_written(db: Db) -> None:
    with refused("discount_codes_uses_are_derived"):
        a_discount_code(db, times_used=1)
    code = a_discount_code(db)
    a_booking(db, a_schedule(db), code=code)
    for written in (0, 2):
        with refused("discount_codes_uses_are_derived"):
            update(db, "discount_codes", code, times_used=written)


@pytest.mark.parametrize("again", ["save10", "SAVE10", "Save10"])
def test_a_code_is_unique_whatever_its_case(db: Db, again: str) -> None:
    a_discount_code(db, code="SAVE10")
    rule = "discount_codes_code_key" if again == "SAVE10" else "discount_codes_code_unique_whatever_case"
    with refused(rule, UNIQUE):
        a_discount_code(db, code=again)


@pytest.mark.parametrize(
    ("rule", "terms"),
    [
        ("value_reasonable", {"discount_value": 0}),
        ("value_reasonable", {"discount_value": -5}),
        ("value_reasonable", {"discount_value": "100.01"}),
        ("value_reasonable", {"discount_value": "NaN"}),
        ("value_reasonable", {"discount_value": "NaN", "discount_type": "fixed"}),
        ("minimum_not_negative", {"min_purchase_amount": "-0.01"}),
        ("minimum_not_negative", {"min_purchase_amount": "NaN"}),
        ("dates_logical", {"valid_from": "2026-02-02", "valid_until": "2026-02-01"}),
        ("dates_logical", {"valid_until": "infinity"}),
        ("dates_logical", {"valid_from": "-infinity"}),
        ("limit_covers_uses", {"usage_limit": -1}),
        ("restriction_known", {"course_type_restriction": "First Aid"}),
        ("discount_type_check", {"discount_type": "half price"}),
        ("defaults_present", {"times_used": None}),
        ("defaults_present", {"is_active": None}),
    ],
    ids=str,
)
def test_a_nonsense_code_is_refused(db: Db, rule: str, terms: dict[str, Any]) -> None:
    with refused(f"discount_codes_{rule}"):
        a_discount_code(db, **terms)


def test_an_unknown_code_is_the_foreign_keys_refusal(db: Db) -> None:
    with refused("bookings_discount_code_id_fkey", FOREIGN_KEY):
        a_booking(db, a_schedule(db), discount_code_id=999_999)


def test_a_course_that_has_been_booked_keeps_its_type(db: Db) -> None:
    course = a_course(db)
    schedule = a_schedule(db, course=course)
    update(db, "courses", course, course_type="FAW")
    a_booking(db, schedule)
    with refused("courses_type_kept_once_booked"):
        update(db, "courses", course, course_type="EFAW")
