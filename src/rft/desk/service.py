"""Books for somebody on the telephone: seats, money, record and mail in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.policies import get_policy_in_force
from rft.bookings.queries import Order, get_order
from rft.bookings.schemas import OrderRequest
from rft.bookings.service import place_order
from rft.bookings.sources import PHONE, note_source
from rft.database.pool import Connection
from rft.desk.schemas import PhoneBooking
from rft.organisations.queries import get_organisation
from rft.payments.received import record_payment
from rft.schedules.queries import get_schedule

# Whoever is sent a link to pay has until this time tomorrow, or until the course begins.
_LINK_HOURS = 24
_AT_THE_DESK = ("cash", "card_terminal")


@dataclass(frozen=True, slots=True)
class Taken:
    order: Order
    booking_references: list[str]


async def take_booking(db: Connection, actor: Actor, asked: PhoneBooking, *, now: datetime, hold_minutes: int) -> Taken:
    """Places the order and writes down what was received; the seats are the database's to give, as for anybody else.

    A purchase order is accepted within its organisation's credit, else it waits for the office's decision on the order's page.
    Raises what place_order raises.
    """
    policy = await get_policy_in_force(db, now)
    organisation = await get_organisation(db, asked.organisation_id) if asked.organisation_id else None
    placed = await place_order(
        db,
        OrderRequest(
            schedule_id=asked.schedule_id,
            seats=asked.places,
            discount_code=asked.discount_code,
            organisation_id=asked.organisation_id,
            booker=asked.booker,
            attendees=asked.attendees or None,
            payment_method="invoice" if asked.way == "invoice" else "card",
            organisation_name=organisation.name if organisation else None,
            purchase_order=asked.purchase_order if asked.way == "invoice" else None,
            terms_version=policy.version,
        ),
        now=now,
        hold_minutes=await _minutes_to_pay(db, asked, now) if asked.way == "link" else hold_minutes,
        office=True,
    )
    order = await get_order(db, placed.reference, staff=True)
    await note_source(db, order.reference, PHONE, taken_by=actor.user_id)
    if placed.total > 0 and asked.way in _AT_THE_DESK:
        await record_payment(db, order.id, method=asked.way, note=asked.note, recorded_by=actor.user_id)
    elif placed.total > 0 and asked.way == "link":
        await jobs.enqueue(db, "notifications.send_payment_link", order_id=order.id)
    new = {"email": asked.booker.email, "seats": asked.places, "total": placed.total, "payment_method": asked.way}
    await record(db, actor, "order.take", "order", order.id, new={**new, "notes": asked.note})
    return Taken(await get_order(db, placed.reference, staff=True), placed.booking_references)


async def _minutes_to_pay(db: Connection, asked: PhoneBooking, now: datetime) -> int:
    """Until tomorrow; the course's own beginning comes first. A date that has begun is refused when the order is placed."""
    schedule = await get_schedule(db, asked.schedule_id, drafts=True)
    until = min(now + timedelta(hours=_LINK_HOURS), schedule.start_datetime)
    return max(1, int((until - now).total_seconds() // 60))
