"""The webhook: what is not signed by Stripe leaves no trace, and what is has one effect however often and in whatever order it comes."""

import asyncio
import hashlib
import hmac
import json
import time
from itertools import permutations
from typing import Any

import httpx
import pytest

from rft.app import create_app
from rft.fake_stripe.serve import serving
from rft.payments.inbox import settle_event
from tests.features.mailing import one, rows
from tests.features.payments.paying import DECLINED, SIGNING, WEBHOOK, Shop, shop_settings

EVENT = {
    "id": "evt_of_dev",
    "object": "event",
    "type": "checkout.session.completed",
    "livemode": False,
    "data": {"object": {"id": "cs_test_of_dev", "object": "checkout.session"}},
}
# After one declined card, one that pays.
EFFECTIVE = (
    "payment_intent.payment_failed",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
)


def signed(body: bytes, *, secret: str = SIGNING, age: int = 0, scheme: str = "v1") -> str:
    then = int(time.time()) - age
    digest = hmac.new(secret.encode(), b"%d.%s" % (then, body), hashlib.sha256).hexdigest()
    return f"t={then},{scheme}={digest}"


def body_of(**changes: Any) -> bytes:
    return json.dumps({**EVENT, **changes}).encode()


async def post(http: httpx.AsyncClient, body: bytes, signature: str | None) -> httpx.Response:
    headers = {"content-type": "application/json"} | ({} if signature is None else {"stripe-signature": signature})
    return await http.post(WEBHOOK, content=body, headers=headers)


FORGED = {
    "missing": None,
    "empty": "",
    "nonsense": "t=now,v1=yes",
    "of another body": signed(body_of(livemode=True)),
    "by another secret": signed(body_of(), secret="whsec_of_dev"),
    "by an empty secret": signed(body_of(), secret=""),
    "of a scheme that proves nothing": signed(body_of(), scheme="v0"),
    "without a time": signed(body_of()).split(",")[1],
}


async def test_a_forged_event_leaves_no_trace(shop: Shop) -> None:
    for how, signature in FORGED.items():
        answer = await post(shop.http, body_of(), signature)
        assert (answer.status_code, answer.json()["code"], how) == (400, "signature_not_valid", how)
    assert rows(shop.db, "select from webhook_events") == []


async def test_an_event_signed_long_ago_leaves_no_trace(shop: Shop) -> None:
    answers = [await post(shop.http, body_of(), signed(body_of(), age=age)) for age in (301, 3600, 10**9)]
    assert [answer.status_code for answer in answers] == [400] * 3
    assert rows(shop.db, "select from webhook_events") == []


async def test_an_event_signed_in_the_future_leaves_no_trace(shop: Shop) -> None:
    answers = [await post(shop.http, body_of(), signed(body_of(), age=-ahead)) for ahead in (360, 86_400)]
    assert [answer.status_code for answer in answers] == [400] * 2
    assert rows(shop.db, "select from webhook_events") == []


async def test_a_signed_body_that_is_no_event_is_refused(shop: Shop) -> None:
    for body in (
        b"",
        b"not json",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b'{"id": "evt_1"}',
        body_of(data=None),
        body_of(id=7),
    ):
        answer = await post(shop.http, body, signed(body))
        assert (answer.status_code, body) == (400, body)
    assert rows(shop.db, "select from webhook_events") == []


async def test_while_the_secret_is_changed_one_right_signature_is_enough(shop: Shop) -> None:
    old, new = signed(body_of(), secret="whsec_old"), signed(body_of())
    assert (await post(shop.http, body_of(), f"{old},{new.split(',')[1]}")).status_code == 200


async def test_without_a_webhook_secret_nothing_is_believed(shop: Shop) -> None:
    settings = shop_settings(shop.settings.database_url, shop.stripe_address, STRIPE_WEBHOOK_SECRET="")
    with serving(create_app(settings)) as address:
        async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
            answers = [await post(http, body_of(), signed(body_of(), secret=secret)) for secret in ("", SIGNING)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "webhook_not_configured")] * 2
    assert rows(shop.db, "select from webhook_events") == []


async def test_a_hundred_copies_have_one_effect(shop: Shop) -> None:
    order = await shop.order()
    shop.ledger.pay(await shop.page(order))
    [completed] = shop.events("checkout.session.completed")
    shop.ledger.redeliver(completed, 100)
    await shop.news()
    assert {sent["answer"] for sent in shop.ledger.deliveries()} == {"200"}
    assert [status for status, _ in shop.entries(order)] == ["succeeded"]
    assert shop.mails() == 1
    assert one(shop.db, "select attempts from webhook_events where stripe_id = %(id)s", id=completed) == {"attempts": 1}


async def test_copies_that_come_at_once_have_one_effect(shop: Shop) -> None:
    shop.ledger.pause_webhooks()
    order = await shop.order()
    shop.ledger.pay(await shop.page(order))
    [completed] = shop.events("checkout.session.completed")
    answers = await shop.stripe.state.courier.deliver([completed] * 8, at_once=True)
    settled = await asyncio.gather(*(settle_event(shop.database, shop.gateway, completed) for _ in range(4)))
    shop.ledger.resume_webhooks()
    await shop.news()
    assert (set(answers), sum(outcome is not None for outcome in settled)) == ({"200"}, 1)
    assert [status for status, _ in shop.entries(order)] == ["succeeded"]


async def test_in_every_order_the_news_comes_to_the_same(shop: Shop) -> None:
    shop.ledger.pause_webhooks()
    for course in permutations(EFFECTIVE):
        order = await shop.order()
        page = await shop.page(order)
        shop.ledger.pay(page, DECLINED)
        shop.ledger.pay(page)
        waiting = {sent["type"]: sent["event"] for sent in shop.ledger.deliveries() if sent["state"] == "pending"}
        assert await shop.stripe.state.courier.deliver([waiting[kind] for kind in course]) == ["200"] * 4
        await shop.work()
        shop.ledger.drop_pending()
        assert (shop.bookings(order), course) == ([("confirmed", "paid")], course)
        assert sorted(status for status, _ in shop.entries(order)) == ["failed", "succeeded"]
    assert shop.mails() == 24


async def test_an_event_about_a_page_that_stripe_does_not_know_is_kept_with_its_outcome(shop: Shop) -> None:
    stranger = {"id": "cs_test_stranger", "object": "checkout.session"}
    shop.ledger.announce("checkout.session.completed", stranger)
    shop.ledger.announce("payment_intent.payment_failed", {"id": "pi_stranger", "object": "payment_intent"})
    await shop.news()
    assert shop.outcomes() == {
        "checkout.session.completed": "Stripe knows nothing of what this event is about.",
        "payment_intent.payment_failed": "Stripe knows nothing of what this event is about.",
    }


async def test_an_event_that_means_nothing_to_us_is_kept_too(shop: Shop) -> None:
    shop.ledger.announce("customer.created", {"id": "cus_1", "object": "customer"})
    shop.ledger.announce("balance.available", {"object": "balance"})
    await shop.news()
    assert shop.outcomes() == {"customer.created": "Nothing to do.", "balance.available": "Nothing to do."}


async def test_what_an_event_claims_is_not_believed_only_what_stripe_says_when_asked(shop: Shop) -> None:
    order = await shop.order()
    page = await shop.page(order)
    claim = {
        "id": page,
        "object": "checkout.session",
        "payment_status": "paid",
        "status": "complete",
        "amount_total": 7500,
    }
    shop.ledger.announce("checkout.session.completed", claim)
    await shop.news()
    assert shop.bookings(order) == [("pending", "pending")]
    assert shop.outcomes() == {"checkout.session.completed": "Nothing received yet: the page is open."}


async def test_while_stripe_cannot_be_asked_the_event_waits(shop: Shop) -> None:
    order = await shop.order()
    shop.ledger.pay(await shop.page(order))
    await shop.post()
    shop.ledger.fault("answer", "GET", times=2)
    with pytest.raises(Exception, match="payment page could not be opened"):
        await shop.work()
    assert shop.outcomes()["checkout.session.completed"] is None
    await shop.work()
    assert shop.bookings(order) == [("confirmed", "paid")]
