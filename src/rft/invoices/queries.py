"""Reads invoices and credit notes, with what has been credited and received since they were issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.invoices import rules
from rft.invoices.rules import Amounts

_DOCUMENTS = statement(__file__, "list_invoices.sql")
_RECEIVED = statement(__file__, "received.sql")


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice, one that adds to its order's (with a `source`) or, with `credits_id`, a credit note.

    Amounts are positive in all of them; `received` is less what went back.
    """

    id: int
    kind: str
    series: str
    year: int
    sequence: int
    number: str
    order_id: int
    credits_id: int | None
    reason: str | None
    source: str | None
    issued_on: date
    due_on: date
    seller_name: str
    seller_address: list[str]
    seller_phone: str
    seller_email: str
    vat_number: str | None
    order_reference: str
    customer_name: str
    customer_email: str
    organisation_name: str | None
    customer_address: list[str]
    purchase_order: str | None
    line_count: int
    net: Decimal
    vat: Decimal
    total: Decimal
    created_at: datetime
    credits_number: str | None
    adds_to_number: str | None
    credited: Decimal
    received: Decimal

    @property
    def is_credit_note(self) -> bool:
        return self.kind == "credit_note"

    @property
    def due(self) -> Decimal:
        """What is still to be paid."""
        return self.total - self.credited - self.received

    @property
    def customer(self) -> str:
        """Who is asked to pay."""
        return self.organisation_name or self.customer_name

    def standing(self, today: date) -> str:
        return rules.standing(
            kind=self.kind,
            total=self.total,
            credited=self.credited,
            received=self.received,
            due_on=self.due_on,
            today=today,
        )


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    invoice_id: int
    position: int
    booking_id: int
    booking_reference: str
    description: str
    price: Decimal
    discount: Decimal
    vat_rate: Decimal | None
    net: Decimal
    vat: Decimal
    total: Decimal

    @property
    def amounts(self) -> Amounts:
        return Amounts(self.net, self.vat)


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came for the seats of an invoice, or (`refunded`) went back."""

    day: datetime
    method: str
    status: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Ours, to which customers pay."""

    name: str
    sort_code: str
    number: str


def select_invoices(page: str = "invoices") -> str:
    """All that Invoice holds, for the rows of `page`: the table, or a statement in brackets that has chosen among its rows."""
    return _DOCUMENTS.format(page=page, received=_RECEIVED)


async def get_invoice(db: Connection, number: str, *, order_id: int | None = None) -> Invoice:
    """Found by its number, and where it must belong to one, by its order. Raises NotFound."""
    wanted = "invoice.number = upper(%(number)s) and (%(order_id)s::bigint is null or invoice.order_id = %(order_id)s)"
    async with db.cursor(row_factory=class_row(Invoice)) as cursor:
        await cursor.execute(f"{select_invoices()} where {wanted}", {"number": number.strip(), "order_id": order_id})
        found = await cursor.fetchone()
    if found is None:
        raise NotFound("There is no such invoice.", code="invoice_not_found")
    return found


async def list_of_order(db: Connection, order_id: int) -> list[Invoice]:
    """The invoice, what adds to it and its credit notes, in the order in which they were issued."""
    async with db.cursor(row_factory=class_row(Invoice)) as cursor:
        await cursor.execute(f"{select_invoices()} where invoice.order_id = %s order by invoice.id", (order_id,))
        return await cursor.fetchall()


async def list_credit_notes(db: Connection, invoice_id: int) -> list[Invoice]:
    async with db.cursor(row_factory=class_row(Invoice)) as cursor:
        await cursor.execute(f"{select_invoices()} where invoice.credits_id = %s order by invoice.id", (invoice_id,))
        return await cursor.fetchall()


async def list_lines(db: Connection, invoice_ids: Sequence[int]) -> list[Line]:
    async with db.cursor(row_factory=class_row(Line)) as cursor:
        await cursor.execute(
            """
            select line.id, line.invoice_id, line.position, line.booking_id, booking.booking_reference, line.description,
                   line.price, line.discount, line.vat_rate, line.net, line.vat, line.total
              from invoice_lines as line join bookings as booking on booking.id = line.booking_id
             where line.invoice_id = any (%s)
             order by line.invoice_id, line.position
            """,
            (list(invoice_ids),),
        )
        return await cursor.fetchall()


async def list_received(db: Connection, invoice_id: int) -> list[Received]:
    """What was received and returned for the lines of an invoice, each payment once, the oldest first."""
    async with db.cursor(row_factory=class_row(Received)) as cursor:
        await cursor.execute(
            f"""
            select entry.day, entry.method, entry.status, sum(abs(entry.amount)) as amount
              from invoice_lines as line cross join lateral ({_RECEIVED}) as entry
             where line.invoice_id = %s and entry.amount <> 0
             group by entry.day, entry.method, entry.status
             order by entry.day
            """,  # noqa: S608 (our own statement)
            (invoice_id,),
        )
        return await cursor.fetchall()


async def find_bank_account(db: Connection) -> BankAccount | None:
    """None where the company has named none."""
    async with db.cursor(row_factory=class_row(BankAccount)) as cursor:
        await cursor.execute(
            """
            select bank_account_name as name, bank_sort_code as sort_code, bank_account_number as number
              from company_profile
             where bank_account_number is not null
            """
        )
        return await cursor.fetchone()
