"""Orders over the API: what is answered, what it costs, and how an order is looked at, given back and forgotten."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI

from rft.kit.clock import utc_now
from rft.payments.jobs import expire_due_holds
from tests.builders import Db, a_booking, a_course, a_discount_code, a_schedule, reload
from tests.cast import amina
from tests.features.api import AMINA, Api, a_booker, bearer, problem

ORDER = {"reference", "status", "total", "currency", "hold_expires_at", "payment_url", "access_token", "bookings"}
SHOWN = {
    "price",
    "reference", "status", "total", "paid", "vat", "currency", "payment_method", "purchase_order", "hold_expires_at",
    "schedule", "bookings", "invoices",
}  # fmt: skip
SEAT = {
    "reference", "status", "payment_status", "payment_amount", "discount_applied", "attendee", "certificate_issued",
}  # fmt: skip


async def test_an_order_by_card_holds_its_seats_until_it_is_paid(api: Api, db: Db) -> None:
    schedule = a_schedule(db, seats=4)
    answer = await api.order(schedule, seats=3)
    order = answer.json()
    assert answer.status_code == 201
    assert set(order) == ORDER
    assert (order["status"], order["total"], len(order["bookings"])) == ("pending", "225.00", 3)
    assert {(seat["status"], seat["payment_status"]) for seat in order["bookings"]} == {("pending", "pending")}
    assert (
        order["payment_url"] == f"http://rft.test/orders/{order['reference']}/pay?access_token={order['access_token']}"
    )
    assert datetime.fromisoformat(order["hold_expires_at"]).utcoffset() is not None
    assert (await api.get(f"/schedules/{schedule['id']}")).json()["seats_left"] == 1


@pytest.mark.parametrize("reference", ["ORD", "RFT"])
async def test_references_cannot_be_guessed(api: Api, db: Db, reference: str) -> None:
    schedule = a_schedule(db)
    orders = [(await api.order(schedule)).json() for _ in range(3)]
    found = [order["reference"] if reference == "ORD" else order["bookings"][0]["reference"] for order in orders]
    assert all(one.startswith(f"{reference}-") and len(one) == 20 for one in found)
    assert len({one[4:8] for one in found}) == 3


async def test_an_order_is_found_with_its_own_token_and_by_the_office(till: Api, db: Db) -> None:
    order = (await till.order(a_schedule(db), attendees=[{"first_name": "Dev", "last_name": "Shah"}])).json()
    path, token = f"/orders/{order['reference']}", order["access_token"]
    by_office, by_header = await till.get(path), await till.get(path, headers=bearer(token))
    by_query = await till.get(path, params={"access_token": token}, headers=bearer("nobody's"))
    assert by_office.json() == by_query.json() == by_header.json()
    assert set(by_query.json()) == SHOWN
    assert set(by_query.json()["bookings"][0]) == SEAT
    assert by_query.json()["bookings"][0]["attendee"] == "Dev Shah"


async def test_somebody_elses_order_is_as_unknown_as_none(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    order, other = (await api.order(schedule)).json(), (await api.order(schedule)).json()
    paths = [
        f"/orders/{order['reference']}",
        f"/orders/ORD-{'0' * 16}",
        "/orders/1",
        f"/orders/{'9' * 400}",
        "/orders/%F0%9F%92%A9",
    ]
    for method in ("GET", "POST"):
        for headers in ({}, bearer(other["access_token"]), bearer("'; drop table orders")):
            suffix = "/cancel" if method == "POST" else ""
            answers = [await api.request(method, path + suffix, headers=headers) for path in paths]
            assert {answer.text for answer in answers} == {answers[0].text}
            assert problem(answers[0]) == (404, "order_not_found")


async def test_an_order_given_back_frees_its_seats_and_its_uses_of_the_code(api: Api, db: Db) -> None:
    schedule, code = a_schedule(db, seats=2), a_discount_code(db, usage_limit=2)
    order = (await api.order(schedule, seats=2, discount_code=code["code"])).json()
    assert reload(db, "discount_codes", code)["times_used"] == 2
    path, headers = f"/orders/{order['reference']}/cancel", bearer(order["access_token"])
    answer = await api.post(path, headers=headers)
    assert (answer.status_code, answer.json()["status"], answer.json()["refund"]) == (200, "cancelled", "0.00")
    assert reload(db, "course_schedules", schedule)["status"] == "published"
    assert reload(db, "course_schedules", schedule)["current_capacity"] == 0
    assert reload(db, "discount_codes", code)["times_used"] == 0
    assert problem(await api.post(path, headers=headers)) == (409, "bookings_status_transition")


async def test_a_hold_that_is_over_gives_seats_and_uses_back(app: FastAPI, api: Api, db: Db) -> None:
    schedule, code = a_schedule(db, seats=2), a_discount_code(db, usage_limit=1)
    order = (await api.order(schedule, discount_code=code["code"])).json()
    paid_later = (await api.order(schedule, payment_method="invoice", purchase_order="PO 7")).json()
    assert problem(await api.order(schedule)) == (409, "bookings_within_capacity")
    state, much_later = app.state, utc_now() + timedelta(minutes=31)
    assert await expire_due_holds(state.database, state.gateway, now=utc_now(), hold_minutes=30) == 0
    assert await expire_due_holds(state.database, state.gateway, now=much_later, hold_minutes=30) == 1
    states = [
        (await api.get(f"/orders/{one['reference']}", headers=bearer(one["access_token"]))).json()["status"]
        for one in (order, paid_later)
    ]
    assert states == ["cancelled", "pending"]
    assert reload(db, "discount_codes", code)["times_used"] == 0
    assert (await api.order(schedule, discount_code=code["code"])).status_code == 201


async def test_an_order_on_a_purchase_order_waits_for_the_office_without_the_cards_clock(api: Api, db: Db) -> None:
    order = (await api.order(a_schedule(db), payment_method="invoice", purchase_order="PO 7")).json()
    assert (order["status"], order["hold_expires_at"], order["payment_url"]) == ("pending", None, None)
    assert db.execute("select task_name from jobs.procrastinate_jobs").fetchall() == [
        {"task_name": "notifications.send_order_requested"}
    ]


async def test_a_code_that_takes_everything_off_confirms_without_stripe(api: Api, db: Db) -> None:
    code = a_discount_code(db, discount_value=100)
    order = (await api.order(a_schedule(db), seats=2, discount_code=code["code"])).json()
    assert (order["status"], order["total"], order["payment_url"]) == ("confirmed", "0.00", None)
    assert {seat["payment_status"] for seat in order["bookings"]} == {"paid"}
    assert reload(db, "discount_codes", code)["times_used"] == 2
    assert db.execute("select from payment_transactions").fetchall() == []
    assert db.execute("select task_name from jobs.procrastinate_jobs").fetchall() == [
        {"task_name": "invoices.issue_invoice"},
        {"task_name": "notifications.send_order_confirmation"},
    ]


@pytest.mark.parametrize(
    ("left", "status"), [("0.01", 422), ("0.20", 422), ("0.29", 422), ("0.30", 201), ("0.00", 201)]
)
async def test_what_a_code_leaves_is_nothing_or_enough_for_a_card(api: Api, db: Db, left: str, status: int) -> None:
    code = a_discount_code(db, discount_type="fixed", discount_value=Decimal("75.00") - Decimal(left))
    schedule = a_schedule(db)
    answer = await api.order(schedule, discount_code=code["code"])
    assert answer.status_code == status
    if status == 422:
        assert problem(answer) == (422, "card_payment_too_small")
        assert answer.json()["errors"]["discount_code"].startswith(f"The discount leaves £{left} to pay;")
        assert reload(db, "course_schedules", schedule)["current_capacity"] == 0


@pytest.mark.parametrize(
    ("price", "terms", "seats", "total"),
    [
        ("74.99", {"discount_value": Decimal("33.33")}, 1, "50.00"),
        ("74.99", {"discount_value": Decimal("33.33")}, 3, "150.00"),
        ("0.05", {"discount_value": 50, "discount_type": "percentage"}, 12, "0.24"),
        ("75.00", {"discount_value": 100, "discount_type": "fixed"}, 2, "0.00"),
        ("100.00", {"discount_value": 5}, 5, "450.00"),
        ("100.00", {"discount_value": 20}, 5, "400.00"),
    ],
)  # fmt: skip
async def test_the_quote_is_what_is_charged(
    api: Api, db: Db, price: str, terms: dict[str, Any], seats: int, total: str
) -> None:
    code, schedule = a_discount_code(db, **terms), a_schedule(db, course=a_course(db, price=Decimal(price)))
    asked = {"schedule_id": schedule["id"], "seats": seats, "discount_code": code["code"].lower()}
    quote = (await api.post("/quotes", json=asked)).json()
    method = {"payment_method": "invoice", "purchase_order": "PO 7"}
    order = await api.order(schedule, seats=seats, discount_code=code["code"], **method)
    assert quote["total"] == order.json()["total"] == total
    assert sum(Decimal(line["amount"]) for line in quote["lines"]) == Decimal(total)


async def test_nobody_holds_more_than_five_unpaid_orders(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    for _ in range(5):
        assert (await api.order(schedule)).status_code == 201
    answer = await api.order(schedule, booker=AMINA | {"email": "Amina@Example.com"})
    assert problem(answer) == (429, "unpaid_orders")
    assert reload(db, "course_schedules", schedule)["current_capacity"] == 5
    assert (await api.order(schedule, booker=a_booker("Dev"))).status_code == 201


async def test_a_guest_finds_the_account_of_the_address_and_changes_nothing_in_it(api: Api, db: Db) -> None:
    account = amina(db, email="Amina@Example.com", password_hash="$argon2id$kept")
    order = (await api.order(a_schedule(db), booker=AMINA | {"first_name": "Mallory", "phone": "07700 900123"})).json()
    assert reload(db, "users", account) == account
    assert db.execute("select user_id from orders where reference = %(reference)s", order).fetchall() == [
        {"user_id": account["id"]}
    ]


async def test_one_person_has_one_seat_on_a_date(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    dev = [{"first_name": "Dev", "last_name": "Shah", "email": "dev@example.com"}]
    assert (await api.order(schedule, attendees=dev)).status_code == 201
    again = [dev[0] | {"email": "DEV@example.com"}]
    assert problem(await api.order(schedule, attendees=again)) == (409, "attendees_one_live_seat")
    assert reload(db, "course_schedules", schedule)["current_capacity"] == 1
    assert (await api.order(a_schedule(db), attendees=again)).status_code == 201


async def test_all_seats_or_none(api: Api, db: Db) -> None:
    schedule = a_schedule(db, seats=3)
    a_booking(db, schedule)
    assert problem(await api.order(schedule, seats=3)) == (409, "bookings_within_capacity")
    assert len(db.execute("select from bookings").fetchall()) == 1
    assert (await api.order(schedule, seats=2)).status_code == 201
    assert reload(db, "course_schedules", schedule)["status"] == "full"
