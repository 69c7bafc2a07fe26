"""Reminders of a course, a week and a day before it: each once, never of what has begun, and of a date as it is now."""

from datetime import date, datetime, time, timedelta

from rft.database.pool import Database
from rft.kit.clock import from_london, london_today, to_london
from rft.notifications.compose import REMINDER
from rft.notifications.service import write_to_booker

DAYS_BEFORE = (7, 1)
# People are not written to at night.
_FROM, _UNTIL = time(8), time(20)
# Dates that begin on the days in question, with the orders that have places on them. Whoever booked after the reminder was due has just
# had the confirmation.
_DUE = """
select distinct seat.order_id, schedule.id as schedule_id, schedule.start_datetime
  from course_schedules as schedule
  join bookings as booking on booking.course_schedule_id = schedule.id and booking.status = 'confirmed'
  join order_bookings as seat on seat.booking_id = booking.id
 where schedule.status in ('published', 'full')
   and schedule.start_datetime > %(now)s and schedule.start_datetime >= %(first)s and schedule.start_datetime < %(before)s
   and booking.created_at < schedule.start_datetime - %(notice)s
 order by seat.order_id
"""


async def remind(database: Database, *, now: datetime, base_url: str) -> int:
    """Writes the reminders that are due and not written yet; answers how many. Made up for until the next one is due."""
    if not _FROM <= to_london(now).time() < _UNTIL:
        return 0
    written = 0
    nearest = [*DAYS_BEFORE[1:], -1]
    for days, nearer in zip(DAYS_BEFORE, nearest, strict=True):
        for turn, order_id in await _list_due(database, days, nearer, now):
            async with database.transaction() as db:
                written += await write_to_booker(db, REMINDER, order_id, base_url=base_url, turn=turn) is not None
    return written


async def _list_due(database: Database, days: int, nearer: int, now: datetime) -> list[tuple[str, int]]:
    """The turn names the date and when it begins: one that was moved has reminders of its own."""
    today = london_today(now)
    values = {
        "now": now,
        "first": _begin(today + timedelta(days=nearer + 1)),
        "before": _begin(today + timedelta(days=days + 1)),
        "notice": timedelta(days=days),
    }
    async with database.connection() as db:
        due = await (await db.execute(_DUE, values)).fetchall()
    return [(f"{days}-{row['schedule_id']}-{row['start_datetime']:%Y%m%d%H%M}", row["order_id"]) for row in due]


def _begin(day: date) -> datetime:
    return from_london(day, time.min)
