"""The columns of the office's lists of bookings and orders: which there are, which are usual, and what each says in a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rft.bookings.queries import Booking, Order
from rft.kit.clock import london_today, to_london

T = TypeVar("T")
_STATES = {
    "pending": "Awaiting payment", "requested": "Waiting for approval", "reserved": "Reserved", "confirmed": "Confirmed",
    "completed": "Completed", "no_show": "Did not attend", "cancelled": "Cancelled",
}  # fmt: skip
_PAYMENTS = {"pending": "Not yet paid", "paid": "Paid", "refunded": "Refunded", "failed": "Failed"}
PAYMENT_METHODS = {"card": "Card", "invoice": "Invoice", "free": "Nothing to pay"}


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """`tell` is what a file says of a row; a number stays one."""

    label: str
    tell: Callable[[T], object]
    is_number: bool = False


COLUMNS: dict[str, Column[Booking]] = {
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
ORDER_COLUMNS: dict[str, Column[Order]] = {
    "reference": Column("Order", lambda order: order.reference),
    "booked": Column("Booked", lambda order: f"{to_london(order.created_at):%Y-%m-%d %H:%M}"),
    "booker": Column("Booker", lambda order: order.booker_name),
    "email": Column("E-mail", lambda order: order.booker_email),
    "phone": Column("Telephone", lambda order: order.booker_phone),
    "organisation": Column("Organisation", lambda order: order.organisation_name),
    "purchase_order": Column("Purchase order", lambda order: order.purchase_order),
    "course": Column("Course", lambda order: order.course_name),
    "date": Column("First day", lambda order: london_today(order.starts_at)),
    "venue": Column("Venue", lambda order: f"{order.venue_name}, {order.city}"),
    "places": Column("Places", lambda order: order.seats, is_number=True),
    "method": Column("Paid by", lambda order: PAYMENT_METHODS[order.payment_method]),
    "total": Column("Total", lambda order: order.total, is_number=True),
    "vat": Column("VAT", lambda order: order.vat, is_number=True),
    "paid": Column("Paid", lambda order: order.paid, is_number=True),
    "state": Column("State", lambda order: _STATES[order.standing]),
}
ORDERS_USUAL = ("reference", "booker", "course", "places", "total", "paid", "state")


def read_columns(chosen: Sequence[str], known: Mapping[str, object], usual: Sequence[str]) -> list[str]:
    """Those that exist, in the order in which they stand; the usual ones where none was chosen."""
    return [key for key in known if key in chosen] or list(usual)
