"""Bookings over the API for the office: found, paid for at the counter, confirmed, completed, certified."""

from typing import Any

import pytest

from tests.builders import (
    Db,
    Row,
    a_booking,
    a_payment,
    a_schedule,
    completed_booking,
    confirmed_booking,
    move_schedule_to_past,
    reload,
    update,
)
from tests.cast import amina, ben, dev
from tests.features.api import Api, everything, problem, refused_fields

ROW = {
    "reference", "status", "payment_status", "payment_amount", "discount_applied", "attendee", "certificate_issued", "order",
    "schedule_id", "course", "customer", "reserved", "discount_code", "confirmation_sent",
}  # fmt: skip


async def found(till: Api, **query: Any) -> list[str]:
    """The references that a search gives."""
    answer = await till.get("/admin/bookings", params=query)
    assert answer.status_code == 200, answer.text
    return [booking["reference"] for booking in answer.json()["items"]]


async def act(till: Api, booking: Row, name: str) -> Any:
    return await till.post(f"/admin/bookings/{booking['booking_reference']}/{name}")


async def test_bookings_are_found_by_status_payment_reference_and_person(till: Api, db: Db) -> None:
    waiting = a_booking(db, a_schedule(db), user=amina(db))["booking_reference"]
    paid = confirmed_booking(db, a_schedule(db), user=dev(db))["booking_reference"]
    assert await found(till) == [paid, waiting]
    assert await found(till, status="pending") == await found(till, payment_status="pending") == [waiting]
    assert (
        await found(till, search=waiting.lower())
        == await found(till, search="AMINA@")
        == await found(till, search="kha")
        == [waiting]
    )
    assert await found(till, search="dev@", status="confirmed") == [paid]
    for nobody in ("%", "_", "\\", "mina", "' or 1=1 --", "\U0001f600", "x" * 2000):
        assert await found(till, search=nobody) == [], nobody


async def test_bookings_are_read_in_pages_newest_first(till: Api, db: Db) -> None:
    schedule = a_schedule(db)
    made = [a_booking(db, schedule)["booking_reference"] for _ in range(5)]
    first = (await till.get("/admin/bookings", params={"limit": 3})).json()
    rest = (await till.get("/admin/bookings", params={"limit": 3, "cursor": first["next"]})).json()
    assert [row["reference"] for row in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None
    assert set(first["items"][0]) == ROW


async def test_a_filter_that_cannot_be_meant_is_refused(till: Api) -> None:
    for field, values in {
        "status": ["paid", "", "PENDING"], "payment_status": ["confirmed", ""], "limit": ["0", "101", "x"],
        "cursor": ["x", "-1", str(2**31), "9" * 400],
    }.items():  # fmt: skip
        for value in values:
            assert refused_fields(await till.get("/admin/bookings", params={field: value})) == {field}, value


@pytest.mark.parametrize("act", ["", "/confirm", "/complete", "/no-show", "/certificate"])
async def test_a_booking_that_is_none(till: Api, db: Db, act: str) -> None:
    a_booking(db, a_schedule(db))
    before = everything(db)
    for reference in ("1", "RFT-0", "9" * 400, "%25", "' or 1=1 --", "%F0%9F%98%80", "%ED%A0%80"):
        answer = await till.request("POST" if act else "GET", f"/admin/bookings/{reference}{act}")
        assert problem(answer) == (404, "booking_not_found"), reference
    assert everything(db) == before


async def test_an_order_paid_at_the_counter_is_confirmed_and_in_the_ledger(till: Api, db: Db) -> None:
    order = (await till.order(a_schedule(db), seats=2)).json()
    path = f"/admin/orders/{order['reference']}/payments"
    answer = await till.post(path, json={"method": "bank_transfer", "note": "Statement of 3 March"})
    assert (answer.status_code, answer.json()["status"], answer.json()["paid"]) == (201, "confirmed", "150.00")
    rows = db.execute("select amount::text, payment_method, status from payment_transactions").fetchall()
    assert rows == [{"amount": "75.00", "payment_method": "bank_transfer", "status": "succeeded"}] * 2
    assert problem(await till.post(path, json={"method": "cash"})) == (404, "nothing_to_pay")


async def test_money_at_the_counter_that_cannot_be(till: Api, db: Db) -> None:
    order = (await till.order(a_schedule(db))).json()
    path = f"/admin/orders/{order['reference']}/payments"
    before = everything(db)
    for body, field in (
        ({"method": "card"}, "method"), ({"method": "iou"}, "method"), ({}, "method"), ({"method": None}, "method"),
        ({"method": "cash", "amount": "0.00"}, "amount"), ({"method": "cash", "amount": 1.5}, "amount"),
        ({"method": "cash", "note": "x" * 201}, "note"),
        ({"method": "cash", "note": "a\u202eb"}, "note"), ({"method": "cash", "recorded_by": 1}, "recorded_by"),
    ):  # fmt: skip
        assert refused_fields(await till.post(path, json=body)) == {field}, body
    for nobody in ("ORD-0", "1", "9" * 400):
        assert problem(await till.post(f"/admin/orders/{nobody}/payments", json={"method": "cash"})) == (
            404,
            "order_not_found",
        )
    assert everything(db) == before


async def test_a_paid_booking_is_confirmed_once(till: Api, db: Db) -> None:
    booking = a_booking(db, a_schedule(db))
    a_payment(db, booking)
    assert (await act(till, booking, "confirm")).json()["status"] == "confirmed"
    assert problem(await act(till, booking, "confirm")) == (409, "bookings_status_transition")
    log = db.execute("select action, entity_id from admin_activity_logs").fetchall()
    assert log == [{"action": "booking.confirm", "entity_id": booking["id"]}]


@pytest.mark.parametrize("status", ["pending", "cancelled"])
async def test_what_was_never_confirmed_is_neither_attended_nor_missed(till: Api, db: Db, status: str) -> None:
    schedule = a_schedule(db)
    booking = a_booking(db, schedule)
    move_schedule_to_past(db, schedule)
    update(db, "bookings", booking, status=status)
    for name in ("complete", "no-show"):
        assert problem(await act(till, booking, name)) == (409, "bookings_status_transition")
    assert problem(await act(till, booking, "certificate")) == (409, "bookings_certificate_after_completion")


async def test_nobody_has_missed_a_course_that_has_not_begun(till: Api, db: Db) -> None:
    booking = confirmed_booking(db, a_schedule(db))
    assert problem(await act(till, booking, "no-show")) == (409, "bookings_status_transition")


async def test_attended_or_missed_can_be_put_right_until_the_certificate_is_out(till: Api, db: Db) -> None:
    booking = completed_booking(db, a_schedule(db, instructor_id=ben(db)["id"]), user=amina(db))
    assert (await act(till, booking, "no-show")).json()["status"] == "no_show"
    assert problem(await act(till, booking, "certificate")) == (409, "bookings_certificate_after_completion")
    assert (await act(till, booking, "complete")).json()["status"] == "completed"
    assert (await act(till, booking, "certificate")).json()["certificate_issued"] is True
    assert problem(await act(till, booking, "no-show")) == (409, "bookings_status_transition")


async def test_a_certificate_is_issued_once_on_londons_day(till: Api, db: Db) -> None:
    booking = completed_booking(db, a_schedule(db, instructor_id=ben(db)["id"]), user=amina(db))
    await act(till, booking, "certificate")
    before = everything(db)
    assert (await act(till, booking, "certificate")).status_code == 200
    assert everything(db) == before
    today = db.execute("select (now() at time zone 'Europe/London')::date as today").fetchone()
    assert today
    assert reload(db, "bookings", booking)["certificate_issued_date"] == today["today"]
