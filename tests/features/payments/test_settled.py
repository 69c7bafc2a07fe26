"""From the payment to the seat: what Stripe says settles an order, whoever brings the news."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from rft.app import create_app
from rft.fake_stripe.serve import serving
from rft.payments.gateway import PageRequest
from rft.payments.service import settle_checkout
from tests.features.mailing import one, rows, until
from tests.features.payments.paying import DECLINED, SLOW, SLOW_THEN_FAILS, WEBHOOK, Shop, shop_settings


async def test_amina_pays_and_both_seats_are_hers(shop: Shop) -> None:
    order = await shop.order(seats=2)
    shop.ledger.pay(await shop.page(order))
    await shop.news()
    assert shop.bookings(order) == [("confirmed", "paid")] * 2
    assert shop.entries(order) == [("succeeded", order.total / 2)] * 2
    assert shop.mails() == 1


async def test_every_row_of_the_ledger_names_the_intent_and_the_charge(shop: Shop) -> None:
    await shop.paid_order(seats=2)
    [charge] = shop.ledger.objects("charge")
    stored = rows(shop.db, "select stripe_payment_intent_id, stripe_charge_id from payment_transactions")
    assert [tuple(row.values()) for row in stored] == [(charge["payment_intent"], charge["id"])] * 2


async def test_a_declined_card_is_kept_and_the_next_one_pays(shop: Shop) -> None:
    order = await shop.order()
    page = await shop.page(order)
    shop.ledger.pay(page, DECLINED)
    await shop.news()
    assert shop.bookings(order) == [("pending", "pending")]
    shop.ledger.pay(page)
    await shop.news()
    assert [status for status, _ in shop.entries(order)] == ["failed", "succeeded"]
    assert shop.bookings(order) == [("confirmed", "paid")]
    assert one(shop.db, "select failure_reason from payment_transactions where status = 'failed'") == {
        "failure_reason": "Your card was declined."
    }


async def test_the_return_page_settles_when_the_webhook_has_not_come(shop: Shop) -> None:
    shop.ledger.drop_webhooks(["*"])
    order = await shop.order()
    shop.ledger.pay(await shop.page(order))
    await shop.visit(order, "paid")
    assert shop.bookings(order) == [("confirmed", "paid")]


async def test_coming_back_without_having_paid_confirms_nothing(shop: Shop) -> None:
    order = await shop.order()
    await shop.page(order)
    await shop.visit(order, "paid")
    shown = await shop.visit(order, "")
    assert shop.bookings(order) == [("pending", "pending")]
    assert "You have not been charged." in shown.text


async def test_return_page_and_webhook_at_once_have_one_effect(shop: Shop) -> None:
    order = await shop.order(seats=2)
    page = await shop.page(order)
    await shop.visit(order, "paid")
    shop.ledger.pause_webhooks()
    shop.ledger.pay(page)
    completed = shop.events("checkout.session.completed")
    await shop.stripe.state.courier.deliver(completed)
    settling = [settle_checkout(shop.database, shop.gateway, page) for _ in range(4)]
    await asyncio.gather(shop.work(), shop.visit(order, "paid"), *settling)
    shop.ledger.resume_webhooks()
    await shop.news()
    assert [status for status, _ in shop.entries(order)] == ["succeeded"] * 2
    assert shop.mails() == 1


async def test_a_payment_under_way_confirms_nothing_until_it_has_come(shop: Shop) -> None:
    shop.ledger.later_seconds(3600)
    order = await shop.order()
    page = await shop.page(order)
    shop.ledger.pay(page, SLOW)
    await shop.news()
    assert shop.bookings(order) == [("pending", "pending")]
    assert shop.outcomes()["checkout.session.completed"] == "Nothing received yet: the page is complete."
    shop.ledger.settle(shop.ledger.objects("payment_intent")[0]["id"])
    await shop.news()
    assert shop.bookings(order) == [("confirmed", "paid")]


async def test_a_payment_under_way_that_fails_is_kept_as_failed(shop: Shop) -> None:
    shop.ledger.later_seconds(3600)
    order = await shop.order()
    shop.ledger.pay(await shop.page(order), SLOW_THEN_FAILS)
    shop.ledger.settle(shop.ledger.objects("payment_intent")[0]["id"], succeeded=False)
    await shop.news()
    assert shop.bookings(order) == [("pending", "pending")]
    assert [status for status, _ in shop.entries(order)] == ["failed"]


async def test_an_expired_page_makes_room_for_a_new_one(shop: Shop) -> None:
    order = await shop.order()
    page = await shop.page(order)
    shop.ledger.change(page, expires_at=1)
    shop.ledger.tick()
    await shop.news()
    assert shop.outcomes() == {"checkout.session.expired": "Nothing received yet: the page is expired."}
    assert await shop.page(order) != page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount_total": 750}, "7.50 GBP (live: False)"),
        ({"currency": "usd"}, "75.00 USD (live: False)"),
        ({"livemode": True}, "75.00 GBP (live: True)"),
    ],
    ids=["amount", "currency", "livemode"],
)
async def test_money_that_differs_never_confirms_and_says_so(shop: Shop, changes: dict[str, Any], said: str) -> None:
    order = await shop.order()
    page = await shop.page(order)
    shop.ledger.change(page, **changes)
    shop.ledger.pay(page)
    await shop.news()
    await shop.visit(order, "paid")
    await shop.look_for_lost_news()
    assert shop.outcomes()["checkout.session.completed"] == f"Refused: {said} is not what the order asked for."
    assert (shop.bookings(order), shop.entries(order)) == ([("pending", "pending")], [])
    shop.disowned = changes.get("amount_total", 7500)


async def test_news_that_never_came_is_fetched(shop: Shop) -> None:
    shop.ledger.drop_webhooks(["*"])
    orders = [await shop.order() for _ in range(3)]
    for order in orders:
        shop.ledger.pay(await shop.page(order))
    await shop.look_for_lost_news()
    assert [shop.bookings(order) for order in orders] == [[("confirmed", "paid")]] * 3


async def test_an_event_that_no_job_took_up_is_settled_later(shop: Shop) -> None:
    order = await shop.order()
    shop.ledger.pay(await shop.page(order))
    await shop.post()
    shop.db.execute("delete from procrastinate_jobs where task_name = 'payments.settle_event'")
    await shop.look_for_lost_news()
    assert shop.bookings(order) == [("confirmed", "paid")]
    assert None not in shop.outcomes().values()


async def test_one_page_that_stripe_refuses_to_talk_about_does_not_hide_the_others(shop: Shop) -> None:
    shop.ledger.drop_webhooks(["*"])
    orders = [await shop.order() for _ in range(3)]
    pages = [await shop.page(order) for order in orders]
    for page in pages:
        shop.ledger.pay(page)
    shop.ledger.fault("answer", "GET", f"/v1/checkout/sessions/{pages[0]}", status=403)
    await shop.look_for_lost_news()
    assert [shop.bookings(order) for order in orders[1:]] == [[("confirmed", "paid")]] * 2
    await shop.look_for_lost_news()
    assert shop.bookings(orders[0]) == [("confirmed", "paid")]


async def test_a_payment_for_another_shop_on_the_same_account_is_left_alone(shop: Shop) -> None:
    later = one(shop.db, "select localtimestamp + interval '1 hour' as later")["later"]
    shoes = PageRequest(
        "one key",
        "SHOES-1",
        "Shoes",
        Decimal("40.00"),
        "dev@example.com",
        later,
        "https://shoes.example/",
        "https://shoes.example/",
    )
    page = await shop.gateway.open_page(shoes)
    shop.ledger.pay(page.session_id, DECLINED)
    shop.ledger.pay(page.session_id)
    await shop.news()
    assert shop.outcomes()["checkout.session.completed"] == "No order of ours belongs to this payment page."
    assert shop.outcomes()["payment_intent.payment_failed"] == "No order of ours belongs to this payment."
    shop.disowned = 4000


async def test_a_page_that_is_over_is_asked_about_until_stripe_has_said_how_it_ended(shop: Shop) -> None:
    shop.ledger.drop_webhooks(["*"])
    order = await shop.order()
    shop.ledger.pay(await shop.page(order))
    shop.db.execute("update checkout_attempts set created_at = created_at - interval '32 minutes'")
    await shop.page(order)
    await shop.look_for_lost_news()
    assert shop.bookings(order) == [("confirmed", "paid")]
    assert rows(shop.db, "select url is null as ended from checkout_attempts order by id") == [
        {"ended": True},
        {"ended": False},
    ]


async def test_money_that_was_under_way_is_asked_about_until_it_has_come(shop: Shop) -> None:
    shop.ledger.later_seconds(3600)
    shop.ledger.drop_webhooks(["*"])
    order = await shop.order()
    shop.ledger.pay(await shop.page(order), SLOW)
    await shop.look_for_lost_news()
    shop.ledger.settle(shop.ledger.objects("payment_intent")[0]["id"])
    await shop.look_for_lost_news()
    assert shop.bookings(order) == [("confirmed", "paid")]


async def test_the_running_worker_settles_and_writes_the_mail(shop: Shop) -> None:
    settings = shop_settings(shop.database.url, shop.stripe_address, RFT_JOBS="1")
    with serving(create_app(settings)) as address:
        shop.ledger.set_webhook(f"{address}{WEBHOOK}")
        order = await shop.order(seats=2)
        shop.ledger.pay(await shop.page(order))
        [mail] = await until(lambda: rows(shop.db, "select email_type from outbox_mails where state = 'kept'"))
    assert shop.bookings(order) == [("confirmed", "paid")] * 2
    assert mail["email_type"] == "booking_confirmation"
