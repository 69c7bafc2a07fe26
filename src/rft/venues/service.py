"""Adds and changes venues."""

from typing import Any

from psycopg.types.json import Jsonb

from rft.audit.service import Actor, record
from rft.database.edit import insert, update
from rft.database.pool import Connection
from rft.venues.schemas import VenueRequest


async def create_venue(db: Connection, actor: Actor, asked: VenueRequest) -> int:
    """Answers the new id."""
    values = asked.model_dump()
    venue_id = await insert(db, "venues", _columns(values))
    await record(db, actor, "venue.create", "venue", venue_id, new=values)
    return venue_id


async def change_venue(db: Connection, actor: Actor, venue_id: int, changes: dict[str, Any]) -> None:
    """Raises NotFound, or SeatsTaken where the capacity would leave somebody without a seat."""
    before = await update(db, "venues", venue_id, _columns(changes))
    await record(
        db, actor, "venue.change", "venue", venue_id, old={name: before[name] for name in changes}, new=changes
    )


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    return {name: Jsonb(value) if name == "facilities" else value for name, value in values.items()}
