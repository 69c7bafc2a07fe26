"""The cancellation policies, as the database holds them."""

from datetime import datetime

from rft.bookings.quotes import policy_from
from rft.bookings.rules import Policy
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.clock import london_today

_POLICY = "select version as policy_version, tiers, minimum_age, late_after_minutes from cancellation_policies"


async def get_policy(db: Connection, version: str) -> Policy:
    """The one that an order was made under. Raises NotFound."""
    cursor = await db.execute(f"{_POLICY} where version = %s", (version,))
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such policy.")
    return policy_from(row)


async def get_policy_in_force(db: Connection, now: datetime) -> Policy:
    """The one that an order made now is under. Raises NotFound."""
    cursor = await db.execute(
        f"{_POLICY} where in_force_from <= %s order by in_force_from desc limit 1", (london_today(now),)
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no policy yet.")
    return policy_from(row)
