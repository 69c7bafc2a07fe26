"""Reads bank statements, their lines, and the orders that wait for money."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.pages import Window
from rft.receivables.matching import Owed

LineState = Literal["open", "matched", "aside", "out"]

_LINES = statement(__file__, "unmatched_lines.sql")
_STATES: dict[LineState, str] = {
    "open": "line.amount > matched.amount and aside.line_id is null",
    "matched": "line.amount > 0 and line.amount = matched.amount",
    "aside": "aside.line_id is not null",
    "out": "line.amount < 0",
}
_OWED = """
select placed.reference, placed.purchase_order, placed.booker_name,
       coalesce(account.name, placed.organisation_name, placed.booker_name) as debtor, owed.amount
  from (select seat.order_id, sum(booking.payment_amount - kept.amount) as amount
          from bookings as booking
          join order_bookings as seat on seat.booking_id = booking.id
         cross join lateral (
               select coalesce(sum(case entry.status when 'succeeded' then entry.amount
                                                     when 'refunded' then -entry.amount else 0 end), 0) as amount
                 from payment_transactions as entry where entry.booking_id = booking.id) as kept
         where booking.status = 'pending'
         group by seat.order_id) as owed
  join orders as placed on placed.id = owed.order_id and placed.payment_method = 'invoice'
  left join order_organisations as owner on owner.order_id = placed.id
  left join organisations as account on account.id = owner.organisation_id
 where owed.amount > 0
"""


@dataclass(frozen=True, slots=True)
class BankLine:
    """`left_over` is what no order has taken yet; `orders` are those that have."""

    id: int
    booked_on: date
    amount: Decimal
    counterparty: str
    description: str
    statement_id: int
    left_over: Decimal
    orders: list[str]
    set_aside_because: str | None

    @property
    def text(self) -> str:
        return f"{self.counterparty} {self.description}".strip()


@dataclass(frozen=True, slots=True)
class BankStatement:
    id: int
    file_name: str
    format: str
    lines: int
    new_lines: int
    created_at: datetime
    imported_by: str


async def list_lines(db: Connection, window: Window, state: LineState) -> list[BankLine]:
    """The newest first, one more than the window shows."""
    columns = ["line.id"]
    query = _LINES.format(window=window.condition(columns), state=_STATES[state], order=window.order(columns))
    async with db.cursor(row_factory=class_row(BankLine)) as cursor:
        await cursor.execute(query, window.values())
        return await cursor.fetchall()


async def get_line(db: Connection, line_id: int) -> BankLine:
    """Raises NotFound."""
    query = _LINES.format(window="line.id = %(line_id)s", state="true", order="")
    async with db.cursor(row_factory=class_row(BankLine)) as cursor:
        await cursor.execute(query, {"line_id": line_id})
        line = await cursor.fetchone()
    if line is None:
        raise NotFound("There is no such line of a bank statement.")
    return line


async def count_lines(db: Connection) -> dict[str, int]:
    """How many lines of each state there are."""
    counts = ", ".join(f"count(*) filter (where {condition}) as {state}" for state, condition in _STATES.items())
    _, tables, rest = _LINES.partition("  from bank_lines as line")
    query = f"select {counts} {tables}{rest.format(window='true', state='true', order='')}"
    row = await (await db.execute(query)).fetchone()
    assert row is not None, "sums without groups are one row"
    return row


async def list_owed(db: Connection) -> list[Owed]:
    """Orders on invoice, accepted or waiting, that are not paid."""
    async with db.cursor(row_factory=class_row(Owed)) as cursor:
        await cursor.execute(_OWED)
        return await cursor.fetchall()


async def list_statements(db: Connection, *, most: int = 5) -> list[BankStatement]:
    """The latest first."""
    async with db.cursor(row_factory=class_row(BankStatement)) as cursor:
        await cursor.execute(
            """
            select statement.id, statement.file_name, statement.format, statement.lines, statement.new_lines, statement.created_at,
                   coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email) as imported_by
              from bank_statements as statement join users as staff on staff.id = statement.imported_by
             order by statement.id desc
             limit %s
            """,
            (most,),
        )
        return await cursor.fetchall()
