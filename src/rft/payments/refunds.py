"""Refunds: what is owed back for a booking, by which way it goes, and what staff may do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from rft import jobs
from rft.bookings.service import lock_order
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.money import in_words
from rft.kit.references import new_token
from rft.payments.errors import RefundFixed, RefundTooLarge
from rft.payments.queries import Refund, find_refund
from rft.payments.refund_words import REASONS

_SOURCES = statement(__file__, "refund_sources.sql")
# What came another way than these goes back to a bank account.
_BY_HAND = frozenset({"cash", "cheque", "bank_transfer", "card_terminal"})
# What goes back for these is taken off the invoice. What was paid twice, or for seats that had gone, no invoice ever asked for.
_CREDITED = frozenset({"cancelled_by_customer", "cancelled_by_us", "price_difference", "goodwill"})


@dataclass(frozen=True, slots=True)
class Source:
    """Money received for a booking in one way, and how much of it has not gone back yet."""

    method: str
    payment_intent_id: str | None
    room: Decimal


async def owe_refund(
    db: Connection, booking_id: int, amount: Decimal, *, reason: str, requested_by: int | None, note: str | None = None
) -> list[int]:
    """Writes down that money has to go back; answers the ids of the refunds, one for each way it came, the newest first.

    In the caller's transaction, who holds lock_order. What was paid by card through Stripe is sent there by a job; the rest waits for
    staff. Nothing is owed where the amount is nothing. Raises RefundTooLarge.
    """
    if amount <= 0:
        return []
    await db.execute("select from bookings where id = %s for no key update", (booking_id,))
    refundable = await find_refundable(db, booking_id)
    if amount > refundable:
        raise RefundTooLarge(
            f"Only {in_words(refundable)} can go back.",
            code="refunds_within_captured",
            facts={"refundable": str(refundable)},
        )
    terms = {"booking_id": booking_id, "reason": reason, "requested_by": requested_by, "note": note}
    return [
        await _insert(db, {**terms, "method": part.method, "intent": part.payment_intent_id, "amount": part.room})
        for part in spread(await _list_sources(db, booking_id), amount)
    ]


async def find_refundable(db: Connection, booking_id: int) -> Decimal:
    """What was received for a booking, less what went back and what is owed already."""
    cursor = await db.execute(
        """
        select coalesce((select sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount end)
                           from payment_transactions as entry where entry.booking_id = %(id)s), 0.00)
             - coalesce((select sum(amount) from refunds where booking_id = %(id)s and state = 'due'), 0.00) as refundable
        """,
        {"id": booking_id},
    )
    row = await cursor.fetchone()
    assert row is not None, "a select without from gives a row"
    return Decimal(row["refundable"])


def spread(sources: Iterable[Source], amount: Decimal) -> list[Source]:
    """How much of the amount goes back each way. What no source has room for (it went another way before) goes to a bank account."""
    parts, left = [], amount
    for source in sources:
        part = min(left, source.room)
        if part > 0:
            parts.append(Source(source.method, source.payment_intent_id, part))
            left -= part
    return [*parts, Source("bank_transfer", None, left)] if left > 0 else parts


async def mark_returned(db: Connection, refund_id: int, *, recorded_by: int, method: str, note: str | None) -> None:
    """Writes down that staff gave the money back by hand, `method` telling how. Raises NotFound, RefundFixed."""
    refund = await lock_refund(db, refund_id)
    if refund.state not in ("due", "failed") or (refund.state == "due" and refund.method == "card"):
        raise RefundFixed("Only money that waits for staff can be marked as returned.")
    if method not in _BY_HAND:
        raise RefundFixed("Money goes back to a card by itself; choose how it was given back.")
    facts = {"refund_id": refund_id, "reason": refund.reason, "recorded_by": recorded_by, "note": note or ""}
    await write_returned(db, refund, method=method, facts=facts)
    await db.execute(
        "update refunds set state = 'returned', method = %s, settled_at = localtimestamp where id = %s",
        (method, refund_id),
    )
    await restate_payment(db, [refund.booking_id])


async def retry_refund(db: Connection, refund_id: int, *, requested_by: int) -> int:
    """Tries a card refund again that failed; answers the new refund's id. Raises NotFound, RefundFixed, RefundTooLarge."""
    refund = await lock_refund(db, refund_id)
    if (refund.state, refund.method) != ("failed", "card"):
        raise RefundFixed("Only a refund to a card that failed can be tried again.")
    await db.execute("update refunds set state = 'withdrawn', settled_at = localtimestamp where id = %s", (refund_id,))
    return await _insert(
        db,
        {
            "booking_id": refund.booking_id,
            "amount": refund.amount,
            "method": "card",
            "intent": refund.stripe_payment_intent_id,
            "reason": refund.reason,
            "note": refund.note,
            "retries": refund_id,
            "requested_by": requested_by,
        },
    )


async def withdraw_refund(db: Connection, refund_id: int, *, why: str) -> None:
    """Gives a refund up that has not gone, so that the money stays. Raises NotFound, RefundFixed."""
    refund = await lock_refund(db, refund_id)
    if refund.state not in ("due", "failed"):
        raise RefundFixed(f"A refund that is {refund.state} cannot be withdrawn.")
    await db.execute(
        """
        update refunds set state = 'withdrawn', settled_at = localtimestamp, failure_reason = concat_ws(' ', failure_reason, %s::text)
         where id = %s
        """,
        (why, refund_id),
    )


async def lock_refund(db: Connection, refund_id: int) -> Refund:
    """The refund as it is under the locks of the order that its booking belongs to. Raises NotFound."""
    cursor = await db.execute(
        """
        select seat.order_id from refunds as refund left join order_bookings as seat on seat.booking_id = refund.booking_id
         where refund.id = %s
        """,
        (refund_id,),
    )
    owner = await cursor.fetchone()
    if owner is not None and owner["order_id"] is not None:
        await lock_order(db, owner["order_id"])
    await db.execute(
        "select from bookings where id = (select booking_id from refunds where id = %s) for no key update", (refund_id,)
    )
    refund = await find_refund(db, refund_id)
    if refund is None:
        raise NotFound("There is no such refund.", code="refund_not_found")
    return refund


async def write_returned(db: Connection, refund: Refund, *, method: str, facts: dict[str, Any]) -> None:
    """The ledger's row for money that has gone back; one that went through Stripe names the payment it was taken from."""
    await db.execute(
        """
        insert into payment_transactions (booking_id, amount, payment_method, stripe_payment_intent_id, stripe_charge_id, status, metadata)
        select %(booking_id)s, %(amount)s, %(method)s::text, %(intent)s::text,
               (select max(entry.stripe_charge_id) from payment_transactions as entry
                 where entry.booking_id = %(booking_id)s and entry.stripe_payment_intent_id = %(intent)s::text
                   and entry.status = 'succeeded'),
               'refunded', %(facts)s::jsonb
        """,
        {
            "booking_id": refund.booking_id,
            "amount": refund.amount,
            "method": method,
            "intent": refund.stripe_payment_intent_id if method == "card" else None,
            "facts": Jsonb(facts),
        },
    )
    if refund.reason in _CREDITED:
        await _credit(db, refund)


async def _credit(db: Connection, refund: Refund) -> None:
    row = await (
        await db.execute("select order_id from order_bookings where booking_id = %s", (refund.booking_id,))
    ).fetchone()
    if row is None:
        return
    await jobs.enqueue(
        db,
        "invoices.credit",
        lock=f"invoices-{row['order_id']}",
        booking_id=refund.booking_id,
        amount=str(refund.amount),
        reason=REASONS[refund.reason],
        source=f"refund {refund.id}",
    )


async def restate_payment(db: Connection, booking_ids: list[int]) -> None:
    """Makes the payment status of bookings that are over say what the ledger says: refunded only when everything has gone back."""
    await db.execute(
        """
        update bookings as booking set payment_status = ledger.says
          from (select found.id, case when sum(entry.amount) filter (where entry.status = 'refunded')
                                           >= sum(entry.amount) filter (where entry.status = 'succeeded') then 'refunded'
                                      when sum(entry.amount) filter (where entry.status = 'succeeded') >= found.payment_amount then 'paid'
                                      else 'pending' end as says
                  from bookings as found
                  join payment_transactions as entry on entry.booking_id = found.id and entry.status in ('succeeded', 'refunded')
                 where found.id = any (%s) and found.status in ('cancelled', 'completed', 'no_show')
                 group by found.id) as ledger
         where booking.id = ledger.id and booking.payment_status <> ledger.says
           and (booking.status = 'cancelled' or ledger.says <> 'pending')
        """,
        (booking_ids,),
    )


async def _list_sources(db: Connection, booking_id: int) -> list[Source]:
    async with db.cursor(row_factory=class_row(Source)) as cursor:
        await cursor.execute(_SOURCES, {"booking_id": booking_id})
        return await cursor.fetchall()


async def _insert(db: Connection, terms: dict[str, Any]) -> int:
    cursor = await db.execute(
        """
        insert into refunds (booking_id, amount, method, stripe_payment_intent_id, reason, note, idempotency_key, retries, requested_by)
        values (%(booking_id)s, %(amount)s, %(method)s, %(intent)s, %(reason)s, %(note)s, %(key)s, %(retries)s, %(requested_by)s)
        returning id
        """,
        {"retries": None, **terms, "key": f"refund-{new_token()}"},
    )
    row = await cursor.fetchone()
    assert row is not None, "an insert returns its row"
    if terms["method"] == "card":
        await jobs.enqueue(db, "payments.send_refund", refund_id=row["id"])
    return int(row["id"])
