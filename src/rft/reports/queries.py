"""Reads the sums that the database keeps. None of it looks at bookings or the ledger one by one, save what is owed now."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.reports.rules import Period, Spans
from rft.reports.schemas import Asked

_REVENUE = statement(__file__, "revenue.sql")
_OCCUPANCY = statement(__file__, "occupancy.sql")
_OUTSTANDING = statement(__file__, "outstanding.sql")
_NAMES = {
    "course": "select id, name from courses where id = any(%s)",
    "venue": "select id, name || ', ' || city as name from venues where id = any(%s)",
    "instructor": "select id, concat_ws(' ', first_name, last_name) as name from users where id = any(%s)",
}
_CHOICES = {
    "course": "select id, name from courses order by name",
    "venue": "select id, name || ', ' || city as name from venues order by name limit 1000",
    "instructor": "select id, concat_ws(' ', first_name, last_name) as name from users"
    " where role in ('instructor', 'admin') and password_hash <> '!' order by 2 limit 1000",
}
_REVENUE_BY_DAY = """
select day, sum(received) as received, sum(returned) as returned, sum(payments) as payments, sum(refunds) as refunds
  from revenue_days
 where day between %(first)s and %(last)s
   and (%(course_id)s::integer is null or course_id = %(course_id)s)
   and (%(venue_id)s::integer is null or venue_id = %(venue_id)s)
   and (%(instructor_id)s::integer is null or instructor_id = %(instructor_id)s)
 group by day
"""
_BOOKINGS = """
select {key} as starts, was, became, sum(bookings) as bookings
  from booking_days
 where day between %(first)s and %(last)s
 group by 1, 2, 3
"""
_LEADS = """
select lead, sum(bookings) as bookings from booking_days
 where was = '' and day between %(first)s and %(last)s group by lead
"""
_CUSTOMERS = """
select figures_month(day) as month, sum(customers) as customers, sum(came_back) as came_back,
       sum(received_first_day) as received_first_day, sum(received) as received, sum(returned) as returned
  from customer_days
 where day between %(first)s and %(last)s
 group by 1
"""
_VISITS = """
select {key} as starts, sum(visits) as visits, sum(events) as events
  from visit_days
 where facet = 'all' and day between %(first)s and %(last)s
 group by 1
"""
_VISITS_BY = """
select value, sum(visits) as visits
  from visit_days
 where facet = %(facet)s and day between %(first)s and %(last)s
 group by value
 order by visits desc, value
"""
_KEYS = {"day": sql.SQL("day"), "month": sql.SQL("figures_month(day)")}


@dataclass(frozen=True, slots=True)
class Money:
    received: Decimal = Decimal("0.00")
    returned: Decimal = Decimal("0.00")
    payments: int = 0
    refunds: int = 0

    @property
    def kept(self) -> Decimal:
        return self.received - self.returned


@dataclass(frozen=True, slots=True)
class Places:
    dates: int = 0
    seats: int = 0
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers whose first payment came in a month, and what they have paid to this day."""

    month: date
    customers: int
    came_back: int
    received_first_day: Decimal
    received: Decimal
    returned: Decimal


@dataclass(frozen=True, slots=True)
class Owed:
    """A booking (or, where it has one, its order) that is not paid yet. `way`: invoice, card, or none."""

    reference: str
    is_order: bool
    customer: str
    purchase_order: str
    way: str
    since: datetime
    places: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Revenue:
    """The same money four times over: by month, course, venue and instructor (0: nobody yet)."""

    total: Money
    month: dict[date, Money]
    course: dict[int, Money]
    venue: dict[int, Money]
    instructor: dict[int, Money]


@dataclass(frozen=True, slots=True)
class Occupancy:
    total: Places
    month: dict[date, Places]
    course: dict[int, Places]
    venue: dict[int, Places]
    instructor: dict[int, Places]


async def get_revenue(db: Connection, spans: Spans, asked: Asked) -> Revenue:
    # Planned for its own days: a plan made once for any period reads whole tables.
    rows = await _all(db, _REVENUE, asdict(spans) | _only(asked), prepare=False)
    split = _split(rows, lambda row: Money(row["received"], row["returned"], row["payments"], row["refunds"]))
    return Revenue(total=split.pop("total").get(None, Money()), **split)


async def get_occupancy(db: Connection, spans: Spans, asked: Asked) -> Occupancy:
    rows = await _all(db, _OCCUPANCY, asdict(spans) | _only(asked), prepare=False)
    split = _split(rows, lambda row: Places(row["dates"], row["seats"], row["taken"]))
    return Occupancy(total=split.pop("total").get(None, Places()), **split)


async def list_revenue_days(db: Connection, period: Period, asked: Asked) -> dict[date, Money]:
    """The days on which money moved."""
    rows = await _all(db, _REVENUE_BY_DAY, asdict(period) | _only(asked))
    return {row["day"]: Money(row["received"], row["returned"], row["payments"], row["refunds"]) for row in rows}


async def list_booking_changes(db: Connection, period: Period, by: str) -> list[tuple[date, str, str, int]]:
    """By day or month: when, from which status (empty: made), to which, how many."""
    rows = await _all(db, sql.SQL(_BOOKINGS).format(key=_KEYS[by]), asdict(period))
    return [(row["starts"], row["was"], row["became"], int(row["bookings"])) for row in rows]


async def list_leads(db: Connection, period: Period) -> list[tuple[int, int]]:
    """How long before the date (the first day of a bracket), and how many bookings."""
    return [(row["lead"], int(row["bookings"])) for row in await _all(db, _LEADS, asdict(period))]


async def list_cohorts(db: Connection, period: Period) -> list[Cohort]:
    async with db.cursor(row_factory=class_row(Cohort)) as cursor:
        await cursor.execute(_CUSTOMERS + "order by 1", asdict(period))
        return await cursor.fetchall()


async def list_owed(db: Connection, most: int) -> list[Owed]:
    """What is not paid yet, the oldest first."""
    async with db.cursor(row_factory=class_row(Owed)) as cursor:
        await cursor.execute(_OUTSTANDING, {"most": most})
        return await cursor.fetchall()


async def list_visits(db: Connection, period: Period, by: str) -> dict[date, tuple[int, int]]:
    """By day or month: visits and pages seen."""
    rows = await _all(db, sql.SQL(_VISITS).format(key=_KEYS[by]), asdict(period))
    return {row["starts"]: (int(row["visits"]), int(row["events"])) for row in rows}


async def list_visits_by(db: Connection, period: Period, facet: str) -> list[tuple[str, int]]:
    """Visits by page, source, device, browser, search or step, the most first."""
    rows = await _all(db, _VISITS_BY, asdict(period) | {"facet": facet})
    return [(row["value"], int(row["visits"])) for row in rows]


async def find_names(db: Connection, dimension: str, ids: Iterable[int]) -> dict[int, str]:
    rows = await _all(db, _NAMES[dimension], (list(ids),))
    return {0: "Nobody yet"} | {row["id"]: row["name"] or f"No. {row['id']}" for row in rows}


async def list_choices(db: Connection, dimension: str) -> list[tuple[int, str]]:
    """What a report can be narrowed to."""
    return [(row["id"], row["name"] or f"No. {row['id']}") for row in await _all(db, _CHOICES[dimension], ())]


def _only(asked: Asked) -> dict[str, int | None]:
    return {"course_id": asked.course_id, "venue_id": asked.venue_id, "instructor_id": asked.instructor_id}


def _split(rows: list[dict[str, Any]], read: Any) -> dict[str, Any]:
    """One answer of grouping sets as a dictionary for each of them."""
    split: dict[str, Any] = {"total": {}, "month": {}, "course": {}, "venue": {}, "instructor": {}}
    for row in rows:
        by = row["by"]
        split[by][None if by == "total" else row["month" if by == "month" else f"{by}_id"]] = read(row)
    return split


async def _all(
    db: Connection, query: Any, values: Mapping[str, object] | tuple[object, ...], *, prepare: bool | None = None
) -> list[dict[str, Any]]:
    return await (await db.execute(query, values, prepare=prepare)).fetchall()
