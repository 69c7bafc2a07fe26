"""Reads the venues."""

from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.errors import NotFound

_VENUE = """
select id, name, address_line1, address_line2, city, postcode, capacity, facilities, parking_info, is_active from venues
"""


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
