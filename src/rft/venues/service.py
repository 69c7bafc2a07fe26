"""Adds and changes venues, and closes them for days."""

from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from rft.audit.service import Actor, record
from rft.database.edit import insert, update
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.clock import day_in_words, london_today
from rft.venues.errors import VenueClosed
from rft.venues.queries import list_held
from rft.venues.schemas import ClosureRequest, VenueRequest

_NAMED = 5


async def create_venue(db: Connection, actor: Actor, asked: VenueRequest) -> int:
    """Answers the new id."""
    values = asked.model_dump()
    venue_id = await insert(db, "venues", _columns(values))
    await record(db, actor, "venue.create", "venue", venue_id, new=values)
    return venue_id


async def change_venue(
    db: Connection, actor: Actor, venue_id: int, changes: dict[str, Any], *, seen: datetime | None = None
) -> None:
    """Raises NotFound, or SeatsTaken where the capacity would leave somebody without a seat.

    `seen` is the updated_at that the change was made upon: raises ChangedMeanwhile where somebody else has changed it since.
    """
    before = await update(db, "venues", venue_id, _columns(changes), seen=seen)
    await record(
        db, actor, "venue.change", "venue", venue_id, old={name: before[name] for name in changes}, new=changes
    )


async def close_venue(db: Connection, actor: Actor, venue_id: int, asked: ClosureRequest) -> None:
    """Raises VenueClosed where a live date is held there then, and NotValid where it is closed already."""
    starts_at, ends_at = asked.span
    held = await list_held(db, venue_id, starts_at, ends_at)
    if held:
        named = ", ".join(f"{day.course_name} on {day_in_words(london_today(day.starts_at))}" for day in held[:_NAMED])
        further = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
        raise VenueClosed(f"Held here then: {named}{further}. Move or cancel it first.", facts={"days": len(held)})
    await insert(
        db,
        "venue_closures",
        {
            "venue_id": venue_id,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "reason": asked.reason,
            "created_by": actor.user_id,
        },
    )
    await record(db, actor, "venue.close", "venue", venue_id, new=asked.model_dump())


async def open_venue(db: Connection, actor: Actor, venue_id: int, closure_id: int) -> None:
    """Takes a closure back. Raises NotFound."""
    cursor = await db.execute(
        "delete from venue_closures where id = %s and venue_id = %s returning starts_at, ends_at, reason",
        (closure_id, venue_id),
    )
    gone = await cursor.fetchone()
    if gone is None:
        raise NotFound("This closure has been taken back already.")
    await record(
        db,
        actor,
        "venue.open",
        "venue",
        venue_id,
        old={"start": gone["starts_at"], "end": gone["ends_at"], "reason": gone["reason"]},
    )


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    return {name: Jsonb(value) if name == "facilities" else value for name, value in values.items()}
