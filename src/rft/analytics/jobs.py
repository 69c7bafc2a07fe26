"""Counts the visits of a day, and deletes events after thirteen months: what was counted of them stays."""

from datetime import date, timedelta

from rft import jobs
from rft.database.pool import Database
from rft.database.sql import statement
from rft.kit.clock import london_today, utc_now

_ROLL_UP = statement(__file__, "roll_up.sql")
# The last day counted was not over, and what waited in memory at its midnight belongs to the one before.
_SINCE = "select coalesce((select max(day) - 1 from visit_days), (select london_day(min(created_at)) from analytics_events)) as day"
_DELETE = """
with old as (
    select id from analytics_events where created_at < (%(today)s::date - interval '13 months') order by created_at limit 5000
)
delete from analytics_events using old where analytics_events.id = old.id
"""


@jobs.task("analytics.roll_up", every="*/10 * * * *")
async def roll_up(context: jobs.Context) -> None:
    await count_visits(context.database, london_today(utc_now()))


async def count_visits(database: Database, today: date) -> None:
    """Counts every day that has events and was not counted to its end, today so far among them."""
    async with database.connection() as db:
        row = await (await db.execute(_SINCE)).fetchone()
    day: date | None = row["day"] if row else None
    while day is not None and day <= today:
        async with database.transaction() as db:
            await db.execute(_ROLL_UP, {"day": day})
        day += timedelta(days=1)


@jobs.task("analytics.forget", every="50 3 * * *")
async def forget(context: jobs.Context) -> None:
    """A few thousand at a time, so that nothing waits for it."""
    today = london_today(utc_now())
    await count_visits(context.database, today)
    while True:
        async with context.database.connection() as db:
            gone = await db.execute(_DELETE, {"today": today})
        if gone.rowcount == 0:
            return
