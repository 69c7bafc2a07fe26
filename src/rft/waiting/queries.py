"""Reads the waiting list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.waiting.rules import Waiting

State = Literal["waiting", "offered", "booked", "lapsed", "left"]
_ENTRIES = statement(__file__, "entries.sql")
_QUEUES = statement(__file__, "queues.sql")


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on the list. An offer is made once; whoever lets it lapse joins again at the end."""

    id: int
    reference: str
    course_id: int
    user_id: int | None
    first_name: str
    last_name: str
    email: str
    phone: str | None
    places: int
    joined_at: datetime
    offered_at: datetime | None
    left_at: datetime | None
    order_reference: str | None
    offered_schedule_id: int | None
    offered_until: datetime | None
    statuses: list[str]
    schedule_ids: list[int]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def state(self) -> State:
        if self.left_at is not None:
            return "left"
        if self.order_reference is None:
            return "waiting"
        live = [status for status in self.statuses if status != "cancelled"]
        if not live:
            return "lapsed"
        return "offered" if "pending" in live and self.offered_until is not None else "booked"


@dataclass(frozen=True, slots=True)
class Queue:
    """A date for which people wait, as the office's list shows it."""

    schedule_id: int
    course_name: str
    venue_name: str
    city: str
    starts_at: datetime
    seats: int
    free: int
    entries: int
    places: int
    offered: int


async def get_entry(db: Connection, reference: str) -> Entry:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(f"{_ENTRIES} where entry.reference = %s", (reference,))
        entry = await cursor.fetchone()
    if entry is None:
        raise NotFound("There is no such entry on our waiting list.", code="waiting_entry_not_found")
    return entry


async def find_entry(db: Connection, entry_id: int) -> Entry | None:
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(f"{_ENTRIES} where entry.id = %s", (entry_id,))
        return await cursor.fetchone()


async def list_entries(db: Connection, schedule_id: int) -> list[Entry]:
    """Everybody who waits or waited for this date, the first to join first."""
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(
            f"{_ENTRIES} join waiting_dates as mine on mine.entry_id = entry.id and mine.course_schedule_id = %s"
            " order by entry.joined_at, entry.id",
            (schedule_id,),
        )
        return await cursor.fetchall()


async def list_waiting(db: Connection, schedule_id: int) -> list[Waiting]:
    """Those who have no offer yet, the first to join first."""
    async with db.cursor(row_factory=class_row(Waiting)) as cursor:
        await cursor.execute(
            """
            select entry.id, entry.places
              from waiting_dates as dated join waiting_entries as entry on entry.id = dated.entry_id
             where dated.course_schedule_id = %s and entry.order_id is null and entry.left_at is null
             order by entry.joined_at, entry.id
            """,
            (schedule_id,),
        )
        return await cursor.fetchall()


async def list_dates_with_room(db: Connection, now: datetime) -> list[int]:
    """Live dates to come that have a free seat and somebody who waits for one, the soonest first."""
    cursor = await db.execute(
        """
        select schedule.id
          from course_schedules as schedule
         where schedule.status = 'published' and schedule.start_datetime > %s
           and exists (select from waiting_dates as dated join waiting_entries as entry on entry.id = dated.entry_id
                        where dated.course_schedule_id = schedule.id and entry.order_id is null and entry.left_at is null)
         order by schedule.start_datetime, schedule.id
        """,
        (now,),
    )
    return [row["id"] for row in await cursor.fetchall()]


async def list_queues(db: Connection, now: datetime) -> list[Queue]:
    """Every date to come for which anybody waits or has an offer open, the soonest first."""
    async with db.cursor(row_factory=class_row(Queue)) as cursor:
        await cursor.execute(_QUEUES, {"now": now})
        return await cursor.fetchall()
