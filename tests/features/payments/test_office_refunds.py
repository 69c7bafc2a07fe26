"""The office and money that goes back: owed with a reason, given back by hand, withdrawn, and seen on Today until it is done."""

import asyncio
import re
from decimal import Decimal

from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.operations.today import list_work
from tests.builders import Db, Row, a_schedule, update
from tests.features.api import Api, problem, refused_fields
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows


def a_cancelled_seat(db: Db) -> Row:
    """Paid by bank transfer, £75.00."""
    [booking] = an_order(db)["bookings"]
    return update(db, "bookings", booking, status="cancelled")


async def test_a_refund_by_hand_from_the_form_to_the_ledger(office: Browser, db: Db, database: Database) -> None:
    booking = a_cancelled_seat(db)
    page = f"/office/bookings/{booking['booking_reference']}/refund"
    assert "£75.00 is here and not owed yet" in (await office.get(page)).text
    wrong = await office.send_form(page, page=page, amount="80", reason="")
    assert (wrong.status_code, "Choose a reason." in wrong.text, 'value="80"' in wrong.text) == (422, True, True)
    too_much = await office.send_form(page, page=page, amount="80", reason="goodwill")
    assert (too_much.status_code, "Only £75.00 can go back." in too_much.text) == (409, True)
    sent = await office.send_form(page, page=page, amount="56.25", reason="cancelled_by_customer", note="By telephone")
    refund = sent.headers["location"]
    async with database.connection() as connection:
        (item,) = (await list_work(connection, utc_now())).shown
    assert (item.text, item.href) == ("£56.25 goes back to Amina Khan by hand", refund)
    assert "Amina Khan" in (await office.get("/office/refunds")).text
    await office.send_form(f"{refund}/returned", page=refund, method="cheque", note="No. 12")
    assert one(db, "select amount, payment_method from payment_transactions where status = 'refunded'") == {
        "amount": Decimal("56.25"), "payment_method": "cheque",
    }  # fmt: skip
    assert "Nothing waits" in (await office.get("/office/refunds")).text
    acts = rows(db, "select action from admin_activity_logs where entity_type = 'booking' order by id")
    assert [act["action"] for act in acts] == ["refund.owe", "refund.return"]


async def test_a_refund_withdrawn_says_why_and_cannot_be_given_back(office: Browser, db: Db) -> None:
    booking = a_cancelled_seat(db)
    page = f"/office/bookings/{booking['booking_reference']}/refund"
    sent = await office.send_form(page, page=page, amount="75", reason="goodwill")
    refund = sent.headers["location"]
    assert "Say why." in (await office.send_form(f"{refund}/withdraw", page=refund, why=" ")).text
    await office.send_form(f"{refund}/withdraw", page=refund, why="She moved instead.")
    assert "She moved instead." in (await office.get(refund)).text
    again = await office.send_form(f"{refund}/returned", page="/office/outbox", method="cash")
    assert again.status_code == 409


async def test_a_program_of_the_office_asks_for_a_refund(till: Api, db: Db) -> None:
    booking = a_cancelled_seat(db)
    path = f"/admin/bookings/{booking['booking_reference']}/refund"
    answer = await till.post(path, json={"amount": "10.00", "reason": "goodwill", "note": "Cold room"})
    [refund] = answer.json()["refunds"]
    assert (answer.status_code, refund["amount"], refund["method"], refund["state"]) == (
        201,
        "10.00",
        "bank_transfer",
        "due",
    )
    assert problem(await till.post(path, json={"amount": "65.01", "reason": "goodwill"})) == (
        409,
        "refunds_within_captured",
    )
    assert refused_fields(await till.post(path, json={"amount": "0.00", "reason": "dispute"})) == {"amount", "reason"}


async def test_half_a_transfer_confirms_the_seats_it_covers(till: Api, db: Db) -> None:
    order = (await till.order(a_schedule(db), seats=3)).json()
    path = f"/admin/orders/{order['reference']}/payments"
    await till.post(path, json={"method": "bank_transfer", "amount": "100.00"})
    states = "select booking.status from bookings as booking join order_bookings as seat on seat.booking_id = booking.id order by position"
    assert [row["status"] for row in rows(db, states)] == ["confirmed", "pending", "pending"]
    assert one(db, "select payment_method, hold_expires_at from orders") == {
        "payment_method": "invoice",
        "hold_expires_at": None,
    }
    assert refused_fields(await till.post(path, json={"method": "cash", "amount": "125.01"})) == {"amount"}
    await till.post(path, json={"method": "cash"})
    assert [row["status"] for row in rows(db, states)] == ["confirmed"] * 3
    amounts = rows(db, "select amount from payment_transactions order by id")
    assert [row["amount"] for row in amounts] == [Decimal("75"), Decimal("25"), Decimal("50"), Decimal("75")]


async def test_a_form_about_money_that_is_sent_ten_times_counts_once(office: Browser, db: Db) -> None:
    booking, order = a_cancelled_seat(db), an_order(db, payment_method="invoice", confirmed=False)
    for page, path, form in (
        (f"/office/bookings/{booking['booking_reference']}/refund", "", {"amount": "20", "reason": "goodwill"}),
        (f"/office/orders/{order['reference']}", "/payments", {"amount": "20", "method": "cash"}),
    ):
        shown = (await office.get(page)).text
        hidden = dict(re.findall(r'name="(csrf_token|form_key)" value="([^"]+)"', shown))
        answers = await asyncio.gather(*[office.post(f"{page}{path}", data={**hidden, **form}) for _ in range(10)])
        assert {answer.status_code for answer in answers} == {303}
        other = await office.post(f"{page}{path}", data={**hidden, **form, "amount": "5"})
        assert (other.status_code, "Send it once more if this is wanted too." in other.text) == (422, True)
    assert [str(row["amount"]) for row in rows(db, "select amount from refunds")] == ["20.00"]
    cash = rows(db, "select amount from payment_transactions where payment_method = 'cash'")
    assert [str(row["amount"]) for row in cash] == ["20.00"]


async def test_money_asked_for_over_the_api_under_one_key_moves_once(till: Api, db: Db) -> None:
    booking, order = a_cancelled_seat(db), an_order(db, payment_method="invoice", confirmed=False)
    for path, body in (
        (f"/admin/bookings/{booking['booking_reference']}/refund", {"amount": "20.00", "reason": "goodwill"}),
        (f"/admin/orders/{order['reference']}/payments", {"amount": "20.00", "method": "cash"}),
    ):
        first, again = [await till.post(path, json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
        assert (first.status_code, first.content) == (201, again.content)
        other = await till.post(path, json={**body, "amount": "5.00"}, headers={"Idempotency-Key": "one"})
        assert problem(other) == (422, "key_reused")
    assert one(db, "select count(*) from refunds") == {"count": 1}
    assert one(db, "select count(*) from payment_transactions where payment_method = 'cash'") == {"count": 1}
