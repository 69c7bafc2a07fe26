"""Reads the ledger of expiry: by month, one certificate's renewal, whom to remind, and what will be asked for."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.pages import Window
from rft.requalification.rules import LATE_DAYS, Past

_DUE = statement(__file__, "due.sql")
_DEMAND = statement(__file__, "demand.sql")
_PAST = statement(__file__, "past.sql")
_A_BATCH = 200
_ENTRIES = """
select ledger.id, ledger.number, ledger.holder, ledger.course_name, ledger.town, ledger.expires_on, ledger.renewal_reference,
       (select min(sent.days_before) from requalification_reminders as sent where sent.certificate_id = ledger.id) as reminded,
       exists (select from requalification_opt_outs as quiet
                where quiet.email_hash = sha256(convert_to(lower(ledger.email), 'UTF8'))) as is_quiet
  from certificate_ledger as ledger
"""


@dataclass(frozen=True, slots=True)
class Month:
    """`month` is its first day; of the `expiring`, `renewed` have a later place already and `reminded` have had a mail."""

    month: date
    expiring: int
    renewed: int
    reminded: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A certificate that stands. `reminded` so many days before is the last step that went; None where none did."""

    id: int
    number: str
    holder: str
    course_name: str
    town: str
    expires_on: date
    renewal_reference: str | None
    reminded: int | None
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class Expiring:
    """What a reminder and the page behind its link say."""

    id: int
    number: str
    booking_id: int
    holder: str
    course_name: str
    course_id: int
    expires_on: date
    town: str
    email: str
    grace_days: int
    renewed_by: str | None
    begins_with: str | None
    renewal_reference: str | None


@dataclass(frozen=True, slots=True)
class Due:
    id: int
    days_before: int


@dataclass(frozen=True, slots=True)
class Demand:
    """The certificates of one town that one course renews, running out in one month."""

    month: date
    course_id: int
    course_name: str
    town: str
    venue_id: int
    expiring: int
    renewed: int
    dates: int
    seats_left: int


async def list_months(db: Connection, first: date, last: date) -> list[Month]:
    """The months from `first` until before `last` in which something runs out."""
    async with db.cursor(row_factory=class_row(Month)) as cursor:
        await cursor.execute(
            """
            select date_trunc('month', ledger.expires_on)::date as month, count(*) as expiring,
                   count(ledger.renewal_reference) as renewed,
                   count(*) filter (where exists (select from requalification_reminders as sent
                                                   where sent.certificate_id = ledger.id)) as reminded
              from certificate_ledger as ledger
             where ledger.expires_on >= %s and ledger.expires_on < %s
             group by 1
             order by 1
            """,
            (first, last),
        )
        return await cursor.fetchall()


async def list_entries(db: Connection, window: Window, first: date, last: date) -> list[Entry]:
    """Those that run out from `first` until before `last`, the soonest first; the window's key is day and id."""
    columns = ["ledger.expires_on", "ledger.id"]
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(
            f"""
            {_ENTRIES}
             where ledger.expires_on >= %(first)s and ledger.expires_on < %(last)s and {window.condition(columns, descending=False)}
            {window.order(columns, descending=False)}
            """,
            {"first": first, "last": last, **window.values()},
        )
        return await cursor.fetchall()


async def get_expiring(db: Connection, *, number: str = "", certificate_id: int = 0) -> Expiring:
    """By its number, or that of one which it has replaced, or by its id. Raises NotFound, also for one that was revoked."""
    async with db.cursor(row_factory=class_row(Expiring)) as cursor:
        await cursor.execute(
            """
            select id, number, booking_id, holder, course_name, course_id, expires_on, town, email, grace_days, renewed_by, begins_with,
                   renewal_reference
              from certificate_ledger
             where booking_id = (select named.booking_id from certificates as named where named.number = %s or named.id = %s)
            """,
            (number, certificate_id),
        )
        found = await cursor.fetchone()
    if found is None:
        raise NotFound("This certificate is no longer one to renew.")
    return found


async def find_course_for(db: Connection, qualification: str | None) -> int | None:
    """The course on offer that leads to a qualification."""
    cursor = await db.execute(
        """
        select min(course.id) as id
          from course_variants as variant
          join courses as course on course.id = variant.course_id and course.is_active
         where variant.qualification = %s
        """,
        (qualification,),
    )
    row = await cursor.fetchone()
    assert row is not None, "an aggregate is one row"
    return row["id"]  # type: ignore[no-any-return]


async def list_due(db: Connection, today: date, *, after: int = 0) -> list[Due]:
    """Some of those to remind, behind the id `after`; none when all are done."""
    async with db.cursor(row_factory=class_row(Due)) as cursor:
        await cursor.execute(_DUE, {"today": today, "after": after, "most": _A_BATCH})
        return await cursor.fetchall()


async def list_demand(db: Connection, first: date, last: date, now: datetime) -> list[Demand]:
    async with db.cursor(row_factory=class_row(Demand)) as cursor:
        await cursor.execute(_DEMAND, {"first": first, "last": last, "now": now})
        return await cursor.fetchall()


async def read_past(db: Connection, today: date) -> dict[int, Past]:
    """By the course that renews, over two years."""
    cursor = await db.execute(_PAST, {"today": today, "late": LATE_DAYS})
    return {row["course_id"]: Past(row["expired"], row["renewed"]) for row in await cursor.fetchall()}
