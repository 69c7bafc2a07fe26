"""The practice Stripe through the official SDK: sessions, payments, refunds, idempotency, lists and errors."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, get_args

import httpx
import pytest
import stripe

from rft.fake_stripe.app import create_app
from rft.fake_stripe.balance import card_fee
from rft.fake_stripe.books import SHAPES
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.serve import serving

SECRET = "sk_test_shop"
DECLINED, SHORT_OF_MONEY = "4000000000000002", "4000000000009995"


class Shop:
    """Amina's way to a payment: the SDK as the product uses it, and the ledger that says what is true."""

    def __init__(self, address: str, ledger: Ledger) -> None:
        self.address = address
        self.ledger = ledger
        self.wire = stripe.HTTPXClient(allow_sync_methods=True)
        self.stripe = self.client()

    def client(self, key: str = SECRET, **options: Any) -> stripe.StripeClient:
        options = {"http_client": self.wire, **options}
        return stripe.StripeClient(key, base_addresses={"api": self.address}, **options)

    @asynccontextmanager
    async def async_client(self) -> AsyncIterator[stripe.StripeClient]:
        """A client of its own for this event loop, closed at the end."""
        wire = stripe.HTTPXClient()
        try:
            yield self.client(http_client=wire)
        finally:
            await wire.close_async()  # type: ignore[no-untyped-call]

    def order(self, pence: int = 7500, **changes: Any) -> dict[str, Any]:
        line = {"currency": "gbp", "unit_amount": pence, "product_data": {"name": "Emergency First Aid at Work"}}
        return {
            "mode": "payment",
            "line_items": [{"price_data": line, "quantity": 1}],
            "success_url": "http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://127.0.0.1:1/back",
            **changes,
        }

    def sell(self, pence: int = 7500, **changes: Any) -> stripe.checkout.Session:
        return self.stripe.v1.checkout.sessions.create(params=self.order(pence, **changes))  # type: ignore[arg-type]

    def sold(self, pence: int = 7500) -> str:
        """The PaymentIntent of an order that Amina has paid."""
        session = self.sell(pence)
        self.ledger.pay(session.id, email="amina@example.com")
        return str(self.stripe.v1.checkout.sessions.retrieve(session.id).payment_intent)

    def refund(self, intent: str, pence: int, key: str | None = None) -> stripe.Refund:
        options: Any = {"idempotency_key": key} if key else {}
        return self.stripe.v1.refunds.create(params={"payment_intent": intent, "amount": pence}, options=options)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    app = create_app(database=None, secret_key=SECRET, webhook_secret="whsec_shop", webhook_url=None)
    with serving(app) as address:
        shop = Shop(address, app.state.ledger)
        yield shop
        shop.wire.close()  # type: ignore[no-untyped-call]


@pytest.fixture(autouse=True)
def no_faults(shop: Shop) -> Iterator[None]:
    yield
    shop.ledger.clear_faults()


def test_amina_pays_and_the_money_is_seen_from_every_side(shop: Shop) -> None:
    session = shop.sell(7500, client_reference_id="RFT-1", payment_intent_data={"metadata": {"order": "1"}})
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert shop.ledger.pay(session.id, email="amina@example.com").result == "paid"
    expand = ["payment_intent.latest_charge.balance_transaction", "line_items"]
    paid = shop.stripe.v1.checkout.sessions.retrieve(session.id, params={"expand": expand})
    intent: Any = paid.payment_intent
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert (intent.amount_received, intent.metadata["order"], intent.latest_charge.paid) == (7500, "1", True)
    assert intent.latest_charge.balance_transaction.net == 7500 - 113 - 20
    assert paid.line_items
    assert paid.line_items.data[0].description == "Emergency First Aid at Work"
    assert paid.customer_details
    assert paid.customer_details.email == "amina@example.com"


async def test_the_async_client_works_the_same(shop: Shop) -> None:
    async with shop.async_client() as client:
        session = await client.v1.checkout.sessions.create_async(params=shop.order())  # type: ignore[arg-type]
        shop.ledger.pay(session.id)
        again = await client.v1.checkout.sessions.retrieve_async(session.id)
    assert again.payment_status == "paid"


def test_declined_then_paid_leaves_a_failed_charge_and_one_that_counts(shop: Shop) -> None:
    session = shop.sell()
    assert shop.ledger.pay(session.id, SHORT_OF_MONEY).result == "declined"
    intent_id = str(shop.stripe.v1.checkout.sessions.retrieve(session.id).payment_intent)
    declined = shop.stripe.v1.payment_intents.retrieve(intent_id)
    assert declined.last_payment_error
    assert declined.last_payment_error.decline_code == "insufficient_funds"
    shop.ledger.pay(session.id)
    charges = shop.stripe.v1.charges.list(params={"payment_intent": intent_id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]
    assert shop.stripe.v1.payment_intents.retrieve(intent_id).last_payment_error is None


def test_a_paid_session_takes_no_second_payment(shop: Shop) -> None:
    session = shop.sell()
    assert [shop.ledger.pay(session.id).result for _ in range(3)] == ["paid", "closed", "closed"]
    intent = str(shop.stripe.v1.checkout.sessions.retrieve(session.id).payment_intent)
    assert len(shop.stripe.v1.charges.list(params={"payment_intent": intent}).data) == 1


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"line_items": []}, "parameter_missing", "line_items"),
        ({"mode": "barter"}, None, "mode"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"success_url": "somewhere"}, "url_invalid", "success_url"),
        ({"customer_email": "amina"}, "email_invalid", "customer_email"),
        ({"expires_at": int(time.time()) + 60}, None, "expires_at"),
        ({"expires_at": int(time.time()) + 90_000}, None, "expires_at"),
        ({"expires_at": "tomorrow"}, "parameter_invalid_integer", "expires_at"),
        ({"metadata": {"x" * 41: "1"}}, None, f"metadata[{'x' * 41}]"),
        ({"client_reference_id": ""}, "parameter_invalid_empty", "client_reference_id"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(shop: Shop, changes: dict[str, Any], code: str, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.sell(**changes)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    assert refused.value.request_id


@pytest.mark.parametrize(
    ("pence", "code"), [(0, "amount_too_small"), (29, "amount_too_small"), (10**8, "amount_too_large")]
)
def test_an_amount_stripe_would_not_take_is_refused(shop: Shop, pence: int, code: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.sell(pence)
    assert refused.value.code == code


def test_keys_are_checked(shop: Shop) -> None:
    for key in ("sk_test_wrong", "pk_test_practice"):
        with pytest.raises(stripe.AuthenticationError):
            shop.client(key).v1.accounts.retrieve_current()
    assert httpx.get(f"{shop.address}/v1/account").status_code == 401
    assert shop.stripe.v1.accounts.retrieve_current().country == "GB"


def test_a_live_key_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="live key"):
        create_app(database=None, secret_key="sk_live_real", webhook_secret="whsec", webhook_url=None)


def test_what_does_not_exist_is_not_found(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.payment_intents.retrieve("pi_nobody")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        shop.stripe.v1.customers.list()


def test_refunds_never_exceed_the_charge(shop: Shop) -> None:
    intent = shop.sold(7500)
    assert shop.refund(intent, 2500).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as refused:
        shop.refund(intent, 5001)
    assert refused.value.param == "amount"
    shop.stripe.v1.refunds.create(params={"payment_intent": intent, "reason": "requested_by_customer"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.refund(intent, 1)
    assert refused.value.code == "charge_already_refunded"
    [charge] = shop.stripe.v1.charges.list(params={"payment_intent": intent}).data
    assert (charge.amount_refunded, charge.refunded) == (7500, True)


def test_an_unpaid_intent_cannot_be_refunded(shop: Shop) -> None:
    session = shop.sell()
    shop.ledger.pay(session.id, DECLINED)
    intent = str(shop.stripe.v1.checkout.sessions.retrieve(session.id).payment_intent)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        shop.refund(intent, 100)


def test_the_same_key_gives_the_same_answer_once(shop: Shop) -> None:
    intent = shop.sold(7500)
    first, second = (shop.refund(intent, 1000, key="once") for _ in range(2))
    assert first.id == second.id
    assert second.last_response
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert len(shop.stripe.v1.refunds.list(params={"payment_intent": intent}).data) == 1


def test_a_key_fits_one_request_only(shop: Shop) -> None:
    intent = shop.sold(7500)
    shop.refund(intent, 1000, key="fits")
    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        shop.refund(intent, 2000, key="fits")
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        shop.stripe.v1.checkout.sessions.create(params=shop.order(), options={"idempotency_key": "fits"})  # type: ignore[arg-type]


async def test_a_key_under_way_is_a_conflict(shop: Shop) -> None:
    intent = shop.sold(7500)
    shop.ledger.fault("delay_before", "POST", "/v1/refunds", seconds=0.8)
    params: Any = {"payment_intent": intent, "amount": 1000}
    async with shop.async_client() as client:
        calls = [client.v1.refunds.create_async(params=params, options={"idempotency_key": "busy"}) for _ in "ab"]
        answers = await asyncio.gather(*calls, return_exceptions=True)
    [conflict] = [answer for answer in answers if isinstance(answer, stripe.StripeError)]
    assert conflict.http_status == 409
    assert conflict.error is not None
    assert conflict.error.code == "idempotency_key_in_use"
    assert len(shop.stripe.v1.refunds.list(params={"payment_intent": intent}).data) == 1


def test_a_refused_parameter_does_not_use_up_the_key_but_a_refused_refund_does(shop: Shop) -> None:
    intent = shop.sold(7500)
    with pytest.raises(stripe.InvalidRequestError):
        shop.refund(intent, -1, key="typo")
    assert shop.refund(intent, 7500, key="typo").amount == 7500
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="already been refunded"):
            shop.refund(intent, 7500, key="late")


def test_after_a_day_a_key_is_forgotten(shop: Shop) -> None:
    intent = shop.sold(7500)
    first = shop.refund(intent, 1000, key="old")
    shop.ledger.expire_keys()
    assert shop.refund(intent, 1000, key="old").id != first.id


@pytest.mark.parametrize("fault", ["lose_reply", "fail_after"])
def test_a_lost_reply_is_found_again_by_its_key(shop: Shop, fault: str) -> None:
    intent = shop.sold(7500)
    shop.ledger.fault(fault, "POST", "/v1/refunds")
    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        shop.refund(intent, 1000, key=f"lost {fault}")
    assert shop.refund(intent, 1000, key=f"lost {fault}").status == "succeeded"
    [only] = shop.stripe.v1.refunds.list(params={"payment_intent": intent}).data
    assert only.amount == 1000


@pytest.mark.parametrize("wire", [stripe.HTTPXClient, stripe.RequestsClient])
def test_the_sdk_retries_by_itself_and_pays_back_once(shop: Shop, wire: Any) -> None:
    intent = shop.sold(7500)
    shop.ledger.fault("lose_reply", "POST", "/v1/refunds")
    http_client = wire(allow_sync_methods=True) if wire is stripe.HTTPXClient else wire()
    patient = shop.client(max_network_retries=1, http_client=http_client)
    patient.v1.refunds.create(params={"payment_intent": intent, "amount": 400})
    http_client.close()
    assert [refund.amount for refund in shop.stripe.v1.refunds.list(params={"payment_intent": intent}).data] == [400]


def test_ordered_refusals_have_no_effect(shop: Shop) -> None:
    intent = shop.sold(7500)
    shop.ledger.fault("answer", "POST", "/v1/refunds", status=429)
    shop.ledger.fault("answer", "POST", "/v1/refunds", times=2, status=500)
    with pytest.raises(stripe.RateLimitError):
        shop.refund(intent, 1000)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            shop.refund(intent, 1000)
    assert shop.stripe.v1.refunds.list(params={"payment_intent": intent}).data == []


def test_a_session_expires_on_request_and_by_time(shop: Shop) -> None:
    asked, waited = shop.sell(), shop.sell(expires_at=int(time.time()) + 1800)
    assert shop.stripe.v1.checkout.sessions.expire(asked.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match='status in \\["open"\\] can be expired'):
        shop.stripe.v1.checkout.sessions.expire(asked.id)
    shop.ledger.change(waited.id, expires_at=int(time.time()) - 1)
    assert shop.ledger.pay(waited.id).result == "closed"
    assert shop.stripe.v1.checkout.sessions.retrieve(waited.id).status == "expired"


def test_lists_go_on_page_after_page(shop: Shop) -> None:
    made = [shop.sell().id for _ in range(5)]
    first = shop.stripe.v1.checkout.sessions.list(params={"limit": 2})
    assert (first.has_more, [session.id for session in first.data]) == (True, made[:2:-1])
    walked = [session.id for session, _ in zip(first.auto_paging_iter(), range(5), strict=False)]
    assert walked == made[::-1]
    back = shop.stripe.v1.checkout.sessions.list(params={"limit": 2, "ending_before": made[0]})
    assert [session.id for session in back.data] == [made[2], made[1]]


def test_events_are_listed_by_type_and_time(shop: Shop) -> None:
    intent = shop.sold()
    newest = shop.stripe.v1.events.list(params={"types": ["payment_intent.succeeded"], "limit": 1}).data[0]
    assert newest.data.object["id"] == intent
    assert shop.stripe.v1.events.retrieve(newest.id).type == "payment_intent.succeeded"
    assert all(
        event.type.startswith("charge.") for event in shop.stripe.v1.events.list(params={"type": "charge.*"}).data
    )
    assert shop.stripe.v1.events.list(params={"created": {"lt": 1000}}).data == []


@pytest.mark.parametrize(("pence", "fee"), [(30, 20), (100, 22), (7500, 133), (14998, 245), (33, 20), (34, 21)])
def test_the_fee_is_one_and_a_half_percent_and_twenty_pence(pence: int, fee: int) -> None:
    assert card_fee(pence) == fee


@pytest.mark.parametrize(
    ("kind", "of_sdk"),
    [
        ("checkout.session", stripe.checkout.Session),
        ("payment_intent", stripe.PaymentIntent),
        ("charge", stripe.Charge),
        ("refund", stripe.Refund),
        ("dispute", stripe.Dispute),
        ("balance_transaction", stripe.BalanceTransaction),
        ("payout", stripe.Payout),
        ("event", stripe.Event),
    ],
)
def test_every_field_the_sdk_promises_is_there(kind: str, of_sdk: Any) -> None:
    promised = {name for name, of in of_sdk.__annotations__.items() if type(None) not in get_args(of)}
    assert promised - {"OBJECT_NAME"} <= SHAPES[kind].keys()
