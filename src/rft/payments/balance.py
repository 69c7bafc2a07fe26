"""Stripe's balance as its lists tell it: each movement of money with its fee, and what was sent to the bank."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from rft.kit.money import from_pence


@dataclass(frozen=True, slots=True)
class BalanceEntry:
    """`kind` is Stripe's reporting category: charge, refund, refund_failure, dispute, dispute_reversal, payout, fee and others.

    Amounts are signed as Stripe signs them: what leaves the balance is below nothing.
    """

    id: str
    kind: str
    amount: Decimal
    fee: Decimal
    net: Decimal
    source_id: str | None
    payment_intent_id: str | None
    available_on: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Payout:
    """`state` is Stripe's: pending, in_transit, paid, failed or canceled. One that failed comes back onto the balance."""

    id: str
    amount: Decimal
    state: str
    arrives_on: date
    created_at: datetime


def read_entry(found: Any) -> BalanceEntry:
    """From the SDK's object, its source filled in: a charge, refund or dispute says which payment it belongs to."""
    source = found.source
    intent = getattr(source, "payment_intent", None)
    return BalanceEntry(
        id=found.id,
        kind=found.reporting_category,
        amount=from_pence(found.amount),
        fee=from_pence(found.fee),
        net=from_pence(found.net),
        source_id=_id_of(source),
        payment_intent_id=_id_of(intent),
        available_on=_moment(found.available_on),
        created_at=_moment(found.created),
    )


def read_payout(found: Any) -> Payout:
    return Payout(
        id=found.id,
        amount=from_pence(found.amount),
        state=found.status,
        arrives_on=_moment(found.arrival_date).date(),
        created_at=_moment(found.created),
    )


def _id_of(found: Any) -> str | None:
    """The id, whether Stripe gave only that or the whole object."""
    return found if isinstance(found, str) or found is None else str(found.id)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
