"""Settles what was paid: ledger rows, confirmation, and money that has to go back. Effect and mark share one transaction."""

from decimal import Decimal

import structlog

from rft import jobs
from rft.bookings.service import lock_order
from rft.database.pool import Connection, Database, Row
from rft.kit.clock import utc_now
from rft.kit.money import NOTHING, in_words
from rft.payments.gateway import CheckoutState, Gateway
from rft.payments.outcomes import Outcome
from rft.payments.rebooking import book_again
from rft.payments.refunds import find_refundable, owe_refund, restate_payment
from rft.payments.unsettled import keep_unsettled

log = structlog.get_logger()

# A page is paid as a whole. It covers the seats that wait for money; where those are fewer than were paid for, then those that
# were given up last, so that exactly the sum that Stripe took is written down.
_RECEIVE = """
with seats as (
    select booking.id, wanting.amount,
           sum(wanting.amount) over (order by (booking.status = 'pending') desc, booking.updated_at desc, booking.id) as so_far
      from order_bookings as seat
      join bookings as booking on booking.id = seat.booking_id
      join lateral (select booking.payment_amount - case booking.status when 'pending' then coalesce(
                               sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount end), 0)
                           else 0 end as amount
                      from payment_transactions as entry where entry.booking_id = booking.id) as wanting on wanting.amount > 0
     where seat.order_id = %(order_id)s
       and not exists (select from order_bookings as later where later.replaces = booking.id)
)
insert into payment_transactions (booking_id, amount, payment_method, stripe_payment_intent_id, stripe_charge_id, status)
select seats.id, seats.amount, 'card', %(intent)s, %(charge)s, 'succeeded'
  from seats
 where seats.so_far <= %(amount)s and exists (select from seats where so_far = %(amount)s)
 order by seats.id
returning booking_id
"""


async def settle_checkout(database: Database, gateway: Gateway, session_id: str) -> Outcome:
    """Asks Stripe how the page stands and makes our books say the same; safe to repeat, from webhook, return page and job alike."""
    state = await gateway.fetch_checkout(session_id)
    return await database.run(lambda db: settle(db, state, livemode=gateway.livemode))


async def settle(db: Connection, state: CheckoutState, *, livemode: bool) -> Outcome:
    """The effect of a page's state, in the caller's transaction."""
    attempt = await _attempt_of(db, state)
    if attempt is None:
        return Outcome("No order of ours belongs to this payment page.")
    if state.livemode is not livemode or state.currency != "GBP" or state.amount != attempt["amount"]:
        log.error("payment_differs", order=attempt["reference"], stripe_session=state.session_id)
        words = f"Refused: {state.amount} {state.currency} (live: {state.livemode}) is not what the order asked for."
        # A payment in the other mode is not ours to give back with this key.
        if state.livemode is livemode:
            why = f"The order asked for {in_words(attempt['amount'])}."
            await keep_unsettled(db, attempt["order_id"], state, why)
        return Outcome(words, wrong=True)
    if not state.paid:
        # While a bank decides, the page stays the order's only one: nobody is to pay twice.
        if state.status != "open" and not state.processing:
            await _close(db, attempt["id"], state.session_id)
        return Outcome(f"Nothing received yet: the page is {state.status}.")
    await lock_order(db, attempt["order_id"])
    await _close(db, attempt["id"], state.session_id)
    return await _receive(db, attempt["order_id"], state)


async def _attempt_of(db: Connection, state: CheckoutState) -> Row | None:
    """Found by the page's id, or, where the answer that told us the id was lost, by the order that Stripe names."""
    cursor = await db.execute(
        """
        select attempt.id, attempt.order_id, attempt.amount, placed.reference
          from checkout_attempts as attempt
          join orders as placed on placed.id = attempt.order_id
         where attempt.stripe_session_id = %(session_id)s
            or (attempt.stripe_session_id is null and placed.reference = %(reference)s)
         order by attempt.stripe_session_id nulls last, attempt.id desc
         limit 1
        """,
        {"session_id": state.session_id, "reference": state.order_reference},
    )
    return await cursor.fetchone()


async def _close(db: Connection, attempt_id: object, session_id: str) -> None:
    """Stripe has said how the page ended: its address, which stands for that question, goes."""
    await db.execute(
        """
        update checkout_attempts
           set state = 'closed', url = null, stripe_session_id = coalesce(stripe_session_id, %s)
         where id = %s
        """,
        (session_id, attempt_id),
    )


async def _receive(db: Connection, order_id: object, state: CheckoutState) -> Outcome:
    """One ledger row a seat that was paid for, then the confirmation. Seats that were lost are booked again where they are free;
    money that no seat waits for goes back.
    """
    intent = state.payment_intent_id
    if await _was_received(db, order_id, intent):
        return Outcome("Already received.")
    await book_again(db, order_id, state.amount, now=utc_now())
    cursor = await db.execute(
        _RECEIVE, {"order_id": order_id, "amount": state.amount, "intent": intent, "charge": state.charge_id}
    )
    received = await cursor.fetchall()
    if not received:
        log.error("payment_differs", order_id=order_id, stripe_session=state.session_id)
        words = f"Refused: {state.amount} {state.currency} is not what any seats of the order cost."
        await keep_unsettled(db, order_id, state, "It is not what any places of the order cost.")
        return Outcome(words, wrong=True)
    confirmed = await confirm_covered(db, order_id)
    back = await _owe_back(db, order_id, [row["booking_id"] for row in received], intent)
    rest = f"; {in_words(back)} goes back." if back else "."
    return Outcome(f"Received {state.amount} GBP: {confirmed} of {len(received)} seats confirmed{rest}")


async def _was_received(db: Connection, order_id: object, intent: str | None) -> bool:
    cursor = await db.execute(
        """
        select from order_bookings as seat
          join payment_transactions as entry on entry.booking_id = seat.booking_id
         where seat.order_id = %s and entry.stripe_payment_intent_id = %s and entry.status = 'succeeded'
        """,
        (order_id, intent),
    )
    return await cursor.fetchone() is not None


async def _owe_back(db: Connection, order_id: object, booking_ids: list[int], intent: str | None) -> Decimal:
    """Owes back what a payment brought that no seat waited for: all of it for a seat given up, the surplus for one paid before."""
    # What had been refunded in full no longer is.
    await restate_payment(db, booking_ids)
    cursor = await db.execute(
        """
        select booking.id, booking.status = 'cancelled' as given_up, booking.payment_amount, entry.amount
          from bookings as booking
          join payment_transactions as entry on entry.booking_id = booking.id and entry.status = 'succeeded'
         where booking.id = any (%s) and entry.stripe_payment_intent_id = %s
         order by booking.id
        """,
        (booking_ids, intent),
    )
    owed, refunds = NOTHING, []
    for seat in await cursor.fetchall():
        spare = seat["amount"] if seat["given_up"] else await find_refundable(db, seat["id"]) - seat["payment_amount"]
        amount = min(seat["amount"], spare)
        reason = "late_payment" if seat["given_up"] else "paid_twice"
        if amount > 0:
            refunds += await owe_refund(db, seat["id"], amount, reason=reason, requested_by=None)
            owed += amount
    if refunds:
        await jobs.enqueue(db, "notifications.send_payment_returned", order_id=order_id, refund_ids=refunds)
    return owed


async def confirm_covered(db: Connection, order_id: object) -> int:
    """Confirms those pending seats of an order whose price the ledger has; answers how many."""
    cursor = await db.execute(
        """
        update bookings as booking set status = 'confirmed', payment_status = 'paid'
          from order_bookings as seat
         where seat.order_id = %s and booking.id = seat.booking_id and booking.status = 'pending'
           and booking.payment_amount <= coalesce((
                select sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount end)
                  from payment_transactions as entry where entry.booking_id = booking.id), 0)
        """,
        (order_id,),
    )
    if cursor.rowcount:
        await jobs.enqueue(db, "invoices.issue_invoice", lock=f"invoices-{order_id}", order_id=order_id)
        await jobs.enqueue(db, "notifications.send_order_confirmation", order_id=order_id)
    return cursor.rowcount


async def record_failure(db: Connection, reference: str | None, payment_intent_id: str, reason: str) -> Outcome:
    """Keeps an unsuccessful attempt in the ledger, a row a booking; the order stays as it is, so that paying again works."""
    cursor = await db.execute(
        """
        insert into payment_transactions (booking_id, amount, payment_method, stripe_payment_intent_id, status, failure_reason)
        select booking.id, booking.payment_amount, 'card', %(intent)s, 'failed', %(reason)s
          from orders as placed
          join order_bookings as seat on seat.order_id = placed.id
          join bookings as booking on booking.id = seat.booking_id
         where placed.reference = %(reference)s and booking.payment_amount > 0
         order by booking.id
        """,
        {"reference": reference, "intent": payment_intent_id, "reason": reason[:500]},
    )
    return Outcome(f"Not paid: {reason}" if cursor.rowcount else "No order of ours belongs to this payment.")
