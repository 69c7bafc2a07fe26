"""One act on many bookings: what would become of each is told first; then each is done by itself, and what is refused says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Literal

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.errors import TransitionRefused
from rft.bookings.queries import Booking, get_booking
from rft.certificates.service import mark_no_show
from rft.changes.queries import get_seat
from rft.changes.service import Wish, cancel_places, close_pages, weigh
from rft.database.pool import Connection, Database
from rft.errors import NotFound, Refusal
from rft.kit.money import in_words
from rft.payments.gateway import Gateway

Act = Literal["remind", "no_show", "cancel"]
MOST = 100


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the act would do with one booking; `why_not` stands in its place."""

    booking: Booking
    what: str
    why_not: str | None = None
    refund: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """How many it was done with, and what was refused, by reference."""

    number: int
    refused: dict[str, str]


async def foresee(db: Connection, act: Act, references: Sequence[str], *, now: datetime) -> list[Foreseen]:
    """Changes nothing. Raises NotFound for a reference that is none."""
    return [await _foresee_one(db, act, await get_booking(db, reference), now) for reference in references]


async def _foresee_one(db: Connection, act: Act, booking: Booking, now: datetime) -> Foreseen:
    if act == "remind":
        why_not = _why_not_reminded(booking, now)
        return Foreseen(booking, f"A mail goes to {booking.customer_email}.", why_not)
    if act == "no_show":
        fits = (
            booking.status in ("confirmed", "completed") and not booking.certificate_issued and booking.starts_at <= now
        )
        return Foreseen(
            booking, "Marked as not attended.", None if fits else "Only a confirmed place on a course that has begun."
        )
    givings = await weigh(db, [await get_seat(db, booking.reference)], now)
    if not givings:
        return Foreseen(booking, "", "It can no longer be cancelled.")
    refund = givings[0].terms.refund
    return Foreseen(
        booking,
        f"Cancelled; {in_words(refund)} goes back." if refund else "Cancelled; nothing goes back.",
        None,
        refund,
    )


def _why_not_reminded(booking: Booking, now: datetime) -> str | None:
    if booking.status != "confirmed":
        return "Only of a confirmed place is anybody reminded."
    if booking.starts_at <= now:
        return "The course has begun."
    return None if booking.order_reference else "It belongs to no order, so there is nobody to write to."


async def do_with(
    database: Database,
    gateway: Gateway,
    actor: Actor,
    act: Act,
    references: Sequence[str],
    *,
    reason: str,
    now: datetime,
) -> Done:
    """Each in a transaction of its own: one that is refused keeps none of the others."""
    number, refused = 0, {}
    for reference in references:
        try:
            if act == "cancel":
                await _cancel(database, gateway, actor, reference, reason, now)
            elif act == "no_show":
                await database.run(partial(mark_no_show, actor=actor, reference=reference, now=now))
            else:
                await database.run(partial(_remind, actor=actor, reference=reference, now=now))
        except NotFound:
            refused[reference] = "There is no such booking."
        except Refusal as refusal:
            refused[reference] = refusal.detail
        else:
            number += 1
    return Done(number, refused)


async def _cancel(
    database: Database, gateway: Gateway, actor: Actor, reference: str, reason: str, now: datetime
) -> None:
    """By the policy, as the customer's wish that the office writes down."""
    async with database.connection() as db:
        seat = await get_seat(db, reference)
    await close_pages(database, gateway, [seat])
    wish = Wish("office", actor, reason)
    await database.run(lambda db: cancel_places(db, seat.order_id, [seat.id], wish, now=now))


async def _remind(db: Connection, actor: Actor, reference: str, now: datetime) -> None:
    """Once a day for each order, however many of its places are chosen."""
    booking = await get_booking(db, reference)
    why_not = _why_not_reminded(booking, now)
    if why_not is not None:
        raise TransitionRefused(why_not)
    cursor = await db.execute("select order_id from order_bookings where booking_id = %s", (booking.id,))
    order = await cursor.fetchone()
    assert order is not None, "it belongs to an order"
    await record(db, actor, "booking.remind", "booking", booking.id)
    turn = f"office-{now:%Y%m%d}"
    await jobs.enqueue(db, "notifications.send_reminder", order_id=order["order_id"], turn=turn)
