"""What a bank takes back, and money that no order explains: noted once, shown on Today, and true in the ledger."""

from decimal import Decimal
from typing import Any

import pytest

from rft.audit.service import Actor
from rft.kit.clock import utc_now
from rft.operations.today import list_work
from rft.payments.unsettled import return_unsettled
from rft.settings import Settings, SettingsError
from tests.cast import carol
from tests.features.mailing import one, rows
from tests.features.payments.paying import WEBHOOK, Shop


async def today(shop: Shop) -> list[str]:
    async with shop.database.connection() as db:
        return [item.text for item in (await list_work(db, utc_now())).shown if item.tone == "danger"]


@pytest.mark.parametrize("won", [True, False])
async def test_a_dispute_is_shown_until_it_ends_and_costs_only_when_lost(shop: Shop, won: bool) -> None:
    order = await shop.paid_order(seats=2)
    dispute = shop.ledger.open_dispute(shop.ledger.objects("charge")[0]["id"])
    await shop.news()
    assert await today(shop) == ["A bank disputes £150.00 of Amina Khan"]
    assert [status for status, _ in shop.entries(order)] == ["succeeded"] * 2
    shop.ledger.close_dispute(dispute["id"], won=won)
    for event in shop.events("charge.dispute.closed"):
        shop.ledger.redeliver(event)
    await shop.news()
    assert await today(shop) == []
    lost = [] if won else [("dispute", Decimal("75.00"), "returned")] * 2
    assert [tuple(row.values()) for row in rows(shop.db, "select reason, amount, state from refunds")] == lost
    assert shop.bookings(order) == [("confirmed", "paid")] * 2


async def test_money_that_no_order_explains_waits_for_a_person_and_goes_back_whole(shop: Shop) -> None:
    order = await shop.order()
    page = await shop.page(order)
    shop.db.execute("update checkout_attempts set amount = amount - 1")
    shop.ledger.pay(page)
    await shop.news()
    assert await today(shop) == ["£75.00 from Amina Khan belongs to no seat"]
    intent = one(shop.db, "select stripe_payment_intent_id as id from unsettled_payments")["id"]
    await return_unsettled(shop.database, Actor(carol(shop.db)["id"]), intent)
    await shop.news()
    assert [refund["amount"] for refund in shop.ledger.objects("refund")] == [7500]
    assert (await today(shop), shop.entries(order)) == ([], [])
    shop.disowned = shop.disowned_returns = 7500


async def test_an_event_of_the_other_mode_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    event: Any = {"id": "evt_live", "type": "refund.created", "data": {"object": {"id": "re_1"}}, "livemode": True}
    monkeypatch.setattr("stripe.WebhookSignature.verify_header", lambda *_: True)
    answer = await shop.http.post(WEBHOOK, json=event, headers={"stripe-signature": "t=1,v1=x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "other_mode")
    assert rows(shop.db, "select from webhook_events") == []


def test_a_live_key_never_meets_the_practice_stripe_and_a_test_key_shows() -> None:
    public = {"RFT_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz", "RFT_BASE_URL": "https://booking.example"}
    assert Settings.from_environment({**public, "STRIPE_SECRET_KEY": "sk_test_x"}).practising
    live = Settings.from_environment({**public, "STRIPE_SECRET_KEY": "sk_live_x"})
    assert (live.stripe_live, live.practising) == (True, False)
    for wrong in (
        {"STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_API_BASE": "http://127.0.0.1:1"},
        {"STRIPE_SECRET_KEY": "rk_live_x", "RFT_DEMO": "1"},
        {"STRIPE_SECRET_KEY": "pk_test_x"},
    ):
        with pytest.raises(SettingsError):
            Settings.from_environment({**public, **wrong})
