"""The office's list of orders, newest first: each page one statement."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from rft.bookings.lists import escaped, in_batches, on_dates, patterns
from rft.bookings.queries import Order, select_orders
from rft.database.pool import Connection, Database
from rft.kit.pages import Window

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
# As many cancelled seats as were booked, before each order's seats are looked at one by one: seats booked instead of lost ones come on top.
_MANY_CANCELLED = """placed.id = any (array(
    select seat.order_id
      from bookings as booking
      join order_bookings as seat on seat.booking_id = booking.id
      join orders as found on found.id = seat.order_id
     where booking.status = 'cancelled'
     group by seat.order_id, found.seats
    having count(*) >= found.seats))"""
_WAITS_FOR_APPROVAL = """exists (select from order_approvals as approval
          where approval.order_id = placed.id and approval.state = 'waiting')"""
_STATES: dict[OrderState, Sequence[str]] = {
    "": (),
    "waiting": (_WITH.format(status="pending"), "placed.hold_expires_at is not null"),
    "requested": (_WITH.format(status="pending"), _WAITS_FOR_APPROVAL),
    "reserved": (_WITH.format(status="pending"), "placed.hold_expires_at is null", f"not {_WAITS_FOR_APPROVAL}"),
    "confirmed": (_NO_SEAT_IS.format(which="= 'pending'"), f"not ({_NO_SEAT_IS.format(which=_LIVE)})"),
    "cancelled": (_MANY_CANCELLED, _NO_SEAT_IS.format(which=_LIVE)),
}
_SEARCH = """
placed.id = any (array(
    select found.id from orders as found
     where found.reference = any (%(references)s) or lower(found.booker_email) like %(start)s
        or lower(found.booker_name) like %(start)s or lower(found.booker_name) like %(within)s
        or lower(found.organisation_name) like %(start)s
    union all
    select seat.order_id from bookings as found join order_bookings as seat on seat.booking_id = found.id
     where upper(found.booking_reference) = any (%(references)s)))
"""
_FROM_SOURCE = (
    "exists (select from order_sources as source where source.order_id = placed.id and source.source = %(source)s)"
)
_FROM_SITE = "not exists (select from order_sources as source where source.order_id = placed.id)"
_OF_ORGANISATION = """
placed.id = any (array(select found.id from orders as found where lower(found.organisation_name) like %(organisation)s))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """`search` is a reference (an order's or one of its bookings'), or the beginning of an e-mail address or a name.

    The two times bound the course's start; `source` is `site`, or one of order_sources; `organisation` the beginning of its name.
    """

    state: OrderState = ""
    payment_method: str = ""
    course_id: int | None = None
    venue_id: int | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    organisation: str = ""
    source: str = ""
    search: str = ""

    def conditions(self) -> list[str]:
        """For `where`, of orders as `placed`."""
        told = {
            "placed.payment_method = %(payment_method)s": self.payment_method,
            _OF_ORGANISATION: self.organisation,
            _FROM_SITE: self.source == "site",
            _FROM_SOURCE: self.source and self.source != "site",
            _SEARCH: self.search,
        }
        return [*_STATES[self.state], *(text for text, value in told.items() if value), *on_dates(self, "placed")]

    def values(self) -> dict[str, object]:
        return {**asdict(self), "organisation": f"{escaped(self.organisation)}%", **patterns(self.search)}


async def list_orders(db: Connection, wanted: OrderFilter, window: Window) -> list[Order]:
    conditions = [window.condition(["placed.id"]), *wanted.conditions()]
    order = window.order(["placed.id"])
    page = f"(select * from orders as placed where {' and '.join(conditions)} {order})"  # noqa: S608 (our own conditions)
    query = f"{select_orders(page)} {order}"
    async with db.cursor(row_factory=class_row(Order)) as cursor:
        await cursor.execute(query, wanted.values() | window.values())
        return await cursor.fetchall()


def batch_orders(database: Database, wanted: OrderFilter) -> AsyncIterator[list[Order]]:
    return in_batches(database, lambda db, window: list_orders(db, wanted, window))
