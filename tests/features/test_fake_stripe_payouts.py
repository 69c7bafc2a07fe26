"""The practice Stripe's payouts: what is in them, when they come, and that nothing is paid out twice."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from starlette.applications import Starlette

from rft.fake_stripe.app import create_app
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.serve import serving
from rft.kit.clock import utc_now
from rft.payments.gateway import Gateway, PageRequest
from tests.features.payments.paying import SECRET, SIGNING, shop_settings


@pytest.fixture(scope="module")
def practice() -> Iterator[tuple[Starlette, str]]:
    app = create_app(database=None, secret_key=SECRET, webhook_secret=SIGNING, webhook_url=None)
    with serving(app) as address:
        yield app, address


@pytest.fixture
def ledger(practice: tuple[Starlette, str]) -> Ledger:
    found: Ledger = practice[0].state.ledger
    found.reset()
    return found


@pytest.fixture
async def gateway(practice: tuple[Starlette, str]) -> AsyncIterator[Gateway]:
    async with Gateway(shop_settings("postgresql:///nothing", practice[1])) as gateway:
        yield gateway


async def paid(gateway: Gateway, ledger: Ledger, amount: str, key: str) -> str:
    """The PaymentIntent of what Amina paid."""
    page = await gateway.open_page(
        PageRequest(key, "RFO-1", "A place", Decimal(amount), "amina@example.com", utc_now() + timedelta(hours=1),
                    "http://127.0.0.1/done", "http://127.0.0.1/back")
    )  # fmt: skip
    ledger.pay(page.session_id)
    state = await gateway.fetch_checkout(page.session_id)
    assert state.payment_intent_id is not None
    return state.payment_intent_id


async def test_each_movement_is_listed_with_its_fee_and_its_payment(gateway: Gateway, ledger: Ledger) -> None:
    intent = await paid(gateway, ledger, "75.00", "one")
    await gateway.refund(intent, Decimal("20.00"), idempotency_key="back")
    back, charge = await gateway.list_balance_transactions()
    assert (charge.kind, charge.amount, charge.fee, charge.net) == ("charge", 75, Decimal("1.33"), Decimal("73.67"))
    assert (back.kind, back.amount, back.net) == ("refund", -20, -20)
    assert {charge.payment_intent_id, back.payment_intent_id} == {intent}


async def test_money_waits_two_days_and_is_then_paid_out_once(gateway: Gateway, ledger: Ledger) -> None:
    await paid(gateway, ledger, "75.00", "two")
    assert await gateway.list_payouts() == []
    [made] = ledger.pay_out()
    [payout] = await gateway.list_payouts()
    assert (payout.id, payout.amount, payout.state) == (made["id"], Decimal("73.67"), "in_transit")
    assert ledger.pay_out(arrived=True) == []
    assert [payout.state for payout in await gateway.list_payouts()] == ["paid"]
    assert ledger.dump()["sums"]["balance"] == 0


async def test_a_payout_tells_what_it_brought(gateway: Gateway, ledger: Ledger) -> None:
    await paid(gateway, ledger, "75.00", "three")
    [first] = ledger.pay_out()
    intent = await paid(gateway, ledger, "100.00", "four")
    await gateway.refund(intent, Decimal("10.00"), idempotency_key="some")
    [second] = ledger.pay_out()
    parts = {made["id"]: await gateway.list_balance_transactions(payout_id=made["id"]) for made in (first, second)}
    assert sorted(part.kind for part in parts[second["id"]]) == ["charge", "payout", "refund"]
    assert [sum(part.net for part in brought) for brought in parts.values()] == [0, 0]


async def test_what_went_below_nothing_waits(gateway: Gateway, ledger: Ledger) -> None:
    intent = await paid(gateway, ledger, "75.00", "five")
    ledger.pay_out()
    await gateway.refund(intent, Decimal("75.00"), idempotency_key="all")
    assert ledger.pay_out() == []
    await paid(gateway, ledger, "100.00", "six")
    [payout] = ledger.pay_out()
    assert payout["amount"] == 10000 - 170 - 7500


async def test_lists_are_walked_to_their_end_and_bounded_by_time(gateway: Gateway, ledger: Ledger) -> None:
    intent = await paid(gateway, ledger, "200.00", "seven")
    for number in range(104):
        await gateway.refund(intent, Decimal("1.00"), idempotency_key=f"pound {number}")
    assert len(await gateway.list_balance_transactions()) == 105
    assert await gateway.list_balance_transactions(utc_now() + timedelta(minutes=1)) == []
