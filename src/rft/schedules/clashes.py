"""Asks, before the database decides, what stands in a date's way: so that the refusal can name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.kit.clock import span_in_words
from rft.schedules.errors import InstructorTaken, VenueTaken
from rft.schedules.schemas import Hold

_CLASH = """
select schedule.id as schedule_id, course.name as course_name, venue.name as venue_name, venue.city,
       nullif(concat_ws(' ', instructor.first_name, instructor.last_name), '') as instructor_name,
       lower(held.during) as starts_at, upper(held.during) as ends_at
  from unnest(%(holders)s::integer[], %(starts)s::timestamp[], %(ends)s::timestamp[]) as wanted (holder, starts_at, ends_at)
  join schedule_occupancies as held
    on held.{column} = wanted.holder and held.during && tsrange(wanted.starts_at, wanted.ends_at, '[)')
  join course_schedules as schedule on schedule.id = held.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = held.venue_id
  left join users as instructor on instructor.id = held.instructor_id
 where schedule.id <> %(except_id)s
 order by held.during
 limit 1
"""


@dataclass(frozen=True, slots=True)
class Clash:
    """The first day of another date that is in the way."""

    schedule_id: int
    course_name: str
    venue_name: str
    city: str
    instructor_name: str | None
    starts_at: datetime
    ends_at: datetime

    @property
    def named(self) -> str:
        return f"{self.course_name} (date {self.schedule_id}, {span_in_words(self.starts_at, self.ends_at)})"

    @property
    def facts(self) -> dict[str, object]:
        return {"schedule_id": self.schedule_id, "starts_at": self.starts_at, "ends_at": self.ends_at}

    @property
    def venue_is_taken(self) -> VenueTaken:
        return VenueTaken(f"{self.named} already holds this venue at that time.", facts=self.facts)

    @property
    def instructor_is_taken(self) -> InstructorTaken:
        return InstructorTaken(
            f"{self.instructor_name or 'The instructor'} already teaches {self.named} at {self.venue_name}, {self.city}.",
            facts=self.facts,
        )


async def require_venue_free(db: Connection, holds: Sequence[Hold], except_id: int = 0) -> None:
    """Raises VenueTaken. `except_id` is the date that moves, which is not in its own way."""
    clash = await find_venue_clash(db, holds, except_id)
    if clash is not None:
        raise clash.venue_is_taken


async def require_instructor_free(db: Connection, holds: Sequence[Hold], except_id: int = 0) -> None:
    """Raises InstructorTaken."""
    clash = await find_instructor_clash(db, holds, except_id)
    if clash is not None:
        raise clash.instructor_is_taken


async def find_venue_clash(db: Connection, holds: Sequence[Hold], except_id: int = 0) -> Clash | None:
    return await _find(db, "venue_id", [(hold.venue_id, hold) for hold in holds], except_id)


async def find_instructor_clash(db: Connection, holds: Sequence[Hold], except_id: int = 0) -> Clash | None:
    taught = [(hold.instructor_id, hold) for hold in holds if hold.instructor_id is not None]
    return await _find(db, "instructor_id", taught, except_id) if taught else None


async def _find(db: Connection, column: str, wanted: Sequence[tuple[int, Hold]], except_id: int) -> Clash | None:
    values = {
        "holders": [holder for holder, _ in wanted],
        "starts": [hold.start for _, hold in wanted],
        "ends": [hold.end for _, hold in wanted],
        "except_id": except_id,
    }
    async with db.cursor(row_factory=class_row(Clash)) as cursor:
        await cursor.execute(_CLASH.format(column=column), values)
        return await cursor.fetchone()
