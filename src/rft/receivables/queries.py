"""Reads what is owed, order by order, and how old it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.money import NOTHING
from rft.receivables.rules import AGES, age_of, days_overdue

_RECEIVABLES = statement(__file__, "receivables.sql")
_OWING = f"""
select count(*) as orders, coalesce(sum(owed.amount), 0.00) as amount, count(*) filter (where owed.due_on < %(today)s) as overdue_orders,
       coalesce(sum(owed.amount) filter (where owed.due_on < %(today)s), 0.00) as overdue
  from ({_RECEIVABLES}) as owed
"""  # noqa: S608 (our own statement)


@dataclass(frozen=True, slots=True)
class Receivable:
    """An accepted order that is not paid. `chased` are the reminders that have gone, in days after the due day."""

    order_id: int
    reference: str
    purchase_order: str | None
    booker_name: str
    booker_email: str
    debtor: str
    organisation_id: int | None
    reminds_before: bool
    due_on: date
    course_name: str
    starts_at: datetime
    seats: int
    amount: Decimal
    chased: list[int]
    chased_at: datetime | None
    paused_because: str | None

    def overdue(self, today: date) -> int:
        return days_overdue(self.due_on, today)


@dataclass(frozen=True, slots=True)
class Owing:
    """All that is owed, and that part of it whose day is over."""

    orders: int
    amount: Decimal
    overdue_orders: int
    overdue: Decimal


@dataclass(frozen=True, slots=True)
class Debtor:
    """What one organisation (or person) owes, by age in the order of AGES."""

    name: str
    organisation_id: int | None
    by_age: list[Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.by_age, NOTHING)


async def list_receivables(
    db: Connection, *, organisation_id: int | None = None, reference: str | None = None
) -> list[Receivable]:
    """The oldest due first."""
    async with db.cursor(row_factory=class_row(Receivable)) as cursor:
        await cursor.execute(_RECEIVABLES, {"organisation_id": organisation_id, "reference": reference})
        return await cursor.fetchall()


async def get_owing(db: Connection, today: date) -> Owing:
    async with db.cursor(row_factory=class_row(Owing)) as cursor:
        await cursor.execute(_OWING, {"organisation_id": None, "reference": None, "today": today})
        found = await cursor.fetchone()
    assert found is not None, "sums without groups are one row"
    return found


async def find_receivable(db: Connection, reference: str) -> Receivable | None:
    found = await list_receivables(db, reference=reference)
    return found[0] if found else None


def by_debtor(receivables: Sequence[Receivable], today: date) -> list[Debtor]:
    """Who owes most comes first."""
    debtors: dict[tuple[int | None, str], Debtor] = {}
    for one in receivables:
        key = (one.organisation_id, "" if one.organisation_id else one.debtor)
        debtor = debtors.setdefault(key, Debtor(one.debtor, one.organisation_id, [NOTHING] * len(AGES)))
        debtor.by_age[AGES.index(age_of(one.overdue(today)))] += one.amount
    return sorted(debtors.values(), key=lambda debtor: (-debtor.total, debtor.name))


async def list_undecided(db: Connection, now: datetime) -> list[str]:
    """References of the orders whose time to be approved is over."""
    cursor = await db.execute(
        """
        select placed.reference
          from order_approvals as approval join orders as placed on placed.id = approval.order_id
         where approval.state = 'waiting' and approval.decide_by < %s
           and exists (select from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
                        where seat.order_id = placed.id and booking.status = 'pending')
         order by approval.decide_by
        """,
        (now,),
    )
    return [row["reference"] for row in await cursor.fetchall()]
