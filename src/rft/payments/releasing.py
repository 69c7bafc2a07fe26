"""Gives back the seats of an order that is not paid, and owes back what part of it has come in already."""

from rft import jobs
from rft.bookings.service import lock_order, release_unpaid_order
from rft.database.pool import Connection
from rft.payments.refunds import find_refundable, owe_refund, restate_payment


async def release_order_seats(db: Connection, order_id: int, *, requested_by: int | None = None) -> int:
    """As release_unpaid_order, and raises what it raises; a part payment goes back the way it came."""
    await lock_order(db, order_id)
    # Only the seats that are given back now: what was kept of others by the terms, or is theirs after goodwill, is settled already.
    waiting = await db.execute(
        """
        select booking.id from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
         where seat.order_id = %s and booking.status = 'pending'
        """,
        (order_id,),
    )
    given_back = [row["id"] for row in await waiting.fetchall()]
    seats = await release_unpaid_order(db, order_id)
    cursor = await db.execute(
        """
        select booking.id
          from bookings as booking
         where booking.id = any (%s) and booking.status = 'cancelled'
           and exists (select from payment_transactions as entry where entry.booking_id = booking.id and entry.status = 'succeeded')
         order by booking.id
        """,
        (given_back,),
    )
    part_paid = [row["id"] for row in await cursor.fetchall()]
    refunds: list[int] = []
    for booking_id in part_paid:
        amount = await find_refundable(db, booking_id)
        refunds += await owe_refund(
            db, booking_id, amount, reason="cancelled_by_customer", requested_by=requested_by, note="Never paid in full"
        )
    await restate_payment(db, part_paid)
    if refunds:
        await jobs.enqueue(db, "notifications.send_payment_returned", order_id=order_id, refund_ids=refunds)
    return seats
