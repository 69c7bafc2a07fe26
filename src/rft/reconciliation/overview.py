"""The company's money at a glance: this month and the last, day by day, by the way it came, and what is still owed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from psycopg.rows import class_row

from rft.bookings.history import METHODS
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.clock import from_london, london_today

_OVERVIEW = statement(__file__, "overview.sql")
_DAYS = """
select day::date as day,
       coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0.00) as received,
       coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0.00) as returned
  from generate_series(%(first)s::date::timestamp, %(last)s::date::timestamp, interval '1 day') as day
  left join payment_transactions as entry
         on entry.status in ('succeeded', 'refunded')
        and entry.created_at >= (day at time zone 'Europe/London') at time zone 'UTC'
        and entry.created_at < ((day + interval '1 day') at time zone 'Europe/London') at time zone 'UTC'
 group by day
 order by day
"""
_METHODS = """
select entry.payment_method as method, sum(entry.amount) as amount
  from payment_transactions as entry
 where entry.status = 'succeeded' and entry.created_at >= %s
 group by entry.payment_method
 order by amount desc
"""


@dataclass(frozen=True, slots=True)
class Overview:
    """`so_far` is last month up to this moment of it: what this month may fairly be held against.

    `to_go_back` is what the `refunds` are for that are due, on their way, or `failed`.
    """

    received: Decimal
    returned: Decimal
    received_last_month_so_far: Decimal
    received_last_month: Decimal
    refunds: int
    to_go_back: Decimal
    failed: int

    @property
    def more_than_last_month(self) -> int | None:
        """In whole percent; None where there is nothing to compare with."""
        before = self.received_last_month_so_far
        return int(((self.received - before) * 100 / before).to_integral_value()) if before else None


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    received: Decimal
    returned: Decimal


async def get_overview(db: Connection, now: datetime) -> Overview:
    month = london_today(now).replace(day=1)
    last_month = (month - timedelta(days=1)).replace(day=1)
    values = {
        "month": from_london(month, time.min),
        "last_month": from_london(last_month, time.min),
        "so_far": min(
            from_london(last_month, time.min) + (now - from_london(month, time.min)), from_london(month, time.min)
        ),
    }
    async with db.cursor(row_factory=class_row(Overview)) as cursor:
        await cursor.execute(_OVERVIEW, values)
        found = await cursor.fetchone()
    assert found is not None, "sums without groups are one row"
    return found


async def list_days(db: Connection, first: date, last: date) -> list[Day]:
    """Every London day from the first to the last, all ways of paying together."""
    async with db.cursor(row_factory=class_row(Day)) as cursor:
        await cursor.execute(_DAYS, {"first": first, "last": last})
        return await cursor.fetchall()


async def list_methods(db: Connection, since: date) -> list[tuple[str, Decimal]]:
    """What was received since the day by each way of paying, the most first."""
    cursor = await db.execute(_METHODS, (from_london(since, time.min),))
    found = [(row["method"], row["amount"]) for row in await cursor.fetchall()]
    return [(METHODS.get(method, method.replace("_", " ")).capitalize(), amount) for method, amount in found]
