"""Moves a place to another date, and gives it to another person; the database judges capacity, money and codes as for a new booking."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.types.json import Jsonb

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.schemas import AttendeeRequest
from rft.changes.errors import MoveRefused
from rft.changes.queries import Seat, Target, list_seats, list_targets
from rft.changes.rules import (
    CANCELLABLE,
    MovedPrice,
    free_move_notice,
    is_moved_freely,
    price_moved,
    require_movable,
    require_not_begun,
)
from rft.changes.schemas import MoveRequest
from rft.changes.service import lock_places
from rft.database.pool import Connection
from rft.errors import NotValid
from rft.kit.money import in_words
from rft.payments.refunds import owe_refund


@dataclass(frozen=True, slots=True)
class Move:
    """What a move would do, or did: `difference` is more to pay, or less (then it goes back)."""

    seat: Seat
    target: Target
    price: MovedPrice

    @property
    def difference(self) -> Decimal:
        return self.price.net - self.seat.payment_amount


async def plan_move(db: Connection, seat: Seat, asked: MoveRequest, *, by_staff: bool, now: datetime) -> Move:
    """What the move would cost. Raises MoveRefused or CourseBegun where it may not be, or only the office may do it."""
    same_date = asked.schedule_id == seat.schedule_id
    found = await list_targets(
        db, course_id=seat.course_id, except_id=seat.schedule_id, now=now, any_course=True, only_id=asked.schedule_id
    )
    if same_date or not found:
        raise MoveRefused("There is no place left on that date, or it is not open. Please choose another.")
    target = found[0]
    same_course = target.course_id == seat.course_id
    if not by_staff:
        require_customer_may_move(seat, now)
        if not same_course:
            raise MoveRefused("A place moves to another date of the same course.")
    require_movable(seat.status, paid=seat.status == "confirmed", same_course=same_course)
    price = price_moved(
        gross=seat.gross,
        discount=seat.discount_applied,
        waived=seat.waived,
        has_code=seat.discount_code_id is not None,
        same_course=same_course,
        new_gross=target.price,
        waive=asked.waive,
    )
    return Move(seat, target, price)


def require_customer_may_move(seat: Seat, now: datetime) -> None:
    """Raises CourseBegun, or MoveRefused from the day on which giving it up would return less than half."""
    if seat.on_the_clock:
        raise MoveRefused("Please pay for this place first; then it can be moved.")
    if seat.status not in CANCELLABLE:
        raise MoveRefused("Only a place that is still to be used can be moved.")
    if seat.schedule_status == "cancelled":
        return
    require_not_begun(seat.first_session, now)
    if not is_moved_freely(seat.policy, first_session=seat.first_session, now=now):
        notice = free_move_notice(seat.policy)
        when = f"until {notice} days before the course" if notice is not None else "only with the office"
        raise MoveRefused(f"A place can be moved here {when}. Please call us: we look for a way.")


async def move_place(
    db: Connection, booking: Seat, asked: MoveRequest, *, actor: Actor | None, now: datetime
) -> Move:  # fmt: skip
    """Moves a place in the caller's transaction, under the locks of the order and of both dates.

    A cheaper course gives the difference back. A dearer one is paid at the office or let go: see MoveRequest. Raises as plan_move
    does, and every refusal of the database.
    """
    await lock_places(db, booking.order_id, [booking.id], also=[asked.schedule_id])
    (seat,) = await list_seats(db, [booking.id])
    move = await plan_move(db, seat, asked, by_staff=actor is not None, now=now)
    if move.difference > 0 and (actor is None or asked.payment_method is None):
        sentence = (
            f"That course costs {in_words(move.difference)} more: say how it was paid, or let it go with a reason."
        )
        raise MoveRefused(sentence, facts={"difference": str(move.difference)}, errors={"payment_method": sentence})
    if move.price.waived and not asked.reason:
        raise NotValid(errors={"reason": "Say why the difference is not asked for."})
    await _write(db, move)
    await _settle_difference(db, move, asked, actor)
    await _keep(db, move, asked, actor, now)
    return move


async def _write(db: Connection, move: Move) -> None:
    await db.execute(
        """
        update bookings
           set course_schedule_id = %(schedule_id)s, payment_amount = %(net)s, discount_applied = %(discount)s,
               discount_code_id = case when %(keeps_code)s then discount_code_id end
         where id = %(id)s
        """,
        {
            "id": move.seat.id,
            "schedule_id": move.target.id,
            "net": move.price.net,
            "discount": move.price.discount,
            "keeps_code": move.price.keeps_code,
        },
    )


async def _settle_difference(db: Connection, move: Move, asked: MoveRequest, actor: Actor | None) -> None:
    by = actor.user_id if actor is not None else None
    if move.difference < 0:
        await owe_refund(
            db, move.seat.id, -move.difference, reason="price_difference", requested_by=by, note=asked.reason
        )
    elif move.difference > 0:
        await db.execute(
            """
            insert into payment_transactions (booking_id, amount, payment_method, status, metadata)
            values (%s, %s, %s, 'succeeded', %s)
            """,
            (
                move.seat.id,
                move.difference,
                asked.payment_method,
                Jsonb({"recorded_by": by, "note": asked.reason or "difference on moving"}),
            ),
        )


async def _keep(db: Connection, move: Move, asked: MoveRequest, actor: Actor | None, now: datetime) -> None:
    seat = move.seat
    cursor = await db.execute(
        """
        insert into booking_moves (booking_id, from_schedule_id, to_schedule_id, amount_before, amount_after, waived, reason,
                                   moved_by, moved_at, after_invoice)
        values (%(booking_id)s, %(from_id)s, %(to_id)s, %(before)s, %(after)s, %(waived)s, %(reason)s, %(by)s, %(now)s,
                exists (select from invoices where order_id = %(order_id)s))
        returning id, after_invoice
        """,
        {
            "booking_id": seat.id,
            "order_id": seat.order_id,
            "from_id": seat.schedule_id,
            "to_id": move.target.id,
            "before": seat.payment_amount,
            "after": move.price.net,
            "waived": move.price.waived,
            "reason": asked.reason,
            "by": actor.user_id if actor is not None else None,
            "now": now,
        },
    )
    kept = await cursor.fetchone()
    assert kept is not None, "an insert returns its row"
    await jobs.enqueue(db, "notifications.send_booking_moved", move_id=kept["id"])
    if kept["after_invoice"] and move.difference > 0:
        await jobs.enqueue(db, "invoices.issue_supplement", lock=f"invoices-{seat.order_id}", move_id=kept["id"])
    if actor is not None:
        old = {"start": seat.starts_at, "payment_amount": seat.payment_amount}
        new = {"start": move.target.starts_at, "payment_amount": move.price.net, "reason": asked.reason}
        await record(db, actor, "booking.move", "booking", seat.id, old=old, new=new)


async def substitute(
    db: Connection, booking: Seat, person: AttendeeRequest, *, actor: Actor | None, now: datetime
) -> Seat:  # fmt: skip
    """Gives the place to another person, free until the course begins; the one before is told nothing.

    Raises CourseBegun, MoveRefused for a place that is not to be used any more, AlreadyBooked.
    """
    await lock_places(db, booking.order_id, [booking.id])
    (seat,) = await list_seats(db, [booking.id])
    require_not_begun(seat.first_session, now)
    if seat.status not in CANCELLABLE:
        raise MoveRefused("Only a place that is still to be used can be given to somebody else.")
    await db.execute(
        """
        insert into attendees (booking_id, first_name, last_name, email)
        values (%(booking_id)s, %(first_name)s, %(last_name)s, %(email)s)
        on conflict (booking_id) do update
           set first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email
        """,
        {"booking_id": seat.id, "first_name": person.first_name, "last_name": person.last_name, "email": person.email},
    )
    if actor is not None:
        old = {"first_name": seat.first_name, "last_name": seat.last_name, "email": seat.attendee_email}
        new = {"first_name": person.first_name, "last_name": person.last_name, "email": person.email}
        await record(db, actor, "booking.substitute", "booking", seat.id, old=old, new=new)
    (after,) = await list_seats(db, [booking.id])
    return after
