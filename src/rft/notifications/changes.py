"""Mails about changes: places that were cancelled, and a place that was moved. What happened once is written once and never rewritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.clock import day_in_words, london_today, utc_now
from rft.kit.money import NOTHING
from rft.notifications import outbox
from rft.notifications.calendar import write_calendar
from rft.notifications.compose import Mail, one_line, order_words, render
from rft.notifications.facts import Order, OrderFacts, Seat, get_company, list_sessions
from rft.notifications.texts import find_text

_ORDER = statement(__file__, "changed_order.sql")
_CANCELLED = statement(__file__, "cancelled_places.sql")
_OURS = ("us", "date")
_MOVED = "Your place is moved"


@dataclass(frozen=True, slots=True)
class CancelledPlace:
    booking_id: int
    reference: str
    course_name: str
    starts_at: datetime
    ends_at: datetime
    attendee: str | None
    cause: str
    reason: str | None
    refund: Decimal
    to_card: Decimal


async def write_cancelled(db: Connection, booking_ids: Sequence[int], *, base_url: str) -> int | None:
    """Queues the mail about places of one order that were cancelled together, once."""
    async with db.cursor(row_factory=class_row(CancelledPlace)) as cursor:
        await cursor.execute(_CANCELLED, {"booking_ids": list(booking_ids)})
        places = await cursor.fetchall()
    if not places:
        return None
    order = await _order_of(db, places[0].booking_id)
    refund = sum((place.refund for place in places), NOTHING)
    to_card = min(sum((place.to_card for place in places), NOTHING), refund)
    first = places[0]
    ours = first.cause in _OURS
    title = "We have had to cancel" if ours else "Your cancellation"
    company = await get_company(db)
    words = await find_text(db, "booking_cancelled")
    said = order_words(order, company, london_today(first.starts_at))
    context = {
        "title": title,
        "order": order,
        "company": company,
        "introduction": words.introduction_with(said),
        "link": _link(base_url, order),
        "places": places,
        "ours": ours,
        "reason": first.reason if ours else None,
        "whole_date": first.cause == "date",
        "refund": refund,
        "to_card": to_card,
        "by_hand": refund - to_card,
    }
    text, html = render("booking_cancelled", context)
    return await outbox.put(
        db,
        Mail(
            dedupe_key=f"booking-cancelled:{min(booking_ids)}",
            email_type="booking_cancelled",
            recipient=order.booker_email,
            subject=one_line(words.subject_with(said, _subject(title, first.course_name, first.starts_at)))[:255],
            text_body=text,
            html_body=html,
            calendar=None,
            booking_ids=[place.booking_id for place in places],
        ),
    )


async def write_moved(db: Connection, move_id: int, *, base_url: str) -> int | None:
    """Queues the mail about one place that was moved, with the calendar's entries for its new days; None if it has moved on since."""
    cursor = await db.execute(
        """
        select move.booking_id, move.amount_after - move.amount_before as difference, move.to_schedule_id, before.start_datetime as was,
               booking.booking_reference as reference, booking.payment_amount, booking.discount_applied,
               attendee.first_name, attendee.last_name
          from booking_moves as move
          join course_schedules as before on before.id = move.from_schedule_id
          join bookings as booking on booking.id = move.booking_id and booking.course_schedule_id = move.to_schedule_id
          left join attendees as attendee on attendee.booking_id = booking.id
         where move.id = %s and booking.status <> 'cancelled'
        """,
        (move_id,),
    )
    move = await cursor.fetchone()
    if move is None:
        return None
    seat = Seat(
        move["booking_id"], move["to_schedule_id"], move["reference"], move["payment_amount"], move["discount_applied"],
        move["first_name"], move["last_name"],
    )  # fmt: skip
    order = await _order_of(db, seat.booking_id)
    sessions = await list_sessions(db, [seat.course_schedule_id])
    facts = OrderFacts(order, await get_company(db), [seat], sessions)
    introduction, subject = await _words_of_move(db, facts)
    context = {
        "introduction": introduction,
        "title": _MOVED,
        "facts": facts,
        "order": order,
        "company": facts.company,
        "link": _link(base_url, order),
        "was": day_in_words(london_today(move["was"])),
        "refund": max(-move["difference"], NOTHING),
    }
    text, html = render("booking_moved", context)
    return await outbox.put(
        db,
        Mail(
            dedupe_key=f"booking-moved:{move_id}",
            email_type="booking_moved",
            recipient=order.booker_email,
            subject=subject,
            text_body=text,
            html_body=html,
            calendar=write_calendar(facts, utc_now()),
            booking_ids=[seat.booking_id],
        ),
    )


async def _words_of_move(db: Connection, facts: OrderFacts) -> tuple[str, str]:
    """The office's own words in the mail about a move, and its subject."""
    words, first = await find_text(db, "booking_moved"), facts.sessions[0].starts_at
    said = order_words(facts.order, facts.company, london_today(first))
    subject = words.subject_with(said, _subject(_MOVED, facts.order.course_name, first))
    return words.introduction_with(said), one_line(subject)[:255]


async def _order_of(db: Connection, booking_id: int) -> Order:
    async with db.cursor(row_factory=class_row(Order)) as cursor:
        await cursor.execute(_ORDER, {"booking_id": booking_id})
        order = await cursor.fetchone()
    assert order is not None, "every booking has a customer"
    return order


def _link(base_url: str, order: Order) -> str:
    """To the order's page; a place without an order has none of its own."""
    return f"{base_url}/orders/{order.reference}" if order.id else f"{base_url}/dates"


def _subject(title: str, course_name: str, starts_at: datetime) -> str:
    return f"{title}: {course_name}, {day_in_words(london_today(starts_at))}"
