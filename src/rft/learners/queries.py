"""Reads an attendee's place, and who has no link yet."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.references import hash_token

_PLACE = statement(__file__, "place.sql")


@dataclass(frozen=True, slots=True)
class Place:
    """A seat as the person in it sees it. `link_id` is None where no link stands; `renews`: the course renews a certificate."""

    link_id: int | None
    recipient: str | None
    booking_id: int
    reference: str
    status: str
    order_id: int
    order_reference: str
    booker_name: str
    schedule_id: int
    course_name: str
    minimum_age: int
    first_session: datetime
    ends_at: datetime
    first_name: str
    last_name: str
    date_of_birth: date | None
    renews: bool
    earlier_is_ours: bool
    earlier_number: str | None
    earlier_provider: str | None
    earlier_completed_on: date | None
    earlier_media_type: str | None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def earlier(self) -> str | None:
        """The earlier certificate in words."""
        return self.earlier_number or self.earlier_provider


async def find_place(db: Connection, token: str) -> Place | None:
    """Whose live link this is."""
    return await _find(db, "link.token_hash = %(token_hash)s", {"token_hash": hash_token(token)})


async def get_place(db: Connection, reference: str) -> Place:
    """By the booking. Raises NotFound where it has no attendee, or no order."""
    found = await _find(db, "upper(booking.booking_reference) = upper(%(reference)s)", {"reference": reference})
    if found is None:
        raise NotFound("Nobody is named for this booking yet.", code="attendee_not_found")
    return found


async def _find(db: Connection, condition: str, values: dict[str, Any]) -> Place | None:
    async with db.cursor(row_factory=class_row(Place)) as cursor:
        await cursor.execute(_PLACE.format(condition=condition), values)
        return await cursor.fetchone()


async def read_needs(db: Connection, booking_id: int) -> str:
    """What somebody has written of themselves, for nobody but them: who works here reads it in attendance/, where it is noted."""
    row = await (await db.execute("select needs from access_needs where booking_id = %s", (booking_id,))).fetchone()
    return str(row["needs"]) if row is not None else ""


async def find_file(db: Connection, reference: str) -> tuple[bytes, str] | None:
    """The copy of the earlier certificate, and its media type."""
    cursor = await db.execute(
        """
        select earlier.file, earlier.media_type
          from earlier_certificates as earlier join bookings as booking on booking.id = earlier.booking_id
         where booking.booking_reference = %s and earlier.file is not null
        """,
        (reference,),
    )
    row = await cursor.fetchone()
    return (bytes(row["file"]), row["media_type"]) if row is not None else None


async def list_uninvited(db: Connection, now: datetime) -> list[int]:
    """Bookings whose attendee has an address and was never sent a link: paid or reserved, and the course is not over.

    Read from the places themselves, so that it does not matter how and when somebody was named.
    """
    cursor = await db.execute(
        """
        select booking.id
          from course_schedules as schedule
          join bookings as booking on booking.course_schedule_id = schedule.id
          join order_bookings as seat on seat.booking_id = booking.id
          join orders as placed on placed.id = seat.order_id
          join attendees as attendee on attendee.booking_id = booking.id and attendee.email is not null
         where schedule.end_datetime > %s and schedule.status in ('published', 'full')
           and (booking.status = 'confirmed'
                or (booking.status = 'pending'
                    and exists (select from order_approvals as approval
                                 where approval.order_id = placed.id and approval.state = 'accepted')))
           and not exists (select from attendee_links as link where link.booking_id = booking.id)
         order by booking.id
         limit 500
        """,
        (now,),
    )
    return [row["id"] for row in await cursor.fetchall()]
