"""Reads the venues."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound

_VENUE = """
select id, name, address_line1, address_line2, city, postcode, capacity, facilities, parking_info, is_active, updated_at from venues
"""
_AFFECTED = statement(__file__, "affected.sql")


@dataclass(frozen=True, slots=True)
class Venue:
    id: int
    name: str
    address_line1: str
    address_line2: str | None
    city: str
    postcode: str
    capacity: int
    facilities: dict[str, Any]
    parking_info: str | None
    is_active: bool
    updated_at: datetime

    @property
    def address(self) -> list[str]:
        """The lines of the address, the name first."""
        lines = (self.name, self.address_line1, self.address_line2, f"{self.city} {self.postcode}")
        return [line for line in lines if line]


async def list_venues(db: Connection, *, after: int = 0, limit: int = 100, inactive: bool = False) -> list[Venue]:
    """In the order they were added, `limit` at most, those behind the id `after`."""
    async with db.cursor(row_factory=class_row(Venue)) as cursor:
        await cursor.execute(
            f"{_VENUE} where id > %(after)s and (is_active or %(inactive)s) order by id limit %(limit)s",
            {"after": after, "inactive": inactive, "limit": limit},
        )
        return await cursor.fetchall()


async def list_cities(db: Connection) -> list[str]:
    """The towns in which something is taught, in alphabetical order."""
    cursor = await db.execute("select distinct city from venues where is_active order by city")
    return [row["city"] for row in await cursor.fetchall()]


async def get_venue(db: Connection, venue_id: int) -> Venue:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(Venue)) as cursor:
        await cursor.execute(f"{_VENUE} where id = %(id)s", {"id": venue_id})
        venue = await cursor.fetchone()
    if venue is None:
        raise NotFound("There is no such venue.")
    return venue


@dataclass(frozen=True, slots=True)
class Affected:
    """A date at the venue, its seats now and after a change; `place` is the course. Times are UTC without zone."""

    id: int
    starts_at: datetime
    ends_at: datetime
    status: str
    place: str
    taken: int
    seats: int
    seats_then: int

    @property
    def is_crowded(self) -> bool:
        """More people are booked than would have a chair."""
        return self.taken > self.seats_then


@dataclass(frozen=True, slots=True)
class Closure:
    """The end is the midnight behind the last day."""

    id: int
    starts_at: datetime
    ends_at: datetime
    reason: str

    @property
    def last_moment(self) -> datetime:
        return self.ends_at - timedelta(seconds=1)


async def list_affected(db: Connection, venue_id: int, now: datetime, *, capacity: int | None = None) -> list[Affected]:
    """The dates still to come, in order of start; and earlier ones on which more people were than `capacity` allows."""
    async with db.cursor(row_factory=class_row(Affected)) as cursor:
        await cursor.execute(_AFFECTED, {"venue_id": venue_id, "now": now, "capacity": capacity})
        return await cursor.fetchall()


async def list_closures(db: Connection, venue_id: int, now: datetime) -> list[Closure]:
    """Those that are not over, in order."""
    async with db.cursor(row_factory=class_row(Closure)) as cursor:
        await cursor.execute(
            """
            select id, starts_at, ends_at, reason from venue_closures
             where venue_id = %s and ends_at > %s
             order by starts_at
            """,
            (venue_id, now),
        )
        return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Held:
    """A day of a live date that is held at a venue."""

    course_name: str
    starts_at: datetime


async def list_held(db: Connection, venue_id: int, starts_at: datetime, ends_at: datetime) -> list[Held]:
    """The days between two moments, in order."""
    async with db.cursor(row_factory=class_row(Held)) as cursor:
        await cursor.execute(
            """
            select course.name as course_name, lower(held.during) as starts_at
              from schedule_occupancies as held
              join course_schedules as schedule on schedule.id = held.course_schedule_id
              join courses as course on course.id = schedule.course_id
             where held.venue_id = %s and held.during && tsrange(%s, %s, '[)')
             order by held.during
            """,
            (venue_id, starts_at, ends_at),
        )
        return await cursor.fetchall()
