"""Gives places up: what goes back by the order's policy or by the office's word, with seat, refund, mail and record in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.errors import TransitionRefused
from rft.changes.queries import Seat, list_seats
from rft.changes.rules import (
    CANCELLABLE,
    NOTHING_TO_CANCEL,
    Terms,
    require_cancellable,
    require_expected,
    require_not_begun,
    require_refund_within,
    terms_before_payment,
    terms_of,
)
from rft.database.pool import Connection, Database
from rft.kit.money import NOTHING
from rft.payments.closing import require_page_closed
from rft.payments.gateway import Gateway
from rft.payments.refunds import find_refundable, owe_refund

Cause = Literal["customer", "office", "us", "date"]
_OURS: tuple[Cause, ...] = ("us", "date")


@dataclass(frozen=True, slots=True)
class Giving:
    """A place that may be given up: what is held for it, and what its terms return today."""

    seat: Seat
    held: Decimal
    terms: Terms


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose wish it is to give places up, and why: `office` is the customer's wish that the office writes down, `us` and `date` ours.

    `refunds` are the office's own sums by booking reference, in place of the policy's.
    """

    cause: Cause
    actor: Actor | None = None
    reason: str | None = None
    expected: Decimal | None = None
    refunds: Mapping[str, Decimal] | None = None

    def refund_reason(self, terms: Terms) -> str:
        ours = self.cause in _OURS or (self.cause == "customer" and terms.called_off)
        return "cancelled_by_us" if ours else "cancelled_by_customer"


async def weigh(db: Connection, seats: Sequence[Seat], now: datetime) -> list[Giving]:
    """What giving up each of the places would return now; those that cannot be given up any more are left out."""
    givings = []
    for seat in seats:
        if seat.status in CANCELLABLE:
            held = await find_refundable(db, seat.id)
            givings.append(Giving(seat, held, _terms(seat, held, now)))
    return givings


def _terms(seat: Seat, held: Decimal, now: datetime) -> Terms:
    if seat.status == "pending":
        return terms_before_payment(held, first_session=seat.first_session, now=now)
    called_off = seat.schedule_status == "cancelled"
    return terms_of(
        held, seat.payment_amount, seat.policy, first_session=seat.first_session, now=now, called_off=called_off
    )


async def close_pages(database: Database, gateway: Gateway, seats: Sequence[Seat]) -> None:
    """Closes the payment pages of orders of which places wait for a card: nobody then pays for a place that is gone.

    Raises TransitionRefused where somebody has just paid or a bank still decides, PaymentUnavailable where Stripe cannot be asked.
    """
    for order_id in sorted({seat.order_id for seat in seats if seat.order_id and seat.status == "pending"}):
        await require_page_closed(database, gateway, order_id)


async def cancel_places(
    db: Connection, order_id: int | None, booking_ids: Sequence[int], wish: Wish, *, now: datetime
) -> Decimal:
    """Gives up all of these places or none; answers what goes back in all. They are of one order, or one place without an order.

    Raises TransitionRefused where one was given up before, CourseBegun for customers, RefundChanged where another sum was
    confirmed, RefundNotPossible.
    """
    await lock_places(db, order_id, booking_ids)
    givings = await weigh(db, await list_seats(db, booking_ids), now)
    if not givings or len(givings) < len(booking_ids):
        raise TransitionRefused(NOTHING_TO_CANCEL)
    sums = {giving.seat.id: _refund_of(giving, wish, now) for giving in givings}
    refund = sum(sums.values(), NOTHING)
    require_expected(wish.expected, refund)
    for giving in givings:
        await _give_up(db, giving, sums[giving.seat.id], wish, now)
    if order_id is not None and any(giving.seat.status == "pending" for giving in givings):
        # What an invoice asked for places that nobody had paid for is asked no more.
        await jobs.enqueue(db, "invoices.credit_cancelled", lock=f"invoices-{order_id}", order_id=order_id)
    # Whoever waits for these seats need not wait for the next minute.
    await jobs.enqueue(db, "waiting.offer_places", lock="waiting.offer_places", queueing_lock="waiting.offer_places")
    told = [giving.seat for giving in givings if not giving.seat.on_the_clock]
    if told:
        await jobs.enqueue(db, "notifications.send_booking_cancelled", booking_ids=[seat.id for seat in told])
    return refund


def _refund_of(giving: Giving, wish: Wish, now: datetime) -> Decimal:
    seat = giving.seat
    require_cancellable(seat.status)
    if wish.cause == "date":
        return giving.held
    if wish.cause == "customer":
        require_not_begun(seat.first_session, now)
        return giving.terms.refund
    refund = (wish.refunds or {}).get(seat.reference, giving.terms.refund)
    require_refund_within(refund, giving.held, seat.reference)
    return refund


async def _give_up(db: Connection, giving: Giving, refund: Decimal, wish: Wish, now: datetime) -> None:
    seat, actor = giving.seat, wish.actor
    by = actor.user_id if actor is not None else None
    await db.execute("update bookings set status = 'cancelled' where id = %s", (seat.id,))
    await db.execute(
        """
        insert into booking_cancellations (booking_id, cause, policy_version, days_ahead, policy_refund, refund, reason, cancelled_by,
                                           cancelled_at)
        values (%(booking_id)s, %(cause)s, %(policy_version)s, %(days_ahead)s, %(policy_refund)s, %(refund)s, %(reason)s, %(by)s, %(now)s)
        """,
        {
            "booking_id": seat.id,
            "cause": wish.cause,
            "policy_version": seat.policy.version,
            "days_ahead": giving.terms.days_ahead,
            "policy_refund": giving.terms.refund,
            "refund": refund,
            "reason": wish.reason,
            "by": by,
            "now": now,
        },
    )
    if refund:
        await owe_refund(
            db, seat.id, refund, reason=wish.refund_reason(giving.terms), requested_by=by, note=wish.reason
        )
    if actor is not None:
        new = {"status": "cancelled", "amount": refund, "reason": wish.reason}
        await record(db, actor, "booking.cancel", "booking", seat.id, old={"status": seat.status}, new=new)


async def lock_places(
    db: Connection, order_id: int | None, booking_ids: Sequence[int], *, also: Sequence[int] = ()
) -> None:
    """The one lock order: the order, then the schedules of all its places (and those of `also`) by id."""
    if order_id is not None:
        await db.execute("select from orders where id = %s for no key update", (order_id,))
    await db.execute(
        """
        select pg_advisory_xact_lock(7301, schedule_id)
          from (select distinct booking.course_schedule_id as schedule_id
                  from bookings as booking
                  left join order_bookings as seat on seat.booking_id = booking.id
                 where booking.id = any (%(booking_ids)s) or seat.order_id = %(order_id)s
                 union
                select unnest(%(also)s::integer[])
                 order by 1) as held
        """,
        {"order_id": order_id, "booking_ids": list(booking_ids), "also": list(also)},
    )
