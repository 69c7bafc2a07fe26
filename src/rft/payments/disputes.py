"""Disputes: what a bank has taken back. Open, it is only noted; lost, the money has gone back and the ledger says so."""

import structlog

from rft.database.pool import Connection
from rft.kit.money import in_words
from rft.payments.gateway import DisputeState
from rft.payments.outcomes import Outcome
from rft.payments.refunds import restate_payment
from rft.payments.sending import lock_payment, take_from_payment

log = structlog.get_logger()


async def record_dispute(db: Connection, state: DisputeState) -> Outcome:
    """The effect of what Stripe says of a dispute, in the caller's transaction; safe to repeat.

    A seat stays booked while the bank decides and after: whether somebody still comes is for a person to settle.
    """
    bookings = await lock_payment(db, state.payment_intent_id)
    if bookings is None:
        return Outcome("No payment of ours belongs to this dispute.")
    cursor = await db.execute(
        """
        insert into disputes (stripe_id, stripe_payment_intent_id, amount, reason, status, answer_by)
        values (%(id)s, %(intent)s, %(amount)s, %(reason)s, %(status)s, %(answer_by)s)
        on conflict (stripe_id) do update
           set status = excluded.status, answer_by = excluded.answer_by, updated_at = localtimestamp
         where disputes.status not in ('won', 'lost')
        returning status
        """,
        {
            "id": state.dispute_id,
            "intent": state.payment_intent_id,
            "amount": state.amount,
            "reason": state.reason,
            "status": state.status,
            "answer_by": state.answer_by,
        },
    )
    if await cursor.fetchone() is None:
        return Outcome("Known already.")
    log.warning("dispute", stripe_dispute=state.dispute_id, status=state.status)
    if state.status != "lost":
        return Outcome(f"The bank disputes {in_words(state.amount)}: {state.status}.")
    left = await take_from_payment(
        db, bookings, str(state.payment_intent_id), state.amount,
        stripe_id=state.dispute_id, reason="dispute", note="Lost to the bank", state="returned",
    )  # fmt: skip
    await restate_payment(db, bookings)
    rest = f", {in_words(left)} more than we still had of it" if left else ""
    return Outcome(f"The bank has kept {in_words(state.amount)}{rest}.", wrong=left > 0)
