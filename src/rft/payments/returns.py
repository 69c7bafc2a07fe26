"""Sends money back that was paid for seats which did not wait for it: given up meanwhile, or paid for already."""

from decimal import Decimal

from psycopg.types.json import Jsonb

from rft.bookings.service import lock_order
from rft.database.pool import Connection, Database
from rft.payments.gateway import Gateway

# Of a seat that was given up everything goes back, of one that is kept what was paid on top of its price.
_TOO_MUCH = """
select booking.id, least(payment.kept, sum(entry.amount * case entry.status when 'succeeded' then 1 else -1 end)
                                       - case booking.status when 'cancelled' then 0 else booking.payment_amount end) as amount
  from order_bookings as seat
  join bookings as booking on booking.id = seat.booking_id
  join payment_transactions as entry on entry.booking_id = booking.id and entry.status in ('succeeded', 'refunded')
  join lateral (select sum(part.amount * case part.status when 'succeeded' then 1 else -1 end) as kept
                  from payment_transactions as part
                 where part.booking_id = booking.id and part.stripe_payment_intent_id = %(intent)s
                   and part.status in ('succeeded', 'refunded')) as payment on payment.kept > 0
 where seat.order_id = %(order_id)s
 group by booking.id, payment.kept
having sum(entry.amount * case entry.status when 'succeeded' then 1 else -1 end)
       > case booking.status when 'cancelled' then 0 else booking.payment_amount end
 order by booking.id
"""


async def return_late_payment(database: Database, gateway: Gateway, order_id: int, payment_intent_id: str) -> Decimal:
    """Refunds what one payment brought that no seat waits for, and writes it down; answers how much.

    The key names the order and the payment, so that asking Stripe twice moves the money once.
    """
    async with database.connection() as db:
        cursor = await db.execute(_TOO_MUCH, {"order_id": order_id, "intent": payment_intent_id})
        parts = {row["id"]: row["amount"] for row in await cursor.fetchall()}
    if not parts:
        return Decimal(0)
    amount = sum(parts.values(), Decimal(0))
    key = f"late-payment-{order_id}-{payment_intent_id}"
    refund_id = await gateway.refund(payment_intent_id, amount, idempotency_key=key)
    await database.run(lambda db: _write_down(db, order_id, payment_intent_id, refund_id, parts))
    return amount


async def _write_down(db: Connection, order_id: int, intent: str, refund_id: str, parts: dict[int, Decimal]) -> None:
    """What Stripe has moved, as it moved it; once, however many workers heard of it."""
    await lock_order(db, order_id)
    facts = {"stripe_refund_id": refund_id, "reason": "no seat waited for this payment"}
    await db.execute(
        """
        insert into payment_transactions (booking_id, amount, payment_method, stripe_payment_intent_id, status, metadata)
        select part.booking_id, part.amount, 'card', %(intent)s, 'refunded', %(facts)s
          from unnest(%(booking_ids)s::integer[], %(amounts)s::numeric[]) as part (booking_id, amount)
         where not exists (select from payment_transactions as entry
                            where entry.booking_id = part.booking_id and entry.metadata @> %(facts)s)
         order by part.booking_id
        """,
        {
            "intent": intent,
            "facts": Jsonb(facts),
            "booking_ids": list(parts),
            "amounts": list(parts.values()),
        },
    )
    await db.execute(
        """
        update bookings as booking set payment_status = 'refunded'
         where booking.id = any (%s) and booking.status = 'cancelled'
           and not exists (select from payment_transactions as entry
                            where entry.booking_id = booking.id
                           having sum(entry.amount) filter (where entry.status = 'succeeded')
                                  > sum(entry.amount) filter (where entry.status = 'refunded'))
        """,
        (list(parts),),
    )
