"""Reads the comparisons: when both sides were last held together, what differed, and where the money is."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.money import NOTHING

_DIFFERENCES = statement(__file__, "differences.sql")
_SUMS = statement(__file__, "sums.sql")
_DAYS = statement(__file__, "days.sql")
_RUN = """
id, day, since, until, ran_at, state, compared, received_at_stripe, received_in_ledger, returned_at_stripe, returned_in_ledger,
paid_out, paid_out_parts, differences, differing
"""
_MOST = 200


@dataclass(frozen=True, slots=True)
class Run:
    """One comparison. `differing` is the sum of what differs, each difference counted as positive."""

    id: int
    day: date
    since: datetime
    until: datetime
    ran_at: datetime
    state: str
    compared: int
    received_at_stripe: Decimal
    received_in_ledger: Decimal
    returned_at_stripe: Decimal
    returned_in_ledger: Decimal
    paid_out: Decimal
    paid_out_parts: Decimal
    differences: int
    differing: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """`at_stripe` or `in_ledger` is None where that side has nothing of it."""

    id: int
    object: str
    stripe_id: str
    at_stripe: Decimal | None
    in_ledger: Decimal | None
    first_seen_at: datetime
    last_seen_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    note: str | None
    order_reference: str | None
    booking_reference: str | None
    resolved_by: str | None

    @property
    def by(self) -> Decimal:
        """How much more Stripe has than the ledger."""
        return (self.at_stripe or NOTHING) - (self.in_ledger or NOTHING)

    @property
    def what(self) -> str:
        if self.in_ledger is None:
            return "not_in_ledger"
        return "not_at_stripe" if self.at_stripe is None else "amount_differs"


@dataclass(frozen=True, slots=True)
class Sums:
    """Received less returned, withheld in disputes and fees is paid out or held; `in_transit` is that part of what was paid out
    which is on its way to the bank."""

    received: Decimal
    returned: Decimal
    withheld: Decimal
    fees: Decimal
    paid_out: Decimal
    other: Decimal
    held: Decimal
    in_transit: Decimal


@dataclass(frozen=True, slots=True)
class MoneyOfDay:
    day: date
    received: Decimal
    returned: Decimal
    fees: Decimal


@dataclass(frozen=True, slots=True)
class Payout:
    stripe_id: str
    amount: Decimal
    state: str
    arrives_on: date
    created_at: datetime
    at_bank_on: date | None
    movements: int


async def find_last_run(db: Connection) -> Run | None:
    async with db.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(f"select {_RUN} from reconciliation_runs order by id desc limit 1")  # noqa: S608 (our own columns)
        return await cursor.fetchone()


async def list_open_differences(db: Connection) -> list[Difference]:
    """The oldest first."""
    async with db.cursor(row_factory=class_row(Difference)) as cursor:
        await cursor.execute(
            f"{_DIFFERENCES} where difference.resolved_at is null order by difference.first_seen_at, difference.id limit %s",
            (_MOST,),
        )
        return await cursor.fetchall()


async def get_difference(db: Connection, difference_id: int) -> Difference:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(Difference)) as cursor:
        await cursor.execute(f"{_DIFFERENCES} where difference.id = %s::bigint", (difference_id,))
        found = await cursor.fetchone()
    if found is None:
        raise NotFound("There is no such difference.")
    return found


async def list_resolved_differences(db: Connection, most: int) -> list[Difference]:
    """The one resolved last first."""
    async with db.cursor(row_factory=class_row(Difference)) as cursor:
        await cursor.execute(
            f"{_DIFFERENCES} where difference.resolved_at is not null order by difference.resolved_at desc, difference.id desc limit %s",
            (most,),
        )
        return await cursor.fetchall()


async def get_sums(db: Connection) -> Sums:
    async with db.cursor(row_factory=class_row(Sums)) as cursor:
        await cursor.execute(_SUMS)
        sums = await cursor.fetchone()
    assert sums is not None, "sums without groups are one row"
    return sums


async def list_days(db: Connection, first: date, last: date) -> list[MoneyOfDay]:
    """Every London day from the first to the last, also those on which nothing moved."""
    async with db.cursor(row_factory=class_row(MoneyOfDay)) as cursor:
        await cursor.execute(_DAYS, {"first": first, "last": last})
        return await cursor.fetchall()


async def list_payouts(db: Connection, most: int) -> list[Payout]:
    """The newest first."""
    async with db.cursor(row_factory=class_row(Payout)) as cursor:
        await cursor.execute(
            """
            select payout.stripe_id, payout.amount, payout.state, payout.arrives_on, payout.created_at, payout.at_bank_on,
                   (select count(*) from stripe_payout_parts as part where part.payout_id = payout.stripe_id) as movements
              from stripe_payouts as payout
             order by payout.created_at desc, payout.stripe_id
             limit %s
            """,
            (most,),
        )
        return await cursor.fetchall()
