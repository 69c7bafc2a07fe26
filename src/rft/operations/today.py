"""What the office sees first: the figures of the day, what needs doing, and the dates of the next two weeks."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.clock import from_london, london_today
from rft.operations.backup import LATE_AFTER
from rft.operations.today_kinds import KINDS, Found
from rft.schedules.office_queries import Listed, list_between

DAYS_AHEAD = 14
# Events are settled within seconds; after this the jobs have stopped or Stripe cannot be reached.
_STUCK = timedelta(minutes=5)
# A date under its minimum is a decision to take when its day is so near.
_DECIDE_WITHIN = timedelta(days=7)
# Of one kind of work so much is shown; who has more of it wants a list.
FIRST_FEW, ALL = 4, 100
_FIGURES = statement(__file__, "today.sql")
_DAYS = statement(__file__, "today_days.sql")


def _whole_statement() -> str:
    """today_work.sql with the parts of today_work/, a file a kind of work."""
    files = sorted(path.name for path in (Path(__file__).parent / "today_work").glob("*.sql"))
    parts = "".join(f"\nunion all (\n{statement(__file__, f'today_work/{name}')})" for name in files)
    return statement(__file__, "today_work.sql").replace("/* kinds */", parts)


_WORK = _whole_statement()


@dataclass(frozen=True, slots=True)
class Figures:
    """`taken` of `seats` in the next fourteen days; money net of what went back; `amount` is owed by the `orders` waiting."""

    taken: int
    seats: int
    month: Decimal
    today: Decimal
    orders: int
    amount: Decimal
    failed: int


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do: a sentence, a detail, and where it is done. Kind and place name it; `until` is the day it is put off to."""

    kind: str
    place: str
    number: int | None
    icon: str
    tone: str
    text: str
    detail: str
    href: str
    action: str
    until: date | None


@dataclass(frozen=True, slots=True)
class ToDo:
    """`hidden` more things of the same kinds are not among the `shown`; what somebody put off stands apart."""

    shown: list[Work]
    hidden: int
    put_off: list[Work]


@dataclass(frozen=True, slots=True)
class Checked:
    """When the rules were last checked from the office, how many there were, and how many were broken."""

    at: datetime
    total: int
    broken: int


async def find_last_check(db: Connection) -> Checked | None:
    async with db.cursor(row_factory=class_row(Checked)) as cursor:
        await cursor.execute(
            """
            select created_at as at, (new_values ->> 'total')::integer as total, (new_values ->> 'broken')::integer as broken
              from admin_activity_logs
             where action = 'rules.check'
             order by id desc
             limit 1
            """
        )
        return await cursor.fetchone()


async def read_figures(db: Connection, now: datetime) -> Figures:
    today = london_today(now)
    values = _days(now) | {"month": from_london(today.replace(day=1), time.min)}
    async with db.cursor(row_factory=class_row(Figures)) as cursor:
        await cursor.execute(_FIGURES, values)
        figures = await cursor.fetchone()
    assert figures is not None, "sums without groups are one row"
    return figures


async def list_work(db: Connection, now: datetime, *, most: int = FIRST_FEW) -> ToDo:
    """The most urgent kind first, in each kind the oldest; at most so many of one kind."""
    values = _days(now) | {
        "now": now,
        "day": london_today(now),
        "yesterday": now - LATE_AFTER,
        "five_minutes_ago": now - _STUCK,
        "most": most,
        "decide_until": london_today(now) + _DECIDE_WITHIN,
    }
    async with db.cursor(row_factory=class_row(Found)) as cursor:
        await cursor.execute(_WORK, values)
        found = await cursor.fetchall()
    kinds = list(KINDS)
    found.sort(key=lambda row: kinds.index(row.kind))
    due = [row for row in found if row.until is None]
    hidden = sum({row.kind: row.of_kind for row in due}.values()) - len(due)
    return ToDo([_work(row) for row in due], hidden, [_work(row) for row in found if row.until])


def _work(found: Found) -> Work:
    kind = KINDS[found.kind]
    href = (
        kind.href.format(place=found.place) if found.place or "{" not in kind.href else "/office/orders?state=waiting"
    )
    return Work(
        found.kind,
        found.place or "",
        found.number,
        kind.icon,
        kind.tone,
        kind.text(found),
        kind.detail(found),
        href,
        kind.action,
        found.until,
    )


async def list_takings(db: Connection, now: datetime) -> list[Decimal]:
    """What came less what went back on each day of this month in London, up to today."""
    cursor = await db.execute(_DAYS, {"today": london_today(now)})
    return [row["amount"] for row in await cursor.fetchall()]


async def list_coming(db: Connection, now: datetime) -> list[Listed]:
    """The dates of the next fourteen London days, today's among them."""
    days = _days(now)
    return await list_between(db, days["today"], days["horizon"])


def _days(now: datetime) -> dict[str, datetime]:
    today = london_today(now)
    return {
        "today": from_london(today, time.min),
        "horizon": from_london(today + timedelta(days=DAYS_AHEAD), time.min),
    }
