"""Stripe, through its official SDK; the only module that imports it. Nothing here touches the database."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Self

import msgspec

from rft.kit.money import from_pence, to_pence
from rft.payments.balance import BalanceEntry, Payout, read_entry, read_payout
from rft.payments.errors import NotAtStripe, OtherMode, PaymentUnavailable, RefusedByStripe, SignatureNotValid
from rft.settings import Settings

_TOLERANCE_SECONDS = 300
_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a hosted payment page is opened with. The same request always carries the same idempotency key."""

    idempotency_key: str
    order_reference: str
    description: str
    amount: Decimal
    email: str
    expires_at: datetime
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class Page:
    session_id: str
    url: str


@dataclass(frozen=True, slots=True)
class CheckoutState:
    """What Stripe says of a payment page now. `paid` only when the money has been captured; `processing`: a bank still decides."""

    session_id: str
    status: str
    paid: bool
    amount: Decimal
    currency: str
    livemode: bool
    order_reference: str | None
    payment_intent_id: str | None
    charge_id: str | None
    processing: bool = False


@dataclass(frozen=True, slots=True)
class RefundState:
    """What Stripe says of a refund now. `key` is our own name for it, where it is one of ours."""

    refund_id: str
    status: str
    amount: Decimal
    payment_intent_id: str | None
    key: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class DisputeState:
    """What Stripe says of a dispute now: the bank took the amount, and keeps it where the dispute is `lost`."""

    dispute_id: str
    status: str
    amount: Decimal
    reason: str
    payment_intent_id: str | None
    answer_by: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """A signed event: only its kind and the object's id are believed; the object itself is fetched again."""

    id: str
    kind: str
    object_id: str | None
    livemode: bool


class _Object(msgspec.Struct):
    id: str | None = None


class _Data(msgspec.Struct):
    object: _Object


class _SignedEvent(msgspec.Struct):
    id: str
    type: str
    data: _Data
    livemode: bool = False


class Gateway:
    """One Stripe account, for one event loop; close it by leaving its `async with`.

    Every call raises PaymentUnavailable where the answer is unknown; asking again is always safe. NotAtStripe is one of them.
    """

    def __init__(self, settings: Settings) -> None:
        import stripe

        self._stripe = stripe
        self._webhook_secret = settings.stripe_webhook_secret
        self.livemode = settings.stripe_live
        self._wire: stripe.HTTPXClient | None = None
        self._client: stripe.StripeClient | None = None
        if settings.stripe_secret_key:
            self._wire = stripe.HTTPXClient(timeout=_TIMEOUT_SECONDS)
            self._client = stripe.StripeClient(
                settings.stripe_secret_key,
                base_addresses={"api": settings.stripe_api_base},
                http_client=self._wire,
                max_network_retries=1,
            )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._wire is not None:
            await self._wire.close_async()  # type: ignore[no-untyped-call] # the SDK leaves it out

    async def list_balance_transactions(
        self, since: datetime | None = None, until: datetime | None = None, *, payout_id: str | None = None
    ) -> list[BalanceEntry]:
        """Every movement of money on the balance that was made from `since` up to `until`, or all that one payout brought."""
        wanted = _between(since, until) | ({"payout": payout_id} if payout_id else {})
        values = {"currency": "gbp", "expand": ["data.source"], **wanted}
        return [read_entry(found) async for found in self._each("balance_transactions.list_async", values)]

    async def list_payouts(self, since: datetime | None = None, until: datetime | None = None) -> list[Payout]:
        """What was sent to the bank, by when it was made."""
        return [read_payout(found) async for found in self._each("payouts.list_async", _between(since, until))]

    async def open_page(self, request: PageRequest) -> Page:
        session = await self._call(
            "checkout.sessions.create_async",
            {
                "mode": "payment",
                "client_reference_id": request.order_reference,
                "customer_email": request.email,
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": "gbp",
                            "unit_amount": to_pence(request.amount),
                            "product_data": {"name": request.description},
                        },
                    }
                ],
                "metadata": {"order": request.order_reference},
                "payment_intent_data": {"metadata": {"order": request.order_reference}},
                "success_url": request.success_url,
                "cancel_url": request.cancel_url,
                "expires_at": int(request.expires_at.replace(tzinfo=UTC).timestamp()),
            },
            idempotency_key=request.idempotency_key,
        )
        return Page(session.id, session.url)

    async def fetch_checkout(self, session_id: str) -> CheckoutState:
        return _state(
            await self._call_with_id("checkout.sessions.retrieve_async", session_id, {"expand": ["payment_intent"]})
        )

    async def find_page_paid_by(self, payment_intent_id: str) -> str | None:
        """Stripe's id of the payment page on which this payment was made; None where it came another way."""
        listed = await self._call("checkout.sessions.list_async", {"payment_intent": payment_intent_id, "limit": 1})
        return str(listed.data[0].id) if listed.data else None

    async def expire_checkout(self, session_id: str) -> CheckoutState:
        """Closes the page so that nobody pays on it any more; where it has been paid or closed already, tells how it stands."""
        try:
            await self._call_with_id("checkout.sessions.expire_async", session_id, {})
        except PaymentUnavailable as refused:
            # Stripe answers "not open any more" with an error: then its state, not the error, is the truth.
            if not isinstance(refused.__cause__, self._stripe.InvalidRequestError):
                raise
        return await self.fetch_checkout(session_id)

    async def refund(self, payment_intent_id: str, amount: Decimal, *, idempotency_key: str) -> RefundState:
        """Sends money back to the card, once for each key, however long ago it was asked for first.

        Stripe forgets a key after a day and its own refunds never: they are looked through before it is asked.
        Raises RefusedByStripe where it will not.
        """
        for made in await self.list_refunds(payment_intent=payment_intent_id):
            if made.key == idempotency_key:
                return made
        values = {
            "payment_intent": payment_intent_id,
            "amount": to_pence(amount),
            "metadata": {"refund": idempotency_key},
        }
        return _refund(await self._call("refunds.create_async", values, idempotency_key=idempotency_key))

    async def fetch_refund(self, refund_id: str) -> RefundState:
        return _refund(await self._call_with_id("refunds.retrieve_async", refund_id, {}))

    async def list_refunds(self, **wanted: Any) -> list[RefundState]:
        """All refunds of a `charge` or `payment_intent`, or `created` in a span of time (`{"gte": …}`, Unix seconds)."""
        return [_refund(found) async for found in self._each("refunds.list_async", wanted)]

    async def fetch_dispute(self, dispute_id: str) -> DisputeState:
        return _dispute(await self._call_with_id("disputes.retrieve_async", dispute_id, {}))

    async def list_disputes(self, **wanted: Any) -> list[DisputeState]:
        return [_dispute(found) async for found in self._each("disputes.list_async", wanted)]

    async def fetch_failure(self, payment_intent_id: str) -> tuple[str | None, str]:
        """The order an unsuccessful attempt belongs to, and why it failed, in Stripe's words."""
        intent = await self._call_with_id("payment_intents.retrieve_async", payment_intent_id, {})
        error = getattr(intent, "last_payment_error", None)
        return _metadata(intent, "order"), str(getattr(error, "message", None) or "The card was declined.")

    def read_event(self, payload: bytes, signature: str) -> Event:
        """Raises SignatureNotValid, or OtherMode for a test event where the key is live and the other way round.

        Without a webhook secret nothing is believed.
        """
        if not self._webhook_secret:
            raise SignatureNotValid(
                "This server has no webhook secret, so it believes no event.", code="webhook_not_configured"
            )
        try:
            self._stripe.WebhookSignature.verify_header(
                payload.decode(), signature, self._webhook_secret, _TOLERANCE_SECONDS
            )
            event = msgspec.json.decode(payload, type=_SignedEvent)
        except (ValueError, msgspec.MsgspecError, self._stripe.SignatureVerificationError) as cause:
            raise SignatureNotValid from cause
        # The SDK refuses what was signed long ago, and takes what was signed tomorrow.
        if _signed_at(signature) > time.time() + _TOLERANCE_SECONDS:
            raise SignatureNotValid
        if event.livemode is not self.livemode:
            raise OtherMode
        return Event(event.id, event.type, event.data.object.id, event.livemode)

    async def _each(self, method: str, values: dict[str, Any]) -> AsyncIterator[Any]:
        """Walks a list of Stripe's to its end."""
        after: dict[str, str] = {}
        while True:
            page = await self._call(method, {**values, "limit": 100, **after})
            for found in page.data:
                yield found
            if not page.has_more:
                return
            after = {"starting_after": page.data[-1].id}

    async def _call_with_id(self, method: str, object_id: str, values: dict[str, Any]) -> Any:
        return await self._call(method, values, object_id)

    async def _call(self, method: str, values: dict[str, Any], *path: str, idempotency_key: str | None = None) -> Any:
        if self._client is None:
            raise PaymentUnavailable("Card payments are not set up on this server.", code="payments_not_configured")
        call: Any = self._client.v1
        for name in method.split("."):
            call = getattr(call, name)
        options = {"idempotency_key": idempotency_key} if idempotency_key else {}
        try:
            return await call(*path, params=values, options=options)
        except self._stripe.StripeError as cause:
            if cause.code == "resource_missing":
                raise NotAtStripe(cause.user_message) from cause
            if isinstance(cause, self._stripe.InvalidRequestError):
                raise RefusedByStripe(cause.user_message) from cause
            raise PaymentUnavailable from cause


def _between(since: datetime | None, until: datetime | None) -> dict[str, Any]:
    """Stripe's filter by time; none where no end is given."""
    ends = {"gte": since, "lt": until}
    bounds = {name: int(end.replace(tzinfo=UTC).timestamp()) for name, end in ends.items() if end is not None}
    return {"created": bounds} if bounds else {}


def _signed_at(signature: str) -> int:
    """The time in a header that has been verified."""
    return next(int(value) for name, _, value in (part.partition("=") for part in signature.split(",")) if name == "t")


def _state(session: Any) -> CheckoutState:
    intent = session.payment_intent
    charge = getattr(intent, "latest_charge", None)
    return CheckoutState(
        session_id=session.id,
        status=session.status,
        paid=session.payment_status == "paid",
        amount=from_pence(session.amount_total),
        currency=session.currency.upper(),
        livemode=bool(session.livemode),
        order_reference=session.client_reference_id,
        payment_intent_id=getattr(intent, "id", None),
        charge_id=_id_of(charge),
        processing=getattr(intent, "status", None) == "processing",
    )


def _refund(refund: Any) -> RefundState:
    return RefundState(
        refund_id=refund.id,
        status=refund.status,
        amount=from_pence(refund.amount),
        payment_intent_id=_id_of(refund.payment_intent),
        key=_metadata(refund, "refund"),
        failure=getattr(refund, "failure_reason", None),
    )


def _dispute(dispute: Any) -> DisputeState:
    due_by = getattr(dispute.evidence_details, "due_by", None)
    return DisputeState(
        dispute_id=dispute.id,
        status=dispute.status,
        amount=from_pence(dispute.amount),
        reason=str(dispute.reason),
        payment_intent_id=_id_of(dispute.payment_intent),
        answer_by=datetime.fromtimestamp(due_by, UTC).replace(tzinfo=None) if due_by else None,
    )


def _id_of(found: Any) -> str | None:
    """The id, whether Stripe gave only that or the whole object."""
    return found if isinstance(found, str) or found is None else str(found.id)


def _metadata(found: Any, name: str) -> str | None:
    metadata = getattr(found, "metadata", None)
    return metadata[name] if metadata and name in metadata else None
