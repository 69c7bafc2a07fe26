"""The columns of the office's list of bookings: which there are, which are shown unless said otherwise, and what they say in a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rft.bookings.queries import Booking
from rft.kit.clock import london_today, to_london

_STATES = {
    "pending": "Awaiting payment", "requested": "Waiting for approval", "reserved": "Reserved", "confirmed": "Confirmed",
    "completed": "Completed", "no_show": "Did not attend", "cancelled": "Cancelled",
}  # fmt: skip
_PAYMENTS = {"pending": "Not yet paid", "paid": "Paid", "refunded": "Refunded", "failed": "Failed"}


@dataclass(frozen=True, slots=True)
class Column:
    """`tell` is what a file says of a booking; a number stays one."""

    label: str
    tell: Callable[[Booking], object]
    is_number: bool = False


COLUMNS: dict[str, Column] = {
    "reference": Column("Booking", lambda booking: booking.reference),
    "booked": Column("Booked", lambda booking: f"{to_london(booking.created_at):%Y-%m-%d %H:%M}"),
    "attendee": Column("Attendee", lambda booking: booking.holder or "To be named"),
    "email": Column("E-mail", lambda booking: booking.attendee_email or booking.customer_email),
    "booker": Column("Booked by", lambda booking: booking.customer_name),
    "course": Column("Course", lambda booking: booking.course_name),
    "date": Column("First day", lambda booking: london_today(booking.starts_at)),
    "venue": Column("Venue", lambda booking: f"{booking.venue_name}, {booking.city}"),
    "state": Column("State", lambda booking: _STATES[booking.standing]),
    "payment": Column("Payment", lambda booking: _PAYMENTS[booking.payment_status]),
    "price": Column("Price", lambda booking: booking.payment_amount, is_number=True),
    "discount": Column("Taken off", lambda booking: booking.discount_applied, is_number=True),
    "code": Column("Discount code", lambda booking: booking.discount_code),
    "order": Column("Order", lambda booking: booking.order_reference),
}
USUAL = ("reference", "attendee", "course", "state", "payment", "price")


def read_columns(chosen: Sequence[str]) -> list[str]:
    """Those that exist, in the order in which they stand; the usual ones where none was chosen."""
    return [key for key in COLUMNS if key in chosen] or list(USUAL)


def row_of(booking: Booking, columns: Sequence[str]) -> list[object]:
    return [COLUMNS[key].tell(booking) for key in columns]
