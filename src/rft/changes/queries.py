"""Reads places as a change sees them, and the dates they can be moved to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from rft.bookings.quotes import policy_from
from rft.bookings.rules import Policy
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound

_SEATS = statement(__file__, "seats.sql")
_TARGETS = statement(__file__, "targets.sql")
_POLICY = ("policy_version", "tiers", "minimum_age", "late_after_minutes")


@dataclass(frozen=True, slots=True)
class Seat:
    id: int
    reference: str
    status: str
    payment_status: str
    payment_amount: Decimal
    discount_applied: Decimal
    discount_code_id: int | None
    schedule_id: int
    schedule_status: str
    course_id: int
    course_name: str
    venue_name: str
    city: str
    first_session: datetime
    starts_at: datetime
    ends_at: datetime
    order_id: int | None
    order_reference: str | None
    on_the_clock: bool
    booker: str
    first_name: str | None
    last_name: str | None
    attendee_email: str | None
    waived: Decimal
    policy: Policy

    @property
    def gross(self) -> Decimal:
        return self.payment_amount + self.discount_applied

    @property
    def attendee(self) -> str | None:
        return f"{self.first_name} {self.last_name}" if self.first_name else None

    @property
    def holder(self) -> str | None:
        """Who sits there; a place without an order is the customer's own."""
        return self.attendee or (self.booker if self.order_id is None else None)


@dataclass(frozen=True, slots=True)
class Target:
    """A date that a place can be moved to."""

    id: int
    starts_at: datetime
    ends_at: datetime
    course_id: int
    course_name: str
    price: Decimal
    venue_name: str
    city: str
    seats_left: int


async def list_seats_of_order(db: Connection, order_id: int) -> list[Seat]:
    return await _seats(db, "placed.id = %(order_id)s", {"order_id": order_id})


async def list_seats(db: Connection, booking_ids: Sequence[int]) -> list[Seat]:
    return await _seats(db, "booking.id = any (%(ids)s)", {"ids": list(booking_ids)})


async def list_seats_of_schedule(db: Connection, schedule_id: int) -> list[Seat]:
    """Those that are still to be used."""
    condition = "schedule.id = %(id)s and booking.status in ('pending', 'confirmed')"
    return await _seats(db, condition, {"id": schedule_id})


async def get_seat(db: Connection, reference: str) -> Seat:
    """Raises NotFound."""
    found = await _seats(db, "upper(booking.booking_reference) = upper(%(reference)s)", {"reference": reference})
    if not found:
        raise NotFound("There is no such booking.", code="booking_not_found")
    return found[0]


async def _seats(db: Connection, condition: str, values: dict[str, Any]) -> list[Seat]:
    cursor = await db.execute(_SEATS.format(condition=condition), values)
    return [
        Seat(**{name: value for name, value in row.items() if name not in _POLICY}, policy=policy_from(row))
        for row in await cursor.fetchall()
    ]


async def list_targets(
    db: Connection,
    *,
    course_id: int,
    except_id: int,
    now: datetime,
    any_course: bool = False,
    only_id: int | None = None,
) -> list[Target]:
    """Dates of the course first; those of the others only with `any_course`. `only_id` asks about one of them."""
    values = {"course_id": course_id, "except_id": except_id, "now": now, "any_course": any_course, "only_id": only_id}
    async with db.cursor(row_factory=class_row(Target)) as cursor:
        await cursor.execute(_TARGETS, values)
        return await cursor.fetchall()
