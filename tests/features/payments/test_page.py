"""Opening the payment page: one at a time, never twice for one answer, and nothing lost when Stripe is ill."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rft.bookings.service import release_unpaid_order, reserve_on_invoice
from rft.kit.clock import utc_now
from rft.payments.checkout import HoldOver, NothingToPay, open_payment_page
from rft.payments.closing import close_payment_page
from rft.payments.errors import PaymentUnavailable
from rft.payments.gateway import Gateway
from tests.features.mailing import one, rows, until
from tests.features.payments.paying import Shop, shop_settings

SESSIONS = "/v1/checkout/sessions"


def sessions(shop: Shop) -> list[dict[str, Any]]:
    return shop.ledger.objects("checkout.session")


async def open_again(shop: Shop, order: Any, **values: Any) -> str:
    """The service itself, for what the page would soften."""
    given = {"database": shop.database, "gateway": shop.gateway, "settings": shop.settings, "now": utc_now(), **values}
    return await open_payment_page(order=await shop.get(order), **given)


async def test_the_page_asks_for_what_the_order_costs(shop: Shop) -> None:
    order = await shop.order(seats=3)
    page = await shop.page(order)
    [session] = sessions(shop)
    assert (session["id"], session["amount_total"], session["currency"]) == (page, int(order.total * 100), "gbp")
    assert (session["client_reference_id"], session["metadata"]) == (order.reference, {"order": order.reference})
    assert session["success_url"] == f"http://booking.example/orders/{order.reference}/paid"


async def test_while_a_page_is_open_it_is_the_same_page(shop: Shop) -> None:
    order = await shop.order()
    assert len({await shop.page(order) for _ in range(3)}) == 1
    assert len(sessions(shop)) == 1


async def test_two_clicks_at_once_make_one_page(shop: Shop) -> None:
    order = await shop.order()
    answers = await asyncio.gather(*(shop.visit(order) for _ in range(4)))
    opened = {answer.headers["location"] for answer in answers if answer.headers["location"].startswith("http:")}
    assert [f"{shop.stripe_address}/pay/{session['id']}" for session in sessions(shop)] == list(opened)


@pytest.mark.parametrize("fault", ["lose_reply", "fail_after"])
async def test_an_answer_that_was_lost_is_asked_for_again_and_makes_one_page(shop: Shop, fault: str) -> None:
    order = await shop.order()
    shop.ledger.fault(fault, "POST", SESSIONS, times=2)
    answer = await shop.visit(order)
    assert answer.headers["location"] == f"/orders/{order.reference}/review"
    assert [await shop.page(order)] == [session["id"] for session in sessions(shop)]


async def test_when_a_page_is_over_the_next_one_is_new(shop: Shop) -> None:
    order = await shop.order(hold_minutes=60)
    first = await shop.page(order)
    shop.db.execute("update checkout_attempts set created_at = created_at - interval '32 minutes'")
    second = await shop.page(order)
    assert second != first
    states = rows(shop.db, "select stripe_session_id as page, state from checkout_attempts order by id")
    assert [tuple(row.values()) for row in states] == [(first, "closed"), (second, "open")]


async def test_after_stripe_was_away_for_a_minute_the_customer_can_still_pay(shop: Shop) -> None:
    order = await shop.order()
    shop.ledger.fault("answer", "POST", SESSIONS, times=2)
    await shop.visit(order)
    shop.db.execute("update checkout_attempts set created_at = created_at - interval '2 minutes'")
    shop.ledger.pay(await shop.page(order))
    await shop.news()
    assert shop.bookings(order) == [("confirmed", "paid")]


@pytest.mark.parametrize("status", [500, 503, 429, 400])
async def test_when_stripe_refuses_the_customer_is_told_and_nothing_is_lost(shop: Shop, status: int) -> None:
    order = await shop.order(seats=2)
    shop.ledger.fault("answer", "POST", SESSIONS, times=2, status=status)
    answer = await shop.visit(order)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{order.reference}/review")
    shown = await shop.http.get(answer.headers["location"])
    assert "You have not been charged, and your places are still held. Please try again." in shown.text
    assert shop.bookings(order) == [("pending", "pending")] * 2
    shop.ledger.clear_faults()
    shop.ledger.pay(await shop.page(order))
    await shop.news()
    assert shop.bookings(order) == [("confirmed", "paid")] * 2


async def test_when_stripe_does_not_answer_in_time_the_customer_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rft.payments.gateway._TIMEOUT_SECONDS", 0.2)
    order = await shop.order()
    shop.ledger.fault("delay_after", "POST", SESSIONS, times=2, seconds=1)
    async with Gateway(shop.settings) as impatient:
        with pytest.raises(PaymentUnavailable, match="You have not been charged"):
            await open_again(shop, order, gateway=impatient)
    shop.ledger.clear_faults()
    assert [await shop.page(order)] == [session["id"] for session in sessions(shop)]


async def test_when_nobody_answers_at_all_the_customer_is_told(shop: Shop) -> None:
    order = await shop.order()
    async with Gateway(shop_settings(shop.database.url, "http://127.0.0.1:1")) as cut_off:
        with pytest.raises(PaymentUnavailable):
            await open_again(shop, order, gateway=cut_off)
    assert shop.bookings(order) == [("pending", "pending")]


async def test_without_a_key_the_customer_is_told_too(shop: Shop) -> None:
    order = await shop.order()
    settings = shop_settings(shop.database.url, shop.stripe_address, STRIPE_SECRET_KEY="")
    async with Gateway(settings) as without_key:
        with pytest.raises(PaymentUnavailable, match="not set up") as refusal:
            await open_again(shop, order, gateway=without_key)
    assert refusal.value.code == "payments_not_configured"


async def test_while_stripe_is_checking_the_customer_is_asked_not_to_pay_again(shop: Shop) -> None:
    shop.ledger.drop_webhooks(["*"])
    order = await shop.order()
    shop.ledger.pay(await shop.page(order))
    shop.ledger.fault("answer", "GET", SESSIONS, times=2)
    answer = await shop.visit(order, "paid")
    assert "We are checking your payment" in answer.text
    assert "Please do not pay again." in answer.text
    again = await shop.visit(order, "paid")
    assert again.headers["location"] == f"/orders/{order.reference}"
    assert shop.bookings(order) == [("confirmed", "paid")]


async def test_no_page_is_opened_when_the_hold_is_over(shop: Shop) -> None:
    order = await shop.order()
    shop.hold_ended(order)
    with pytest.raises(HoldOver):
        await open_again(shop, order)
    assert (await shop.visit(order)).headers["location"] == f"/orders/{order.reference}"
    assert sessions(shop) == []


async def test_no_page_is_opened_for_seats_that_were_given_back(shop: Shop) -> None:
    order = await shop.order()
    placed = await shop.get(order)
    await shop.database.run(lambda db: release_unpaid_order(db, placed.id))
    with pytest.raises(HoldOver):
        await open_again(shop, order)


async def test_no_page_is_opened_for_what_is_paid(shop: Shop) -> None:
    order = await shop.paid_order()
    with pytest.raises(NothingToPay):
        await open_again(shop, order)
    assert (await shop.visit(order)).headers["location"] == f"/orders/{order.reference}"
    assert len(sessions(shop)) == 1


async def test_nobody_is_sent_to_a_page_when_another_way_to_pay_was_chosen_meanwhile(shop: Shop) -> None:
    order = await shop.order()
    placed = await shop.get(order)
    shop.ledger.fault("delay_after", "POST", SESSIONS, seconds=1)
    opening = asyncio.create_task(open_again(shop, order))
    await until(lambda: sessions(shop))
    assert await close_payment_page(shop.database, shop.gateway, placed.id)
    terms = {"organisation_name": "Mill Lane School", "purchase_order": "PO 7"}
    await shop.database.run(lambda db: reserve_on_invoice(db, placed.id, now=utc_now(), **terms))
    with pytest.raises(NothingToPay):
        await opening


async def test_seats_on_a_purchase_order_can_be_paid_by_card_after_all(shop: Shop) -> None:
    order = await shop.order()
    placed = await shop.get(order)
    terms = {"organisation_name": "Mill Lane School", "purchase_order": "PO 7"}
    await shop.database.run(lambda db: reserve_on_invoice(db, placed.id, now=utc_now(), **terms))
    shop.ledger.pay(await shop.page(order))
    await shop.news()
    assert shop.bookings(order) == [("confirmed", "paid")]


@contextmanager
def longest_idle_in_transaction(shop: Shop) -> Iterator[list[float]]:
    """Watches every session of the database; the list holds, in seconds, how long any sat idle in a transaction."""
    seen, stop = [0.0], threading.Event()
    query = """
        select coalesce(max(extract(epoch from clock_timestamp() - state_change)), 0)::float8 as seconds
          from pg_stat_activity where datname = current_database() and state like 'idle in transaction%%'
    """

    def watch() -> None:
        while not stop.wait(0.05):
            seen.append(one(shop.db, query)["seconds"])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        stop.set()
        watcher.join()


async def test_no_connection_is_held_while_stripe_is_slow(shop: Shop) -> None:
    orders = [await shop.order() for _ in range(2)]
    paid = [await shop.order() for _ in range(2)]
    for order in paid:
        shop.ledger.pay(await shop.page(order))
    await shop.post()
    shop.ledger.fault("delay_before", times=50, seconds=1.2)
    with longest_idle_in_transaction(shop) as idle:
        await asyncio.gather(
            *(shop.visit(order) for order in orders), *(shop.visit(order, "paid") for order in paid), shop.work()
        )
    assert len(idle) > 10
    assert max(idle) < 1
    assert [shop.bookings(order) for order in paid] == [[("confirmed", "paid")]] * 2
