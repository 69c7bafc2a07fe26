"""Reads what was agreed with Stripe about an order, and the refunds."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection


async def find_last_page(db: Connection, order_id: int) -> str | None:
    """Stripe's id of the payment page that was opened last for the order."""
    cursor = await db.execute(
        """
        select stripe_session_id from checkout_attempts
         where order_id = %s and stripe_session_id is not null
         order by id desc
         limit 1
        """,
        (order_id,),
    )
    row = await cursor.fetchone()
    return row["stripe_session_id"] if row is not None else None


async def find_due(db: Connection, order_id: int) -> Decimal:
    """What the pending seats of an order cost, less what has come in for them."""
    cursor = await db.execute(
        """
        select coalesce(sum(greatest(booking.payment_amount - ledger.kept, 0)), 0.00) as due
          from order_bookings as seat
          join bookings as booking on booking.id = seat.booking_id
          join lateral (select coalesce(sum(case entry.status when 'succeeded' then entry.amount
                                                              when 'refunded' then -entry.amount end), 0) as kept
                          from payment_transactions as entry where entry.booking_id = booking.id) as ledger on true
         where seat.order_id = %s and booking.status = 'pending'
        """,
        (order_id,),
    )
    row = await cursor.fetchone()
    assert row is not None, "a sum without groups is one row"
    return Decimal(row["due"])


@dataclass(frozen=True, slots=True)
class Refund:
    id: int
    booking_id: int
    amount: Decimal
    method: str
    stripe_payment_intent_id: str | None
    reason: str
    note: str | None
    state: str
    idempotency_key: str
    stripe_refund_id: str | None
    requested_by: int | None
    created_at: datetime
    settled_at: datetime | None
    failure_reason: str | None


_REFUNDS = """
select refund.id, refund.booking_id, refund.amount, refund.method, refund.stripe_payment_intent_id, refund.reason, refund.note,
       refund.state, refund.idempotency_key, refund.stripe_refund_id, refund.requested_by, refund.created_at, refund.settled_at,
       refund.failure_reason
  from refunds as refund
"""


async def find_refund(db: Connection, refund_id: int) -> Refund | None:
    async with db.cursor(row_factory=class_row(Refund)) as cursor:
        await cursor.execute(f"{_REFUNDS} where refund.id = %s", (refund_id,))
        return await cursor.fetchone()


async def list_refunds_at_stripe(db: Connection, *, refund_id: str, key: str | None) -> list[Refund]:
    """Ours that Stripe means by its own id, or by the key that we gave it."""
    async with db.cursor(row_factory=class_row(Refund)) as cursor:
        await cursor.execute(
            f"{_REFUNDS} where refund.stripe_refund_id = %s or refund.idempotency_key = %s order by refund.id",
            (refund_id, key),
        )
        return await cursor.fetchall()
