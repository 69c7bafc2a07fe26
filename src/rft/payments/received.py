"""Money that the office has received by itself: written down, also in part, and the seats that it covers confirmed."""

from decimal import Decimal

from psycopg.types.json import Jsonb

from rft import jobs
from rft.bookings.approvals import accept
from rft.bookings.errors import TransitionRefused
from rft.bookings.service import lock_order
from rft.database.pool import Connection
from rft.errors import NotFound, NotValid
from rft.kit.money import in_words
from rft.payments.errors import PaymentNotConfirmed
from rft.payments.queries import find_due
from rft.payments.service import confirm_covered

# Seat by seat in the order's own order, each up to what it is still short of, as far as the money reaches.
_RECORD = """
with short as (
    select booking.id, booking.payment_amount - ledger.kept as amount,
           sum(booking.payment_amount - ledger.kept) over (order by seat.position) as so_far
      from order_bookings as seat
      join bookings as booking on booking.id = seat.booking_id
      join lateral (select coalesce(sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount end), 0)
                           as kept
                      from payment_transactions as entry where entry.booking_id = booking.id) as ledger on true
     where seat.order_id = %(order_id)s and booking.status = 'pending' and booking.payment_amount > ledger.kept
)
insert into payment_transactions (booking_id, amount, payment_method, status, metadata)
select short.id, least(short.amount, %(amount)s - (short.so_far - short.amount)), %(method)s, 'succeeded', %(metadata)s
  from short
 where short.so_far - short.amount < %(amount)s
 order by short.so_far
"""


async def record_payment(
    db: Connection, order_id: int, *, method: str, note: str | None, recorded_by: int, amount: Decimal | None = None
) -> int:
    """Writes down what the office received for an order (None: all that is still due) and confirms the seats that it covers.

    Answers how many seats. What covers a seat only in part waits on it, and the order's clock stops: somebody is paying.
    Raises NotFound where nothing is due, NotValid where it is more than is due.
    """
    await lock_order(db, order_id)
    due = await find_due(db, order_id)
    if due <= 0:
        raise NotFound("There is nothing left to pay on this order.", code="nothing_to_pay")
    if amount is not None and amount > due:
        sentence = f"Only {in_words(due)} is still due."
        raise NotValid(sentence, code="more_than_due", errors={"amount": sentence})
    facts = Jsonb({"recorded_by": recorded_by, "note": note or ""})
    received = {"order_id": order_id, "amount": due if amount is None else amount, "method": method, "metadata": facts}
    await db.execute(_RECORD, received)
    if received["amount"] != due:
        await db.execute(
            "update orders set payment_method = 'invoice', hold_expires_at = null where id = %s and payment_method = 'card'",
            (order_id,),
        )
        # Who takes a part lets the rest be owed: nobody is to be asked about it, and no clock gives the seats back.
        cursor = await db.execute("select from order_approvals where order_id = %s and state = 'waiting'", (order_id,))
        if cursor.rowcount:
            await accept(db, order_id, decided_by=recorded_by)
    return await confirm_covered(db, order_id)


async def confirm_booking(db: Connection, booking_id: int) -> None:
    """Confirms one pending booking that the ledger covers. Raises PaymentNotConfirmed where it does not, TransitionRefused."""
    cursor = await db.execute("select order_id from order_bookings where booking_id = %s", (booking_id,))
    ordered = await cursor.fetchone()
    if ordered is not None:
        await lock_order(db, ordered["order_id"])
    cursor = await db.execute(
        """
        select booking.status, seat.order_id,
               booking.payment_amount - coalesce(sum(case entry.status when 'succeeded' then entry.amount
                                                                       when 'refunded' then -entry.amount end), 0.00) as short
          from bookings as booking
          left join order_bookings as seat on seat.booking_id = booking.id
          left join payment_transactions as entry on entry.booking_id = booking.id
         where booking.id = %s
         group by booking.id, seat.order_id
        """,
        (booking_id,),
    )
    booking = await cursor.fetchone()
    assert booking is not None, "the caller has just read it"
    if booking["status"] != "pending":
        raise TransitionRefused(f"A {booking['status']} booking cannot be confirmed.")
    if booking["short"] > 0:
        raise PaymentNotConfirmed(
            f"{in_words(booking['short'])} has not been received yet.", facts={"short": str(booking["short"])}
        )
    await db.execute("update bookings set status = 'confirmed', payment_status = 'paid' where id = %s", (booking_id,))
    if booking["order_id"] is not None:
        order_id = booking["order_id"]
        await jobs.enqueue(db, "invoices.issue_invoice", lock=f"invoices-{order_id}", order_id=order_id)
        await jobs.enqueue(db, "notifications.send_order_confirmation", order_id=order_id)
