"""The office's list of invoices, newest first; what each month came to; and all of a span of days, for the bookkeeping."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.invoices.queries import Invoice, select_invoices
from rft.kit.pages import Window

State = Literal["", "unpaid", "overdue", "paid", "credit_note"]

# A seat that waits for its money is pending: those are few, and looked up first.
_UNPAID = """invoice.kind = 'invoice' and invoice.id = any (array(
    select line.invoice_id from bookings as booking join invoice_lines as line on line.booking_id = booking.id
     where booking.status = 'pending'))"""
_STATES: dict[State, str] = {
    "": "true",
    "unpaid": _UNPAID,
    "overdue": f"{_UNPAID} and invoice.due_on < %(today)s",
    "paid": f"invoice.kind = 'invoice' and not ({_UNPAID})",
    "credit_note": "invoice.kind = 'credit_note'",
}
_SEARCH = """
(invoice.number = upper(%(text)s) or invoice.order_reference = upper(%(text)s) or lower(invoice.customer_email) like %(start)s
 or lower(invoice.customer_name) like %(start)s or lower(invoice.customer_name) like %(within)s
 or lower(invoice.organisation_name) like %(start)s or lower(invoice.purchase_order) like %(start)s)
"""
_MONTHS = """
select date_trunc('month', invoice.issued_on)::date as first_day,
       count(*) filter (where invoice.kind = 'invoice') as invoices,
       count(*) filter (where invoice.kind = 'credit_note') as credit_notes,
       coalesce(sum(invoice.total) filter (where invoice.kind = 'invoice'), 0.00) as invoiced,
       coalesce(sum(invoice.total) filter (where invoice.kind = 'credit_note'), 0.00) as credited,
       sum(case invoice.kind when 'invoice' then invoice.net else -invoice.net end) as net,
       sum(case invoice.kind when 'invoice' then invoice.vat else -invoice.vat end) as vat
  from invoices as invoice
 where invoice.issued_on >= %(since)s
 group by 1
 order by 1 desc
"""


@dataclass(frozen=True, slots=True)
class Month:
    """`net` and `vat` are less what was credited in the month."""

    first_day: date
    invoices: int
    credit_notes: int
    invoiced: Decimal
    credited: Decimal
    net: Decimal
    vat: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.vat


async def list_invoices(
    db: Connection,
    window: Window,
    *,
    search: str = "",
    state: State = "",
    month: tuple[date, date] | None = None,
    today: date,
) -> list[Invoice]:
    """`search` is a number, an order's reference, or the beginning of a name, an e-mail address or a purchase order."""
    conditions = [window.condition(["invoice.id"]), _STATES[state]]
    conditions += [_SEARCH] if search.strip() else []
    conditions += ["invoice.issued_on between %(first)s and %(last)s"] if month else []
    order = window.order(["invoice.id"])
    page = f"(select * from invoices as invoice where {' and '.join(conditions)} {order})"  # noqa: S608 (our own conditions)
    text = search.strip()
    start = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    values = {"text": text, "start": start, "within": f"% {start}", "today": today, **window.values()}
    first, last = month or (None, None)
    async with db.cursor(row_factory=class_row(Invoice)) as cursor:
        await cursor.execute(f"{select_invoices(page)} {order}", values | {"first": first, "last": last})
        return await cursor.fetchall()


async def list_months(db: Connection, *, since: date) -> list[Month]:
    """The newest first; months in which nothing was issued are left out."""
    async with db.cursor(row_factory=class_row(Month)) as cursor:
        await cursor.execute(_MONTHS, {"since": since})
        return await cursor.fetchall()


async def list_issued(db: Connection, first: date, last: date) -> list[Invoice]:
    """All that was issued on these London days, in the order of their numbers' issue."""
    page = "(select * from invoices as invoice where invoice.issued_on between %(first)s and %(last)s)"
    async with db.cursor(row_factory=class_row(Invoice)) as cursor:
        await cursor.execute(f"{select_invoices(page)} order by invoice.id", {"first": first, "last": last})
        return await cursor.fetchall()
