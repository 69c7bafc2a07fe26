"""The office's pages about money: the ledger, what differs from Stripe, every penny of an order."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

from rft.kit.clock import london_today, utc_now
from tests.builders import Db, Row, a_payment, a_user, confirmed_booking, insert, reload, update
from tests.features.browser import Browser
from tests.features.mailing import an_order, rows, see_jobs
from tests.features.owing import owing

INTENT = "pi_3Amina"


def paid_by_card(db: Db, **columns: Any) -> Row:
    """Amina's order of two places, paid by card."""
    order = an_order(db, people=("Amina Khan", "Dev Shah"), confirmed=False, **columns)
    with db.transaction():
        for booking in order["bookings"]:
            a_payment(db, booking, payment_method="card", stripe_payment_intent_id=INTENT, stripe_charge_id="ch_3Amina")
            update(db, "bookings", booking, status="confirmed", payment_status="paid")
    return order


def at_stripe(db: Db, **columns: Any) -> None:
    """The same payment in the copy of Stripe's balance, paid out."""
    moment = utc_now()
    values = {
        "stripe_id": "txn_1", "kind": "charge", "amount": 150, "fee": Decimal("2.45"), "net": Decimal("147.55"),
        "source_id": "ch_3Amina", "payment_intent_id": INTENT, "available_on": moment, "created_at": moment,
    }  # fmt: skip
    copied = "insert into stripe_balance_transactions ({}) values ({})"
    values |= columns
    db.execute(copied.format(", ".join(values), ", ".join(f"%({name})s" for name in values)).encode(), values)
    db.execute("insert into stripe_payouts values ('po_1', 147.55, 'in_transit', '2031-01-03', localtimestamp)")
    db.execute("insert into stripe_payout_parts values ('txn_1', 'po_1')")


def a_difference(db: Db, **columns: Any) -> Row:
    now = utc_now()
    seen = {"first_seen_at": now, "last_seen_at": now}
    defaults = {"object": "charge", "stripe_id": INTENT, "at_stripe": None, "in_ledger": 75, **seen}
    return insert(db, "reconciliation_differences", **{**defaults, **columns})


def a_run(db: Db, *, differences: int = 0) -> Row:
    now = utc_now()
    nothing = dict.fromkeys(("returned_at_stripe", "returned_in_ledger", "paid_out", "paid_out_parts"), 0)
    return insert(
        db, "reconciliation_runs", day=now.date(), since="2026-01-01", until=now, ran_at=now, compared=214,
        received_at_stripe=300, received_in_ledger=300, **nothing, differences=differences, differing=75 * differences,
        state="differs" if differences else "agrees",
    )  # fmt: skip


async def shown(office: Browser, path: str, **filters: str) -> str:
    answer = await office.get(path, params=filters)
    assert answer.status_code == 200
    return answer.text


async def test_a_payment_is_found_by_order_booking_or_stripes_id(db: Db, office: Browser) -> None:
    order = paid_by_card(db)
    confirmed_booking(db, reload(db, "course_schedules", {"id": order["course_schedule_id"]}))
    for q in (order["reference"].lower(), order["bookings"][0]["booking_reference"], INTENT, "ch_3Amina"):
        page = await shown(office, "/office/payments", q=q)
        assert order["bookings"][0]["booking_reference"] in page
        assert "Bank transfer<" not in page.partition("<tbody")[2]


async def test_what_is_filtered_is_also_summed(db: Db, office: Browser) -> None:
    order = paid_by_card(db)
    confirmed_booking(db, reload(db, "course_schedules", {"id": order["course_schedule_id"]}))
    with db.transaction():
        a_payment(db, order["bookings"][0], payment_method="card", status="refunded", stripe_payment_intent_id=INTENT)
        update(db, "bookings", order["bookings"][0], status="cancelled", payment_status="refunded")
    page = await shown(office, "/office/payments", method="card")
    assert "£150.00" in page
    assert "3 rows in all" in page
    assert "1 row in all" in await shown(office, "/office/payments", status="refunded")
    assert "No payment matches" in await shown(office, "/office/payments", **{"from": "2019-01-01", "to": "2019-12-31"})
    assert (await office.get("/office/payments", params={"from": "yesterday"})).status_code == 422


async def test_the_export_keeps_sums_apart_and_runs_no_formula(db: Db, office: Browser) -> None:
    order = paid_by_card(db, booker_name="=HYPERLINK(1)")
    answer = await office.get("/office/payments/export.csv", params={"q": order["reference"]})
    first, second = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert first["Customer"] == "'=HYPERLINK(1)"
    assert (second["Received"], second["Returned"], second["Payment"]) == ("75.00", "", INTENT)


async def test_no_difference_is_said_with_what_was_compared(db: Db, office: Browser) -> None:
    assert "Nothing has been compared yet" in await shown(office, "/office/reconciliation")
    a_run(db)
    page = await shown(office, "/office/reconciliation")
    assert "£0.00 of difference" in page
    assert "214 payments, refunds and payouts" in page


async def test_what_differs_leads_to_its_order_and_is_explained(db: Db, office: Browser, admin: Row) -> None:
    order = an_order(db)
    difference = a_difference(db, booking_id=order["bookings"][0]["id"])
    a_run(db, differences=1)
    page = await shown(office, "/office/reconciliation")
    assert f"/office/orders/{order['reference']}" in page
    address = f"/office/reconciliation/{difference['id']}"
    assert "Say why the two sides differ." in (await office.send_form(address, page=address, note=" ")).text
    assert (await office.send_form(address, page=address, note="Taken by the old shop")).status_code == 303
    assert reload(db, "reconciliation_differences", difference)["resolved_by"] == admin["id"]
    assert "Taken by the old shop" in await shown(office, "/office/reconciliation")
    assert "Difference explained" in await shown(office, "/office/activity")
    assert (await office.get("/office/reconciliation/987654")).status_code == 404


async def test_comparing_now_is_left_to_one_job(db: Db, office: Browser) -> None:
    see_jobs(db)
    for _ in range(2):
        assert (await office.send_form("/office/reconciliation", page="/office/reconciliation")).status_code == 303
    assert rows(db, "select task_name from procrastinate_jobs") == [{"task_name": "reconciliation.compare"}]


async def test_the_overview_tells_what_came_and_what_is_owed(db: Db, office: Browser) -> None:
    paid_by_card(db)
    owing(db)
    page = await shown(office, "/office/money")
    for words in ("£150.00", "1 order to be paid", "£75.00", "Nobody is late", "Not compared", "Money by day"):
        assert words in page


async def test_every_penny_of_an_order_is_explained_to_the_bank(db: Db, office: Browser) -> None:
    order = paid_by_card(db, discount="7.50", price="82.50")
    assert "Not yet compared with Stripe" in await shown(office, f"/office/orders/{order['reference']}")
    at_stripe(db)
    page = await shown(office, f"/office/orders/{order['reference']}")
    for words in ("£165.00", "−£15.00", "−£2.45", "£147.55", "Payout po_1, on its way", "every penny is explained"):
        assert words in page


async def test_nobody_but_the_office_sees_money(new_browser: Any, db: Db, password_hash: str) -> None:
    dev = a_user(db, email="dev@example.com", password_hash=password_hash)
    browser = new_browser()
    await browser.sign_in(dev["email"])
    for path in ("/office/money", "/office/payments", "/office/payments/export.csv", "/office/reconciliation"):
        assert (await browser.get(path)).status_code in (403, 404)


async def test_what_is_overdue_is_what_is_left_to_pay_after_the_day_that_was_agreed(db: Db, office: Browser) -> None:
    late = owing(db, due_on=london_today(utc_now()) - timedelta(days=1))
    a_payment(db, late["bookings"][0], amount=25)
    owing(db, due_on=london_today(utc_now()))
    page = await shown(office, "/office/money")
    for words in ("2 orders to be paid", "£125.00", "1 order past the agreed day", "£50.00", 'href="/office/refunds"'):
        assert words in page
