"""Booking on the telephone: found, booked, paid in four ways, once, and never beyond the last seat."""

import re
from typing import Any

import pytest

from rft.database.pool import Database
from rft.notifications.jobs import send_payment_link
from tests.builders import Db, Row, a_booking, a_discount_code, a_schedule, reload
from tests.cast import amina, dev
from tests.features.browser import Browser
from tests.features.mailing import context, one, rows, see_jobs

CALLER = {"first_name": "Amina", "last_name": "Khan", "email": "amina@example.com", "phone": "01483 900100"}


@pytest.fixture(autouse=True)
def _jobs(db: Db) -> None:
    see_jobs(db)


async def takes(office: Browser, schedule: Row, way: str, **fields: str) -> Any:
    """Carol fills in the form and sends it."""
    page = f"/office/bookings/new/{schedule['id']}"
    key = re.search(r'name="form_key" value="([^"]+)"', (await office.get(page)).text)
    assert key
    sent = {"places": "1", "way": way, "form_key": key[1], **CALLER, **fields}
    return await office.send_form(page, page=page, **sent)


def the_order(db: Db) -> Row:
    return one(
        db,
        "select placed.*, source.source from orders as placed join order_sources as source on source.order_id = placed.id",
    )


def states(db: Db) -> list[str]:
    return [row["status"] for row in rows(db, "select status from bookings order by id")]


async def test_by_link_the_places_are_held_for_a_day_and_a_mail_goes_out(
    db: Db, office: Browser, database: Database
) -> None:
    schedule = a_schedule(db)
    answer = await takes(office, schedule, "link", places="2", coming="yes", names="Bilal Khan")
    order = the_order(db)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/office/orders/{order['reference']}")
    assert (order["source"], states(db)) == ("phone", ["pending", "pending"])
    assert [row["first_name"] for row in rows(db, "select first_name from attendees order by booking_id")] == [
        "Amina",
        "Bilal",
    ]
    await send_payment_link(context(database), order_id=order["id"])
    mail = one(db, "select subject, text_body from outbox_mails")
    assert f"/orders/{order['reference']}" in mail["text_body"]
    assert "as agreed on the telephone we hold your places until" in mail["text_body"]
    page = (await office.get(answer.headers["location"])).text
    assert "Taken on the telephone" in page


@pytest.mark.parametrize("way", ["cash", "card_terminal"])
async def test_money_taken_now_confirms_at_once(way: str, db: Db, office: Browser) -> None:
    await takes(office, a_schedule(db), way, note="Receipt 12")
    assert states(db) == ["confirmed"]
    entry = one(db, "select payment_method, amount, metadata from payment_transactions")
    assert (entry["payment_method"], str(entry["amount"]), entry["metadata"]["note"]) == (way, "75.00", "Receipt 12")
    assert one(db, "select action from admin_activity_logs where entity_type = 'order'")["action"] == "order.take"


async def test_a_purchase_order_within_the_credit_is_accepted(db: Db, office: Browser) -> None:
    organisation = one(
        db,
        "insert into organisations (reference, name, is_approved_for_invoice, credit_limit)"
        " values ('ORG-1', 'Surrey Hills School', true, 1000) returning *",
    )
    await takes(office, a_schedule(db), "invoice", organisation_id=str(organisation["id"]), purchase_order="PO-7")
    assert one(db, "select state from order_approvals")["state"] == "accepted"
    assert (the_order(db)["organisation_name"], states(db)) == ("Surrey Hills School", ["pending"])


async def test_the_last_seat_is_not_sold_twice(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, seats=2)
    a_booking(db, schedule)
    answer = await takes(office, schedule, "cash", places="2", names="Bilal Khan")
    assert (answer.status_code, "Only 1 seat is left" in answer.text, "Bilal Khan" in answer.text) == (409, True, True)
    assert reload(db, "course_schedules", schedule)["current_capacity"] == 1
    assert rows(db, "select from payment_transactions") == []


async def test_the_same_form_sent_twice_books_and_takes_money_once(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    first = await takes(office, schedule, "cash", form_key="one-form")
    second = await takes(office, schedule, "cash", form_key="one-form")
    assert first.headers["location"] == second.headers["location"]
    assert len(rows(db, "select from payment_transactions")) == 1


async def test_a_code_is_taken_off(db: Db, office: Browser) -> None:
    code = a_discount_code(db)
    await takes(office, a_schedule(db), "cash", discount_code=code["code"].lower())
    assert str(the_order(db)["total"]) == "67.50"


@pytest.mark.parametrize("said", ["amina@", "khan", "Amina K", "+44 1483 900100", "01483900100"])
async def test_a_caller_is_found_by_what_they_say(said: str, db: Db, office: Browser) -> None:
    known = amina(db, phone="01483 900100")
    dev(db)
    schedule = a_schedule(db)
    page = (await office.get(f"/office/bookings/new/{schedule['id']}", params={"q": said})).text
    assert f"?person={known['id']}" in page
    assert "dev@example.com" not in page
    chosen = (await office.get(f"/office/bookings/new/{schedule['id']}?person={known['id']}")).text
    assert 'value="amina@example.com"' in chosen


@pytest.mark.parametrize(
    ("field", "value"), [("email", ""), ("places", "13"), ("names", "Bilal"), ("purchase_order", ""), ("way", "")]
)
async def test_what_is_missing_is_said_beside_its_field(field: str, value: str, db: Db, office: Browser) -> None:
    answer = await takes(office, a_schedule(db), **{"way": "invoice", "purchase_order": "PO-7", field: value})
    assert (answer.status_code, f'id="field-{field}-error"' in answer.text) == (422, True)
    assert rows(db, "select from orders") == []


async def test_dates_to_choose_from_are_narrowed_and_full_ones_lead_to_the_waiting_list(
    db: Db, office: Browser
) -> None:
    free, full = a_schedule(db), a_schedule(db, seats=1)
    a_booking(db, full)
    page = (await office.get("/office/bookings/new")).text
    assert f"/office/bookings/new/{free['id']}" in page
    assert f"/office/schedules/{full['id']}/waiting" in page
    other = (await office.get("/office/bookings/new", params={"course": str(full["course_id"])})).text
    assert f"/office/bookings/new/{free['id']}" not in other
