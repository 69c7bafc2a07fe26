"""What the office may do with a booking, and, for what it may not do now, why."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rft.bookings.queries import Booking
from rft.kit.clock import day_in_words, london_today
from rft.kit.money import in_words


@dataclass(frozen=True, slots=True)
class Act:
    """`path` is what the form behind the button is sent to, below the booking's own address; `why_not` stands in its place."""

    path: str
    title: str
    what_it_means: str
    why_not: str | None = None


def acts_on(booking: Booking, received: Decimal, now: datetime) -> list[Act]:
    """In the order of a booking's life. The services and the database decide; this is what they would say."""
    return [
        Act("confirm", "Confirm", "The money is there; the confirmation goes out.", _not_confirmed(booking, received)),
        Act("complete", "Completed", "The attendee took part to the end and passed.", _not_completed(booking, now)),
        Act("no-show", "Did not attend", "Nobody came for this place.", _not_missed(booking, now)),
        Act("certificate", "Issue certificate", "Dated today.", _not_certified(booking)),
    ]


def _not_confirmed(booking: Booking, received: Decimal) -> str | None:
    if booking.status == "cancelled":
        return "Cancelled: the place was given back. To have it again is to book again."
    if booking.status != "pending":
        return "Done already."
    if received < booking.payment_amount:
        return f"{in_words(booking.payment_amount - received)} has not been received yet."
    return None


def _not_completed(booking: Booking, now: datetime) -> str | None:
    if booking.status == "completed":
        return "Done already."
    if booking.status not in ("confirmed", "no_show"):
        return f"A {_words(booking)} booking cannot be completed."
    if booking.ends_at > now:
        return f"The course ends on {day_in_words(london_today(booking.ends_at))}."
    return None


def _not_missed(booking: Booking, now: datetime) -> str | None:
    if booking.status == "no_show":
        return "Done already."
    if booking.status not in ("confirmed", "completed"):
        return f"A {_words(booking)} booking cannot be missed."
    if booking.certificate_issued:
        return "The certificate has been issued."
    if booking.starts_at > now:
        return f"The course begins on {day_in_words(london_today(booking.starts_at))}."
    return None


def _not_certified(booking: Booking) -> str | None:
    if booking.certificate_issued_date is not None:
        return f"Issued on {day_in_words(booking.certificate_issued_date)}."
    if booking.status != "completed":
        return "A certificate follows only on a completed course."
    return None


def _words(booking: Booking) -> str:
    return {"no_show": "missed"}.get(booking.status, booking.status)
