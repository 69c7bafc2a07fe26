"""The office's orders: found in a list, shown with all that happened, paid at the desk, given back."""

from typing import Any

import pytest

from rft.kit.clock import utc_now
from tests.builders import Db, Row, a_payment, a_schedule, insert, update
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows


def page_of(order: Row) -> str:
    return f"/office/orders/{order['reference']}"


def held(db: Db, **columns: Any) -> Row:
    """An order by card whose time runs."""
    return an_order(db, confirmed=False, hold_expires_at=utc_now(), **columns)


def reserved(db: Db, **columns: Any) -> Row:
    defaults = {"payment_method": "invoice", "organisation_name": "Surrey Hills School", "purchase_order": "PO-7"}
    return an_order(db, confirmed=False, **{**defaults, **columns})


def cancelled(db: Db) -> Row:
    order = held(db)
    for booking in order["bookings"]:
        update(db, "bookings", booking, status="cancelled")
    return order


@pytest.mark.parametrize(
    ("state", "shown"),
    [("", 4), ("waiting", 1), ("reserved", 1), ("confirmed", 1), ("cancelled", 1)],
)
async def test_each_state_shows_its_own_orders(state: str, shown: int, db: Db, office: Browser) -> None:
    orders = {"waiting": held(db), "reserved": reserved(db), "confirmed": an_order(db), "cancelled": cancelled(db)}
    page = (await office.get(f"/office/orders?state={state}")).text
    assert page.count('<tr role="row"><td') == shown
    assert not state or orders[state]["reference"] in page


async def test_an_order_with_one_seat_still_unpaid_is_not_confirmed(db: Db, office: Browser) -> None:
    order = reserved(db, people=("Amina Khan", None))
    update(db, "bookings", order["bookings"][0], status="cancelled")
    assert order["reference"] in (await office.get("/office/orders?state=reserved")).text
    assert order["reference"] not in (await office.get("/office/orders?state=confirmed")).text
    assert order["reference"] not in (await office.get("/office/orders?state=cancelled")).text


@pytest.mark.parametrize("typed", ["AMINA@EX", "amina kh", "khan", "surrey hills", "  Amina"])
async def test_an_order_is_found_by_the_beginning_of_a_name_or_address(typed: str, db: Db, office: Browser) -> None:
    order = reserved(db)
    an_order(db, booker_name="Dev Shah", booker_email="dev@example.com")
    page = (await office.get("/office/orders", params={"q": typed})).text
    assert order["reference"] in page
    assert "Dev Shah" not in page


@pytest.mark.parametrize("typed", ["%", "_", "'", "\\", "mina"])
async def test_what_is_typed_stands_for_itself(typed: str, db: Db, office: Browser) -> None:
    an_order(db)
    assert "No order matches" in (await office.get("/office/orders", params={"q": typed})).text


async def test_a_whole_reference_leads_straight_to_its_order(db: Db, office: Browser) -> None:
    order = an_order(db, reference="ORD-0123456789ABCDEF")
    answer = await office.get("/office/orders", params={"q": "ord-o123456789abcdef"})
    assert answer.headers["location"] == page_of(order)


async def test_the_list_is_walked_to_its_end_and_back(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, seats=12)
    newest_first = [
        an_order(db, confirmed=False, people=(), seats=1, schedule=schedule)["reference"] for _ in range(120)
    ][::-1]
    seen, address = [], "/office/orders"
    while address:
        page = (await office.get(address)).text
        seen.append([reference for reference in newest_first if reference in page])
        last, address = address, link_of(page, "Older")
    assert seen == [newest_first[:50], newest_first[50:100], newest_first[100:]]
    back = (await office.get(link_of((await office.get(last)).text, "Newer"))).text
    assert [reference for reference in newest_first if reference in back] == newest_first[50:100]
    assert link_of(back, "Newer")


def link_of(page: str, word: str) -> str:
    """Where the pager's button leads; empty where there is none."""
    pager = page.partition('<nav class="pager"')[2].partition("</nav>")[0]
    for part in pager.split("<a ")[1:]:
        if word in part:
            return part.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    return ""


async def test_an_order_shows_its_places_money_mails_and_story(db: Db, office: Browser) -> None:
    order = an_order(db, people=("Amina Khan", None))
    booking = order["bookings"][0]
    a_payment(db, booking, status="failed", payment_method="card", failure_reason="Your card was declined.",
              stripe_payment_intent_id="pi_declined")  # fmt: skip
    insert(db, "outbox_mails", dedupe_key="x", email_type="booking_confirmation", recipient="amina@example.com",
           subject="Your booking is confirmed", text_body="t", html_body="h", state="kept",
           booking_ids=[one["id"] for one in order["bookings"]])  # fmt: skip
    page = (await office.get(page_of(order))).text
    for words in ("To be named", "pi_declined", "Your card was declined.", "2 places booked", "2 places confirmed",
                  "received by bank transfer", "£75.00 by card failed", "Your booking is confirmed", "Kept in outbox"):  # fmt: skip
        assert words in page


async def test_a_mail_that_was_logged_and_kept_is_told_once(db: Db, office: Browser) -> None:
    order = an_order(db)
    ids = [order["bookings"][0]["id"]]
    insert(db, "outbox_mails", dedupe_key="x", email_type="booking_confirmation", recipient="amina@example.com",
           subject="Confirmed", text_body="t", html_body="h", state="sent", sent_at=utc_now(), booking_ids=ids)  # fmt: skip
    insert(db, "email_logs", recipient_email="amina@example.com", email_type="booking_confirmation", booking_id=ids[0])
    insert(
        db, "email_logs", recipient_email="amina@example.com", email_type="welcome", status="bounced", booking_id=ids[0]
    )
    page = (await office.get(page_of(order))).text
    assert page.count("E-mail sent to") == 1
    assert page.count("E-mail came back from") == 1


async def test_cash_at_the_desk_confirms_the_order_and_is_written_down(db: Db, office: Browser, admin: Row) -> None:
    order = reserved(db, people=("Amina Khan", None))
    answer = await office.send_form(f"{page_of(order)}/payments", page=page_of(order), method="cash", note="In a jar")
    assert answer.status_code == 303
    page = (await office.get(page_of(order))).text
    assert "£150.00 by cash is in the ledger, and the order is confirmed." in page
    assert "recorded by Carol Hughes" in page
    assert {row["status"] for row in rows(db, "select status from bookings")} == {"confirmed"}
    line = one(db, "select * from admin_activity_logs")
    assert (line["action"], line["admin_id"], str(line["ip_address"])) == ("order.payment", admin["id"], "198.51.100.7")
    assert line["new_values"] == {"payment_method": "cash", "amount": "150.00", "seats": 2, "notes": "In a jar"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"method": "", "note": "Paid on Monday"}, "Choose how it was paid."),
        ({"method": "seashells", "note": "Paid on Monday"}, "Choose how it was paid."),
        ({"method": "cash", "note": "Paid on Monday" * 30}, "Use at most 200 characters."),
        ({"method": "cash", "note": "Paid on Monday\u202e"}, "invisible or control characters"),
    ],
)
async def test_a_payment_that_is_not_understood_keeps_what_was_typed(
    fields: dict[str, str], sentence: str, db: Db, office: Browser
) -> None:
    order = held(db)
    answer = await office.send_form(f"{page_of(order)}/payments", page=page_of(order), **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Paid on Monday" in answer.text
    assert rows(db, "select id from payment_transactions") == []


async def test_a_payment_comes_too_late_for_an_order_that_is_paid(db: Db, office: Browser) -> None:
    order = held(db)
    token = await office.csrf_token(page_of(order))
    fields = {"csrf_token": token, "method": "cheque", "note": "No. 12"}
    first, second = [await office.post(f"{page_of(order)}/payments", data=fields) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 409)
    assert "There is nothing left to pay on this order." in second.text
    assert len(rows(db, "select id from payment_transactions")) == 1
    assert len(rows(db, "select id from admin_activity_logs")) == 1


async def test_unpaid_places_are_given_back_and_free_again(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, seats=2)
    order = held(db, people=("Amina Khan", None), schedule=schedule)
    answer = await office.send_form(f"{page_of(order)}/release", page=page_of(order))
    assert answer.status_code == 303
    assert "2 places were given back." in (await office.get(page_of(order))).text
    assert one(db, "select current_capacity as taken, status from course_schedules") == {
        "taken": 0,
        "status": "published",
    }
    line = one(db, "select action, entity_type, entity_id, old_values, new_values from admin_activity_logs")
    assert line == {
        "action": "order.release", "entity_type": "order", "entity_id": order["id"],
        "old_values": {"status": "pending"}, "new_values": {"status": "cancelled", "seats": 2},
    }  # fmt: skip


async def test_places_that_are_paid_are_not_given_back(db: Db, office: Browser) -> None:
    order = an_order(db)
    page = await office.get(page_of(order))
    assert "/release" not in page.text
    answer = await office.send_form(f"{page_of(order)}/release", page="/account")
    assert answer.status_code == 409
    assert "no longer waiting for payment" in answer.text
    assert one(db, "select status from bookings")["status"] == "confirmed"


async def test_money_for_places_that_are_gone_is_pointed_out(db: Db, office: Browser) -> None:
    order = cancelled(db)
    a_payment(db, order["bookings"][0], payment_method="card", stripe_payment_intent_id="pi_late")
    assert "£75.00 is still held" in (await office.get(page_of(order))).text


@pytest.mark.parametrize("reference", ["ORD-NOBODY", "%27", "ORD-", "a" * 500])
async def test_an_unknown_order_is_not_found(reference: str, office: Browser) -> None:
    assert (await office.get(f"/office/orders/{reference}")).status_code == 404
    assert (await office.send_form(f"/office/orders/{reference}/release", page="/account")).status_code == 404


@pytest.mark.parametrize("query", ["before=x", "after=-1", "before=99999999999999", "state=lost"])
async def test_an_address_that_nobody_gave_out_is_refused_and_not_an_error(query: str, office: Browser) -> None:
    assert (await office.get(f"/office/orders?{query}")).status_code == 422
