"""Rule 4: a booking is confirmed only when its payment is, and the ledger is the truth about that."""

from typing import Any

import pytest

from tests.builders import (
    Db,
    Row,
    a_booking,
    a_discount_code,
    a_payment,
    a_schedule,
    completed_booking,
    confirmed_booking,
    insert,
    reload,
    update,
)
from tests.cast import amina
from tests.rules.refusing import UNIQUE, refused

RULE = "bookings_confirmed_only_when_paid"
RETURNED = "bookings_refunded_only_when_returned"


@pytest.fixture
def booking(db: Db) -> Row:
    return a_booking(db, a_schedule(db))


def refund(db: Db, booking: Row, amount: Any = None) -> Row:
    return a_payment(db, booking, amount, status="refunded")


@pytest.mark.parametrize("payment_status", ["pending", "failed", "refunded"])
def test_a_confirmed_booking_says_paid(db: Db, booking: Row, payment_status: str) -> None:
    with refused(RULE):
        update(db, "bookings", booking, status="confirmed", payment_status=payment_status)


@pytest.mark.parametrize("received", [None, "74.99", "0.01"])
def test_paid_needs_the_money_in_the_ledger(db: Db, booking: Row, received: str | None) -> None:
    if received:
        a_payment(db, booking, received)
    for change in ({"payment_status": "paid"}, {"payment_status": "paid", "status": "confirmed"}):
        with refused(RULE):
            update(db, "bookings", booking, **change)


def test_a_confirmed_booking_does_not_hide_behind_another_id(db: Db, booking: Row) -> None:
    with refused("bookings_terms_frozen"), db.transaction():
        update(db, "bookings", booking, status="confirmed", payment_status="paid")
        db.execute("update bookings set id = id + 1000 where id = %s", [booking["id"]])


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_only_succeeded_transactions_count(db: Db, booking: Row, status: str) -> None:
    a_payment(db, booking, status=status)
    with refused(RULE):
        update(db, "bookings", booking, status="confirmed", payment_status="paid")


@pytest.mark.parametrize("returned", ["75.00", "0.01"])
def test_money_that_has_gone_back_confirms_nothing(db: Db, booking: Row, returned: str) -> None:
    a_payment(db, booking)
    refund(db, booking, returned)
    with refused(RULE):
        update(db, "bookings", booking, status="confirmed", payment_status="paid")


def test_the_exact_amount_in_two_parts_confirms(db: Db, booking: Row) -> None:
    a_payment(db, booking, "74.99")
    a_payment(db, booking, "0.01", payment_method="cash")
    assert update(db, "bookings", booking, status="confirmed", payment_status="paid")["status"] == "confirmed"


def test_inside_a_transaction_the_order_of_writing_is_free(db: Db, booking: Row) -> None:
    with db.transaction():
        update(db, "bookings", booking, status="confirmed", payment_status="paid")
        a_payment(db, booking)
    assert reload(db, "bookings", booking)["status"] == "confirmed"


def test_a_transaction_that_never_pays_is_refused_at_its_end(db: Db, booking: Row) -> None:
    with refused(RULE) as refusal, db.transaction():
        update(db, "bookings", booking, status="confirmed", payment_status="paid")
    assert "£0 of £75.00 has been received" in str(refusal.value)
    assert reload(db, "bookings", booking)["status"] == "pending"


def test_a_booking_is_not_born_confirmed_without_money(db: Db) -> None:
    with refused(RULE):
        a_booking(db, a_schedule(db), status="confirmed", payment_status="paid")
    with db.transaction():
        a_payment(db, a_booking(db, a_schedule(db), status="confirmed", payment_status="paid"))


def test_nothing_to_pay_counts_as_paid(db: Db) -> None:
    code = a_discount_code(db, discount_value=100)
    free = a_booking(db, a_schedule(db), code=code)
    assert update(db, "bookings", free, status="confirmed", payment_status="paid")["payment_amount"] == 0


def test_a_purchase_order_fakes_no_payment(db: Db, booking: Row) -> None:
    insert(
        db,
        "payment_transactions",
        booking_id=booking["id"],
        amount=75,
        payment_method="purchase_order",
        status="pending",
    )
    with refused(RULE):
        update(db, "bookings", booking, status="confirmed", payment_status="paid")


def test_another_bookings_money_does_not_count(db: Db, booking: Row) -> None:
    a_payment(db, a_booking(db, a_schedule(db)), 1000)
    with refused(RULE):
        update(db, "bookings", booking, payment_status="paid")


def test_a_confirmed_booking_does_not_become_dearer_than_what_was_paid(db: Db) -> None:
    booking = confirmed_booking(db, a_schedule(db), payment_amount=60, discount_applied=15)
    with refused(RULE):
        update(db, "bookings", booking, payment_amount=75, discount_applied=0)
    there = a_schedule(db)
    with refused(RULE):
        update(db, "bookings", booking, course_schedule_id=there["id"], payment_amount=100)


@pytest.mark.parametrize("payment_status", ["pending", "failed"])
@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_who_attended_or_missed_the_course_had_paid(db: Db, status: str, payment_status: str) -> None:
    booking = completed_booking(db, a_schedule(db))
    with refused(RULE):
        update(db, "bookings", booking, status=status, payment_status=payment_status)


def test_a_booking_says_refunded_only_when_everything_went_back(db: Db) -> None:
    booking = confirmed_booking(db, a_schedule(db))
    update(db, "bookings", booking, status="cancelled")
    with refused(RETURNED):
        update(db, "bookings", booking, payment_status="refunded")
    refund(db, booking, 70)
    with refused(RETURNED):
        update(db, "bookings", booking, payment_status="refunded")
    refund(db, booking, 5)
    assert update(db, "bookings", booking, payment_status="refunded")["payment_status"] == "refunded"


def test_nothing_received_is_never_refunded(db: Db, booking: Row) -> None:
    with refused(RETURNED):
        update(db, "bookings", booking, payment_status="refunded")


def test_money_that_comes_late_ends_the_refunded_state(db: Db) -> None:
    booking = confirmed_booking(db, a_schedule(db))
    with db.transaction():
        refund(db, booking)
        update(db, "bookings", booking, status="cancelled", payment_status="refunded")
    with refused(RETURNED):
        a_payment(db, booking)
    with db.transaction():
        a_payment(db, booking)
        update(db, "bookings", booking, payment_status="paid")


def test_no_more_goes_back_than_came_in(db: Db) -> None:
    booking = confirmed_booking(db, a_schedule(db))
    refund(db, booking, 70)
    with refused("payment_transactions_refund_within_captured") as refusal:
        refund(db, booking, "5.01")
    assert "£75.01 would have gone back of £75.00 received" in str(refusal.value)
    refund(db, booking, 5)


def test_a_refund_needs_a_payment_of_its_own_booking(db: Db, booking: Row) -> None:
    confirmed_booking(db, a_schedule(db))
    with refused("payment_transactions_refund_within_captured"):
        refund(db, booking, 1)


@pytest.mark.parametrize(
    "change", ["update payment_transactions set amount = 1", "update payment_transactions set status = 'refunded'"]
)
def test_the_ledger_is_never_changed(db: Db, change: str) -> None:
    confirmed_booking(db, a_schedule(db))
    with refused("append_only"):
        db.execute(change)


def test_one_intent_pays_a_booking_once(db: Db, booking: Row) -> None:
    a_payment(db, booking, 10, stripe_payment_intent_id="pi_1", payment_method="card", status="failed")
    a_payment(db, booking, stripe_payment_intent_id="pi_1", payment_method="card")
    with refused("payment_transactions_intent_settled_once", UNIQUE):
        a_payment(db, booking, 5, stripe_payment_intent_id="pi_1", payment_method="card")


@pytest.mark.parametrize("column", ["stripe_payment_intent_id", "stripe_charge_id"])
def test_one_stripe_object_does_not_pay_for_two_bookings(db: Db, booking: Row, column: str) -> None:
    a_payment(db, booking, payment_method="card", **{column: "stripe_1"})
    other = a_booking(db, a_schedule(db))
    with refused("payment_transactions_settled_once"):
        a_payment(db, other, payment_method="card", **{column: "stripe_1"})


def test_one_intent_pays_for_every_booking_of_one_order_and_of_no_other(db: Db) -> None:
    first, second, third = (an_order_of(db, seats) for seats in (2, 1, 1))
    for booking in first:
        a_payment(db, booking, payment_method="card", stripe_payment_intent_id="pi_1")
    for booking in (*second, *third):
        with refused("payment_transactions_settled_once"):
            a_payment(db, booking, payment_method="card", stripe_payment_intent_id="pi_1")


@pytest.mark.parametrize("change", ["delete from {}", "update {} set settles = 'booking 1'", "truncate {}"])
def test_what_a_stripe_object_settled_is_not_forgotten(db: Db, booking: Row, change: str) -> None:
    a_payment(db, booking, payment_method="card", stripe_payment_intent_id="pi_1")
    with refused("append_only" if change.startswith("update") else "never_deleted"):
        db.execute(change.format("settled_stripe_objects"))


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("amount_positive", {"amount": 0}),
        ("amount_positive", {"amount": "-5.00"}),
        ("amount_positive", {"amount": "NaN"}),
        ("in_pounds", {"currency": "USD"}),
        ("in_pounds", {"currency": "gbp"}),
        ("defaults_present", {"currency": None}),
        ("status_check", {"status": "partly"}),
    ],
    ids=str,
)
def test_a_nonsense_transaction_is_refused(db: Db, booking: Row, rule: str, columns: dict[str, Any]) -> None:
    with refused(f"payment_transactions_{rule}"):
        a_payment(db, booking, **columns)


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("amount_not_negative", {"payment_amount": "-0.01"}),
        ("amount_not_negative", {"payment_amount": "NaN"}),
        ("discount_not_negative", {"discount_applied": "-0.01"}),
        ("discount_not_negative", {"discount_applied": "NaN"}),
        ("defaults_present", {"status": None}),
        ("defaults_present", {"payment_status": None}),
        ("defaults_present", {"discount_applied": None}),
    ],
    ids=str,
)
def test_a_booking_at_a_nonsense_price_is_refused(db: Db, rule: str, columns: dict[str, Any]) -> None:
    with refused(f"bookings_{rule}"):
        a_booking(db, a_schedule(db), **columns)


def an_order_of(db: Db, seats: int) -> list[Row]:
    schedule, booker = (
        a_schedule(db),
        amina(db, email=f"{db.info.backend_pid}-{seats}-{db.execute('select count(*) as n from orders').fetchone()}"),
    )
    order = insert(
        db, "orders", reference=f"ORD-{schedule['id']}", access_token_hash=b"", user_id=booker["id"],
        course_schedule_id=schedule["id"], booker_name="Amina Khan", booker_email=booker["email"], payment_method="card",
        seats=seats, total=75 * seats, vat=0, terms_version="1", policy_version="1",
    )  # fmt: skip
    bookings = [a_booking(db, schedule, user=booker) for _ in range(seats)]
    for position, booking in enumerate(bookings, 1):
        insert(db, "order_bookings", booking_id=booking["id"], order_id=order["id"], position=position)
    return bookings
