"""The office's list of bookings, newest first: each page one statement; and what its list of orders shares with it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from psycopg.rows import class_row

from rft.bookings.queries import Booking, select_bookings
from rft.database.pool import Connection, Database
from rft.kit.pages import Window
from rft.kit.references import read_reference


class Listed(Protocol):
    @property
    def id(self) -> int: ...


T = TypeVar("T", bound=Listed)

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
{row}.course_schedule_id = any (array(
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
        told = {
            "booking.status = %(status)s": self.status,
            "booking.payment_status = %(payment_status)s": self.payment_status,
            "booking.course_schedule_id = %(schedule_id)s": self.schedule_id,
            _OF_ORGANISATION: self.organisation,
            _FROM_SITE: self.source == "site",
            _FROM_SOURCE: self.source and self.source != "site",
            _BOOKING_SEARCH: self.search,
        }
        return [text for text, value in told.items() if value] + on_dates(self, "booking")

    def values(self) -> dict[str, object]:
        return {**asdict(self), "organisation": f"{escaped(self.organisation)}%", **patterns(self.search)}


async def list_bookings(db: Connection, wanted: BookingFilter, window: Window) -> list[Booking]:
    conditions = [window.condition(["booking.id"]), *wanted.conditions()]
    order = window.order(["booking.id"])
    page = f"(select * from bookings as booking where {' and '.join(conditions)} {order})"  # noqa: S608 (our own conditions)
    query = f"{select_bookings(page)} {order}"
    async with db.cursor(row_factory=class_row(Booking)) as cursor:
        await cursor.execute(query, wanted.values() | window.values())
        return await cursor.fetchall()


def batch_bookings(database: Database, wanted: BookingFilter) -> AsyncIterator[list[Booking]]:
    return in_batches(database, lambda db, window: list_bookings(db, wanted, window))


async def in_batches(
    database: Database, read: Callable[[Connection, Window], Awaitable[list[T]]], *, size: int = 1000
) -> AsyncIterator[list[T]]:
    """All of them, the newest first, so many at a time: no connection is kept while the last ones are sent on their way."""
    window = Window(size=size)
    while True:
        async with database.connection() as db:
            found = await read(db, window)
        if found:
            yield found[:size]
        if len(found) <= size:
            return
        window = Window((found[size - 1].id,), size=size)


def on_dates(wanted: object, row: str) -> list[str]:
    """For `where`: what a filter says of the date that the `row` is for."""
    said = [text for field, text in _OF_DATE.items() if getattr(wanted, field, None) is not None]
    return [_DATED.format(row=row, conditions=" and ".join(said))] if said else []


def patterns(search: str) -> dict[str, object]:
    """What a search stands for: a reference as typed or as read out, the beginning of a text, that of a later word in it."""
    text = escaped(search)
    return {"references": [search.strip().upper(), read_reference(search)], "start": f"{text}%", "within": f"% {text}%"}


def escaped(text: str) -> str:
    """For `like`: what is typed stands for itself."""
    return text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
