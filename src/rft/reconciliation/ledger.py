"""Reads the whole ledger for the office: filtered, a page at a time, with sums, and walked to its end for an export."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from psycopg.rows import class_row

from rft.bookings.history import METHODS
from rft.database.pool import Connection, Database
from rft.database.sql import statement
from rft.kit.clock import from_london
from rft.kit.pages import Window
from rft.kit.references import read_reference

_LIST = statement(__file__, "ledger.sql")
_AT_ONCE = 1000
# An order's reference stands for all its bookings; a refund's id is among what the row remembers of Stripe.
_SEARCH = """
(entry.booking_id = any (array(
     select found.id from bookings as found where upper(found.booking_reference) = any (%(references)s)
     union all
     select seat.booking_id from orders as found join order_bookings as seat on seat.order_id = found.id
      where found.reference = any (%(references)s)))
 or entry.stripe_payment_intent_id = %(stripe_id)s or entry.stripe_charge_id = %(stripe_id)s
 or entry.metadata ->> 'stripe_refund_id' = %(stripe_id)s)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt to move money; a row is never changed."""

    id: int
    created_at: datetime
    amount: Decimal
    status: str
    payment_method: str
    failure_reason: str | None
    stripe_payment_intent_id: str | None
    stripe_charge_id: str | None
    stripe_refund_id: str | None
    note: str | None
    booking_reference: str
    order_reference: str | None
    customer: str

    @property
    def method(self) -> str:
        return METHODS.get(self.payment_method, self.payment_method.replace("_", " "))

    @property
    def stripe_id(self) -> str | None:
        """What to look for at Stripe."""
        return self.stripe_refund_id or self.stripe_payment_intent_id or self.stripe_charge_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFilter:
    """`search` is a reference or one of Stripe's ids; the days are London's, the last one included."""

    method: str = ""
    status: str = ""
    first: date | None = None
    last: date | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    entries: int
    received: Decimal
    returned: Decimal

    @property
    def kept(self) -> Decimal:
        return self.received - self.returned


async def list_entries(db: Connection, wanted: LedgerFilter, window: Window) -> list[Entry]:
    """Newest first."""
    conditions, values = _conditions(wanted)
    query = _LIST.format(
        condition=" and ".join([window.condition(["entry.id"]), *conditions]), order=window.order(["entry.id"])
    )
    async with db.cursor(row_factory=class_row(Entry)) as cursor:
        await cursor.execute(query, {**values, **window.values()})
        return await cursor.fetchall()


async def get_totals(db: Connection, wanted: LedgerFilter) -> Totals:
    """Of all that the filter leaves, not only of a page."""
    conditions, values = _conditions(wanted)
    async with db.cursor(row_factory=class_row(Totals)) as cursor:
        await cursor.execute(
            f"""
            select count(*) as entries, coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0.00) as received,
                   coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0.00) as returned
              from payment_transactions as entry
             where {" and ".join(["true", *conditions])}
            """,  # noqa: S608 (our own conditions)
            values,
        )
        totals = await cursor.fetchone()
    assert totals is not None, "sums without groups are one row"
    return totals


async def walk_entries(database: Database, wanted: LedgerFilter) -> AsyncIterator[list[Entry]]:
    """All of them, a thousand at a time; between them no connection is held, however slowly they are taken."""
    window = Window(size=_AT_ONCE)
    while True:
        async with database.connection() as db:
            found = await list_entries(db, wanted, window)
        yield found[:_AT_ONCE]
        if len(found) <= _AT_ONCE:
            return
        window = Window((found[_AT_ONCE - 1].id,), size=_AT_ONCE)


def _conditions(wanted: LedgerFilter) -> tuple[list[str], Mapping[str, object]]:
    told = {
        "entry.payment_method = %(method)s": wanted.method,
        "entry.status = %(status)s": wanted.status,
        "entry.created_at >= %(since)s": wanted.first,
        "entry.created_at < %(until)s": wanted.last,
        _SEARCH: wanted.search.strip(),
    }
    values = {
        "method": wanted.method,
        "status": wanted.status,
        "since": from_london(wanted.first, time.min) if wanted.first else None,
        "until": from_london(wanted.last + timedelta(days=1), time.min) if wanted.last else None,
        "references": [wanted.search.strip().upper(), read_reference(wanted.search)],
        "stripe_id": wanted.search.strip(),
    }
    return [text for text, value in told.items() if value], values
