"""Reads the activity log: page by page, and in whole for an export."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection, Database
from rft.database.sql import statement
from rft.kit.pages import Window
from rft.kit.references import read_reference

_LIST = statement(__file__, "list_activity.sql")
# Hops along the index from one value to the next, however long the log is.
_DISTINCT = """
with recursive known as (
    (select {column} from admin_activity_logs where {column} is not null order by {column} limit 1)
    union all
    select (select act.{column} from admin_activity_logs as act where act.{column} > known.{column} order by act.{column} limit 1)
      from known where known.{column} is not null
)
"""
_ACTIONS = (
    f"{_DISTINCT.format(column='action')} select action as value, action as label from known where action is not null"  # noqa: S608 (our own column)
)
_PEOPLE = f"""{_DISTINCT.format(column="admin_id")}
select staff.id as value, coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email) as label
  from known join users as staff on staff.id = known.admin_id
 order by label
"""  # noqa: S608 (our own column)
_ABOUT = """
(act.entity_type, act.entity_id) in (
    select 'booking', booking.id::bigint from bookings as booking where upper(booking.booking_reference) = any(%(references)s)
    union all
    select 'order', placed.id from orders as placed where placed.reference = any(%(references)s)
    union all
    select 'booking', seat.booking_id from orders as placed join order_bookings as seat on seat.order_id = placed.id
     where placed.reference = any(%(references)s))
"""
_AT_ONCE = 1000
_NOTHING: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Activity:
    """One line. `entity_name` is a reference or a name; a date's comes with its start."""

    id: int
    created_at: datetime
    action: str
    entity_type: str | None
    entity_id: int | None
    old_values: dict[str, Any] | None
    new_values: dict[str, Any] | None
    address: str | None
    user_agent: str | None
    admin_id: int
    admin_name: str
    entity_name: str | None
    entity_starts_at: datetime | None

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Field, before, after: what differs, in the order it was written. None where there was nothing."""
        old, new = self.old_values or {}, self.new_values or {}
        names = [*new, *(name for name in old if name not in new)]
        pairs = [(name, old.get(name), new.get(name)) for name in names]
        return [pair for pair in pairs if pair[1] != pair[2] and any(part not in _NOTHING for part in pair[1:])]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFilter:
    """`about` is the reference of a booking or an order; an order's covers its bookings."""

    admin_id: int | None = None
    action: str = ""
    entity_type: str = ""
    entity_id: int | None = None
    about: str = ""


async def list_activity(db: Connection, wanted: ActivityFilter, window: Window) -> list[Activity]:
    """Newest first."""
    told = {
        "act.admin_id = %(admin_id)s": wanted.admin_id,
        "act.action = %(action)s": wanted.action,
        "act.entity_type = %(entity_type)s": wanted.entity_type,
        "act.entity_id = %(entity_id)s": wanted.entity_id,
        _ABOUT: wanted.about.strip(),
    }
    conditions = [window.condition(["act.id"]), *(text for text, value in told.items() if value)]
    values = {
        "admin_id": wanted.admin_id,
        "action": wanted.action,
        "entity_type": wanted.entity_type,
        "entity_id": wanted.entity_id,
        "references": [wanted.about.strip().upper(), read_reference(wanted.about)],
    }
    query = _LIST.format(condition=" and ".join(conditions), order=window.order(["act.id"]))
    async with db.cursor(row_factory=class_row(Activity)) as cursor:
        await cursor.execute(query, values | window.values())
        return await cursor.fetchall()


async def list_actions(db: Connection) -> list[tuple[str, str]]:
    """The actions that occur in the log."""
    return [(row["value"], row["label"]) for row in await (await db.execute(_ACTIONS)).fetchall()]


async def list_people(db: Connection) -> list[tuple[int, str]]:
    """Those who occur in the log, as (id, name)."""
    return [(row["value"], row["label"]) for row in await (await db.execute(_PEOPLE)).fetchall()]


async def walk_activity(database: Database, wanted: ActivityFilter) -> AsyncIterator[list[Activity]]:
    """The whole log, a thousand lines at a time; between them no connection is held, however slowly they are taken."""
    window = Window(size=_AT_ONCE)
    while True:
        async with database.connection() as db:
            found = await list_activity(db, wanted, window)
        yield found[:_AT_ONCE]
        if len(found) <= _AT_ONCE:
            return
        window = Window((found[_AT_ONCE - 1].id,), size=_AT_ONCE)
