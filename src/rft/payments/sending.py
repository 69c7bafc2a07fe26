"""Sends refunds through Stripe, and makes our books say of each what Stripe says, whoever brings the news and however often."""

from dataclasses import dataclass
from decimal import Decimal

import structlog

from rft.bookings.service import lock_order
from rft.database.pool import Connection, Database
from rft.kit.money import NOTHING, in_words
from rft.payments.errors import RefusedByStripe
from rft.payments.gateway import Gateway, RefundState
from rft.payments.outcomes import Outcome
from rft.payments.queries import Refund, find_refund, list_refunds_at_stripe
from rft.payments.refund_words import failure_in_words
from rft.payments.refunds import lock_refund, owe_refund, restate_payment, write_returned

log = structlog.get_logger()

# Stripe's words for a refund → ours. `requires_action` is a refund that waits for the customer's bank details.
_STATES = {
    "pending": "sent",
    "requires_action": "sent",
    "succeeded": "returned",
    "failed": "failed",
    "canceled": "failed",
}
_GONE = ("sent", "returned")


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is still owed of a refund that gave way to another."""

    booking_id: int
    amount: Decimal
    reason: str
    requested_by: int | None
    note: str | None


async def send_refund(database: Database, gateway: Gateway, refund_id: int) -> None:
    """Asks Stripe for a refund that is due, under the refund's own key, and writes the answer down. Safe to repeat.

    No lock and no connection is held while Stripe is asked. Raises PaymentUnavailable where its answer is unknown.
    """
    async with database.connection() as db:
        refund = await find_refund(db, refund_id)
    if refund is None or (refund.state, refund.method) != ("due", "card"):
        return
    intent = str(refund.stripe_payment_intent_id)
    try:
        state = await gateway.refund(intent, refund.amount, idempotency_key=refund.idempotency_key)
    except RefusedByStripe as refusal:
        why = refusal.said
        log.warning("refund_refused", refund_id=refund_id, why=why)
        await database.run(lambda db: _note_refused(db, refund_id, why))
        return
    await database.run(lambda db: record_refund(db, state))


async def record_refund(db: Connection, state: RefundState) -> Outcome:
    """The effect of what Stripe says of a refund, in the caller's transaction: the ledger's row and the refund's state, once."""
    owner = await lock_payment(db, state.payment_intent_id)
    if owner is None:
        return Outcome("No payment of ours belongs to this refund.")
    ours = await list_refunds_at_stripe(db, refund_id=state.refund_id, key=state.key)
    if not ours:
        return await _learn(db, owner, state)
    for refund in ours:
        await _advance(db, refund, state)
    await restate_payment(db, [refund.booking_id for refund in ours])
    return Outcome(f"The refund of {in_words(state.amount)} is {_STATES.get(state.status, state.status)}.")


async def list_news(db: Connection, states: list[RefundState]) -> list[RefundState]:
    """Those of which our books do not say the same yet."""
    cursor = await db.execute(
        "select stripe_refund_id, state from refunds where stripe_refund_id = any (%s)",
        ([state.refund_id for state in states],),
    )
    known = {(row["stripe_refund_id"], row["state"]) for row in await cursor.fetchall()}
    return [state for state in states if (state.refund_id, _STATES.get(state.status)) not in known]


async def lock_payment(db: Connection, payment_intent_id: str | None) -> list[int] | None:
    """Locks what a payment settled, in the one lock order, and answers its bookings; None where it settled nothing of ours."""
    cursor = await db.execute("select settles from settled_stripe_objects where stripe_id = %s", (payment_intent_id,))
    row = await cursor.fetchone()
    if row is None:
        return None
    kind, number = row["settles"].split()
    if kind == "order":
        await lock_order(db, int(number))
    cursor = await db.execute(
        """
        select booking.id from bookings as booking
         where exists (select from payment_transactions as entry
                        where entry.booking_id = booking.id and entry.stripe_payment_intent_id = %s and entry.status = 'succeeded')
         order by booking.id
           for no key update
        """,
        (payment_intent_id,),
    )
    return [found["id"] for found in await cursor.fetchall()]


async def _advance(db: Connection, refund: Refund, state: RefundState) -> None:
    """One step of a refund's life: ledger and state together. What is so already is left alone."""
    target = _STATES.get(state.status)
    # What has gone back by hand is no longer Stripe's; a refund that came back once is dead; news may come late.
    if target in (None, refund.state) or refund.method != "card":
        return
    if (refund.state, target) in (("returned", "sent"), ("withdrawn", "failed")):
        return
    if refund.state == "failed" and refund.stripe_refund_id is not None:
        return
    if target in _GONE and refund.state not in _GONE:
        facts: dict[str, object] = {
            "refund_id": refund.id,
            "reason": refund.reason,
            "stripe_refund_id": state.refund_id,
        }
        if refund.requested_by is not None:
            facts["recorded_by"] = refund.requested_by
        await write_returned(db, refund, method="card", facts=facts)
    if target == "failed" and refund.state in _GONE:
        await _take_back(db, refund, state)
    await db.execute(
        """
        update refunds set state = %(target)s, stripe_refund_id = %(refund_id)s, failure_reason = coalesce(%(why)s, failure_reason),
               settled_at = case when %(target)s = 'sent' then null else localtimestamp end
         where id = %(id)s
        """,
        {
            "target": target,
            "refund_id": state.refund_id,
            "why": failure_in_words(state.failure) if target == "failed" else None,
            "id": refund.id,
        },
    )


async def _take_back(db: Connection, refund: Refund, state: RefundState) -> None:
    """The ledger is append-only: money that came back from a refund is received once more, by a row that names the row it undoes."""
    log.error("refund_failed", refund_id=refund.id, stripe_refund=state.refund_id, why=state.failure)
    await db.execute(
        """
        insert into payment_transactions (booking_id, amount, payment_method, status, metadata)
        select entry.booking_id, entry.amount, 'failed_refund', 'succeeded',
               jsonb_build_object('reverses', entry.id, 'refund_id', %(id)s::bigint, 'stripe_refund_id', %(refund_id)s::text)
          from payment_transactions as entry
         where entry.booking_id = %(booking_id)s and entry.status = 'refunded'
           and entry.metadata @> jsonb_build_object('refund_id', %(id)s::bigint)
        """,
        {"id": refund.id, "refund_id": state.refund_id, "booking_id": refund.booking_id},
    )


async def _note_refused(db: Connection, refund_id: int, why: str) -> None:
    refund = await lock_refund(db, refund_id)
    if refund.state == "due":
        await db.execute(
            "update refunds set state = 'failed', failure_reason = %s, settled_at = localtimestamp where id = %s",
            (why[:500], refund_id),
        )


async def _learn(db: Connection, booking_ids: list[int], state: RefundState) -> Outcome:
    """A refund that somebody made at Stripe itself: spread over what the payment paid for, seats that were given up first."""
    if _STATES.get(state.status) not in _GONE:
        return Outcome("A refund that nobody here asked for came to nothing.")
    left = await take_from_payment(
        db, booking_ids, str(state.payment_intent_id), state.amount,
        stripe_id=state.refund_id, reason="goodwill", note="Made at Stripe", state=_STATES[state.status],
    )  # fmt: skip
    await restate_payment(db, booking_ids)
    if left > 0:
        log.error("refund_without_room", stripe_refund=state.refund_id, left=str(left))
        return Outcome(
            f"Refused: {in_words(left)} of this refund is more than we still had of the payment.", wrong=True
        )
    return Outcome(f"A refund of {in_words(state.amount)} made at Stripe is in the ledger.")


async def take_from_payment(
    db: Connection, booking_ids: list[int], intent: str, amount: Decimal, *, stripe_id: str, reason: str, note: str, state: str
) -> Decimal:  # fmt: skip
    """Writes down money that has left a payment without our asking; answers what could not be placed.

    Our own refunds of this payment that are still due give way, as far as they must: Stripe would no longer make them.
    """
    left, again = amount, list[_Rest]()
    rooms = await _list_rooms(db, booking_ids, intent)
    short = amount - sum(rooms.values(), NOTHING)
    if short > 0:
        again = await _give_way(db, intent, short, stripe_id)
        rooms = await _list_rooms(db, booking_ids, intent)
    for booking_id, room in rooms.items():
        part = min(left, room)
        if part <= 0:
            continue
        cursor = await db.execute(
            """
            insert into refunds (booking_id, amount, method, stripe_payment_intent_id, reason, note, state, idempotency_key,
                                 stripe_refund_id, settled_at)
            values (%(booking_id)s, %(amount)s, 'card', %(intent)s, %(reason)s, %(note)s, %(state)s, %(key)s, %(stripe_id)s,
                    case %(state)s when 'returned' then localtimestamp end)
            returning id
            """,
            {
                "booking_id": booking_id,
                "amount": part,
                "intent": intent,
                "reason": reason,
                "note": note,
                "state": state,
                "key": f"{stripe_id}-{booking_id}",
                "stripe_id": stripe_id,
            },
        )
        row = await cursor.fetchone()
        refund = await find_refund(db, row["id"]) if row else None
        assert refund is not None, "it has just been written"
        facts = {"refund_id": refund.id, "reason": reason, "stripe_refund_id": stripe_id, "note": note}
        await write_returned(db, refund, method="card", facts=facts)
        left -= part
    for rest in again:
        await owe_refund(
            db, rest.booking_id, rest.amount, reason=rest.reason, requested_by=rest.requested_by, note=rest.note
        )
    return left


async def _list_rooms(db: Connection, booking_ids: list[int], intent: str) -> dict[int, Decimal]:
    """How much of a payment each of its bookings still has: no more than the booking itself has, less what is due."""
    cursor = await db.execute(
        """
        select booking.id,
               least(payment.came - coalesce(went.amount, 0), ledger.kept - coalesce(owed.amount, 0)) as room
          from bookings as booking
          join lateral (select sum(amount) as came from payment_transactions
                         where booking_id = booking.id and stripe_payment_intent_id = %(intent)s
                           and status = 'succeeded') as payment on true
          join lateral (select sum(amount) as amount from refunds
                         where booking_id = booking.id and stripe_payment_intent_id = %(intent)s
                           and state in ('due', 'sent', 'returned')) as went on true
          join lateral (select sum(case status when 'succeeded' then amount when 'refunded' then -amount end) as kept
                          from payment_transactions where booking_id = booking.id) as ledger on true
          join lateral (select sum(amount) as amount from refunds where booking_id = booking.id and state = 'due') as owed on true
         where booking.id = any (%(booking_ids)s)
         order by booking.status = 'cancelled' desc, booking.id desc
        """,
        {"intent": intent, "booking_ids": booking_ids},
    )
    return {row["id"]: max(row["room"], NOTHING) for row in await cursor.fetchall()}


async def _give_way(db: Connection, intent: str, short: Decimal, stripe_id: str) -> list[_Rest]:
    """Withdraws due refunds, the newest first, until there is room; answers what of them is owed all the same."""
    cursor = await db.execute(
        """
        select id, booking_id, amount, reason, requested_by, note from refunds
         where stripe_payment_intent_id = %s and state = 'due' and method = 'card' order by id desc
        """,
        (intent,),
    )
    rests = []
    for row in await cursor.fetchall():
        if short <= 0:
            break
        await db.execute(
            "update refunds set state = 'withdrawn', settled_at = localtimestamp, failure_reason = %s where id = %s",
            (f"The money went back another way: {stripe_id}.", row["id"]),
        )
        if row["amount"] > short:
            rests.append(
                _Rest(row["booking_id"], row["amount"] - short, row["reason"], row["requested_by"], row["note"])
            )
        short -= row["amount"]
    return rests
