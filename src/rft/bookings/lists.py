"""The office's lists of orders and bookings, newest first: each page one statement."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from rft.bookings.queries import Booking, Order, select_bookings, select_orders
from rft.database.pool import Connection, Database
from rft.kit.pages import Window
from rft.kit.references import read_reference

OrderState = Literal["", "waiting", "requested", "reserved", "confirmed", "cancelled"]

# Which rows a page shows is settled before anything is joined to them. What begins with few rows is gathered into an array first:
# the planner, which cannot know how few they are, would rather walk the whole list.
_WITH = """placed.id = any (array(
    select seat.order_id from bookings as booking join order_bookings as seat on seat.booking_id = booking.id
     where booking.status = '{status}'))"""
_NO_SEAT_IS = """not (select bool_or(booking.status {which})
           from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
          where seat.order_id = placed.id)"""
_LIVE = "<> 'cancelled'"
_WAITS_FOR_APPROVAL = """exists (select from order_approvals as approval
          where approval.order_id = placed.id and approval.state = 'waiting')"""
_STATES: dict[OrderState, Sequence[str]] = {
    "": (),
    "waiting": (_WITH.format(status="pending"), "placed.hold_expires_at is not null"),
    "requested": (_WITH.format(status="pending"), _WAITS_FOR_APPROVAL),
    "reserved": (_WITH.format(status="pending"), "placed.hold_expires_at is null", f"not {_WAITS_FOR_APPROVAL}"),
    "confirmed": (_NO_SEAT_IS.format(which="= 'pending'"), f"not ({_NO_SEAT_IS.format(which=_LIVE)})"),
    "cancelled": (_WITH.format(status="cancelled"), _NO_SEAT_IS.format(which=_LIVE)),
}
_ORDER_SEARCH = """
placed.id = any (array(
    select found.id from orders as found
     where found.reference = any (%(references)s) or lower(found.booker_email) like %(start)s
        or lower(found.booker_name) like %(start)s or lower(found.booker_name) like %(within)s
        or lower(found.organisation_name) like %(start)s
    union all
    select seat.order_id from bookings as found join order_bookings as seat on seat.booking_id = found.id
     where upper(found.booking_reference) = any (%(references)s)))
"""
_BOOKING_SEARCH = """
booking.id = any (array(
    select found.id from bookings as found where upper(found.booking_reference) = any (%(references)s)
    union all
    select seat.booking_id from orders as found join order_bookings as seat on seat.order_id = found.id
     where found.reference = any (%(references)s) or lower(found.booker_name) like %(start)s
        or lower(found.booker_name) like %(within)s or lower(found.organisation_name) like %(start)s
    union all
    select found.id from users as person join bookings as found on found.user_id = person.id
     where lower(person.email) like %(start)s or lower(person.last_name) like %(start)s
        or lower(person.first_name || ' ' || person.last_name) like %(start)s
    union all
    select found.booking_id from attendees as found
     where lower(found.email) like %(start)s or lower(found.last_name) like %(start)s
        or lower(found.first_name || ' ' || found.last_name) like %(start)s))
"""
# What is said of the date is settled among the dates, of which there are few.
_DATED = """
booking.course_schedule_id = any (array(
    select dated.id from course_schedules as dated where {conditions}))
"""
_OF_DATE = {
    "starts_from": "dated.start_datetime >= %(starts_from)s",
    "starts_before": "dated.start_datetime < %(starts_before)s",
    "course_id": "dated.course_id = %(course_id)s",
    "venue_id": "dated.venue_id = %(venue_id)s",
    "instructor_id": "dated.instructor_id = %(instructor_id)s",
}
_OF_ORGANISATION = """
booking.id = any (array(
    select seat.booking_id from orders as found join order_bookings as seat on seat.order_id = found.id
     where lower(found.organisation_name) like %(organisation)s))
"""
_FROM_SOURCE = """
booking.id = any (array(
    select seat.booking_id from order_sources as found join order_bookings as seat on seat.order_id = found.order_id
     where found.source = %(source)s))
"""
_FROM_SITE = """
exists (select from order_bookings as seat
         where seat.booking_id = booking.id and not exists (select from order_sources where order_id = seat.order_id))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingFilter:
    """`search` is a reference, or the beginning of an e-mail address or a name; the two times bound the course's start.

    `source` is `site`, or one of order_sources; `organisation` the beginning of the name on the order.
    """

    status: str = ""
    payment_status: str = ""
    schedule_id: int | None = None
    course_id: int | None = None
    venue_id: int | None = None
    instructor_id: int | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    organisation: str = ""
    source: str = ""
    search: str = ""

    def conditions(self) -> list[str]:
        """For `where`, of bookings as `booking`."""
        of_date = [text for field, text in _OF_DATE.items() if getattr(self, field) is not None]
        told = {
            "booking.status = %(status)s": self.status,
            "booking.payment_status = %(payment_status)s": self.payment_status,
            "booking.course_schedule_id = %(schedule_id)s": self.schedule_id,
            _DATED.format(conditions=" and ".join(of_date)): of_date,
            _OF_ORGANISATION: self.organisation,
            _FROM_SITE: self.source == "site",
            _FROM_SOURCE: self.source and self.source != "site",
            _BOOKING_SEARCH: self.search,
        }
        return [text for text, value in told.items() if value]

    def values(self) -> dict[str, object]:
        return {**asdict(self), "organisation": f"{_escaped(self.organisation)}%", **_patterns(self.search)}


async def list_orders(db: Connection, window: Window, *, search: str = "", state: OrderState = "") -> list[Order]:
    """`search` is a reference (an order's or one of its bookings'), or the beginning of an e-mail address or a name."""
    conditions = [window.condition(["placed.id"]), *_STATES[state], *([_ORDER_SEARCH] if search else [])]
    order = window.order(["placed.id"])
    page = f"(select * from orders as placed where {' and '.join(conditions)} {order})"  # noqa: S608 (our own conditions)
    query = f"{select_orders(page)} {order}"
    async with db.cursor(row_factory=class_row(Order)) as cursor:
        await cursor.execute(query, window.values() | _patterns(search))
        return await cursor.fetchall()


async def list_bookings(db: Connection, wanted: BookingFilter, window: Window) -> list[Booking]:
    conditions = [window.condition(["booking.id"]), *wanted.conditions()]
    order = window.order(["booking.id"])
    page = f"(select * from bookings as booking where {' and '.join(conditions)} {order})"  # noqa: S608 (our own conditions)
    query = f"{select_bookings(page)} {order}"
    async with db.cursor(row_factory=class_row(Booking)) as cursor:
        await cursor.execute(query, wanted.values() | window.values())
        return await cursor.fetchall()


async def batch_bookings(
    database: Database, wanted: BookingFilter, *, size: int = 1000
) -> AsyncIterator[list[Booking]]:
    """All of them, the newest first, so many at a time: no connection is kept while the last ones are sent on their way."""
    window = Window(size=size)
    while True:
        async with database.connection() as db:
            found = await list_bookings(db, wanted, window)
        if found:
            yield found[:size]
        if len(found) <= size:
            return
        window = Window((found[size - 1].id,), size=size)


def _patterns(search: str) -> dict[str, object]:
    """What a search stands for: a reference as typed or as read out, the beginning of a text, that of a later word in it."""
    text = _escaped(search)
    return {"references": [search.strip().upper(), read_reference(search)], "start": f"{text}%", "within": f"% {text}%"}


def _escaped(text: str) -> str:
    """For `like`: what is typed stands for itself."""
    return text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
