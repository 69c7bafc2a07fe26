"""Sends money back that was paid for seats which were no longer there."""

from decimal import Decimal

from rft.bookings.service import lock_order
from rft.database.pool import Connection, Database
from rft.payments.gateway import Gateway


async def return_late_payment(database: Database, gateway: Gateway, order_id: int) -> Decimal:
    """Refunds what is still kept of a cancelled order's card payment, and writes it down; answers how much.

    The key names the order and the payment, so that asking Stripe twice moves the money once.
    """
    async with database.connection() as db:
        kept = await _kept(db, order_id)
    if kept is None:
        return Decimal(0)
    intent, amount = kept
    refund_id = await gateway.refund(intent, amount, idempotency_key=f"late-payment-{order_id}-{intent}")
    await database.run(lambda db: _write_down(db, order_id, intent, refund_id))
    return amount


async def _kept(db: Connection, order_id: int) -> tuple[str, Decimal] | None:
    cursor = await db.execute(
        """
        select entry.stripe_payment_intent_id as intent,
               sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end) as amount
          from order_bookings as seat
          join bookings as booking on booking.id = seat.booking_id and booking.status = 'cancelled'
          join payment_transactions as entry on entry.booking_id = booking.id and entry.stripe_payment_intent_id is not null
         where seat.order_id = %s
         group by entry.stripe_payment_intent_id
        having sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end) > 0
         limit 1
        """,
        (order_id,),
    )
    row = await cursor.fetchone()
    return (row["intent"], row["amount"]) if row is not None else None


async def _write_down(db: Connection, order_id: int, intent: str, refund_id: str) -> None:
    await lock_order(db, order_id)
    await db.execute(
        """
        insert into payment_transactions (booking_id, amount, payment_method, stripe_payment_intent_id, status, metadata)
        select entry.booking_id, sum(case entry.status when 'succeeded' then entry.amount else -entry.amount end), 'card',
               %(intent)s, 'refunded', jsonb_build_object('stripe_refund_id', %(refund_id)s::text, 'reason', 'paid after the hold was over')
          from order_bookings as seat
          join bookings as booking on booking.id = seat.booking_id and booking.status = 'cancelled'
          join payment_transactions as entry on entry.booking_id = booking.id and entry.stripe_payment_intent_id = %(intent)s
                                             and entry.status in ('succeeded', 'refunded')
         where seat.order_id = %(order_id)s
         group by entry.booking_id
        having sum(case entry.status when 'succeeded' then entry.amount else -entry.amount end) > 0
         order by entry.booking_id
        """,
        {"order_id": order_id, "intent": intent, "refund_id": refund_id},
    )
    await db.execute(
        """
        update bookings as booking set payment_status = 'refunded'
          from order_bookings as seat
         where seat.order_id = %s and booking.id = seat.booking_id and booking.status = 'cancelled' and booking.payment_amount > 0
        """,
        (order_id,),
    )
