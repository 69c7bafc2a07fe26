"""People who stand at the door: a walk-in gets a place where one is free, to be paid for later."""

from datetime import datetime, timedelta

from rft.attendance.queries import Session
from rft.attendance.service import require_day_begun, require_open
from rft.audit.service import Actor, record
from rft.bookings.queries import get_booking
from rft.bookings.schemas import AttendeeRequest, Booker, OrderRequest
from rft.bookings.service import place_order
from rft.database.pool import Connection
from rft.kit.clock import day_in_words, london_today
from rft.kit.fields import Email


class WalkIn(AttendeeRequest):
    """The invoice goes to the address."""

    email: Email


async def add_walk_in(db: Connection, actor: Actor, session: Session, asked: WalkIn, *, now: datetime) -> str:
    """Answers the booking's reference. Raises RegisterNotYet, RegisterClosed, and what place_order raises, above all ScheduleFull."""
    require_day_begun(session, now)
    # Priced as it would have been in the minute before the course began: the public may not book one that has.
    before = min(now, session.course_starts_at - timedelta(minutes=1))
    booker = Booker(email=asked.email, first_name=asked.first_name, last_name=asked.last_name)
    order = OrderRequest(
        schedule_id=session.schedule_id,
        seats=1,
        booker=booker,
        attendees=[AttendeeRequest(first_name=asked.first_name, last_name=asked.last_name, email=asked.email)],
        payment_method="invoice",
        purchase_order=f"Walk-in, {day_in_words(london_today(now))}",
        terms_version="walk-in",
    )
    placed = await place_order(db, order, now=before, hold_minutes=0, office=True)
    await require_open(db, session.schedule_id)
    reference = placed.booking_references[0]
    booking = await get_booking(db, reference)
    await record(
        db, actor, "register.walk_in", "booking", booking.id, new={"reference": reference, "total": placed.total}
    )
    return reference
