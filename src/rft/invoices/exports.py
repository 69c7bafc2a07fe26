"""What the bookkeeping takes in: invoices and credit notes as Xero, Sage 50 and FreeAgent name their columns, a row a line.

Xero: the columns of its sales invoice template, amounts with VAT, credit notes negative; it takes 500 invoices a file.
Sage 50: its audit trail transactions, in which SI and SC say which way positive amounts go.
FreeAgent: the fields of an invoice and its items in its API, amounts without VAT, credit notes negative.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from rft.database.pool import Connection
from rft.invoices.lists import list_issued
from rft.invoices.queries import Invoice, Line, list_lines
from rft.kit.sheets import csv_lines

Format = Literal["xero", "sage", "freeagent"]
FORMATS: dict[Format, str] = {"xero": "Xero", "sage": "Sage 50", "freeagent": "FreeAgent"}

# Each system's own name for sales of this kind, as its UK chart of accounts begins.
_XERO_SALES, _SAGE_SALES, _SAGE_CUSTOMER = "200", "4000", "WEB"
_SAGE_REFERENCE, _SAGE_DETAILS = 30, 60

_XERO = (
    "*ContactName", "EmailAddress", "POAddressLine1", "POAddressLine2", "POAddressLine3", "POAddressLine4", "POCity", "PORegion",
    "POPostalCode", "POCountry", "*InvoiceNumber", "Reference", "*InvoiceDate", "*DueDate", "Total", "InventoryItemCode",
    "*Description", "*Quantity", "*UnitAmount", "Discount", "*AccountCode", "*TaxType", "TaxAmount", "TrackingName1",
    "TrackingOption1", "TrackingName2", "TrackingOption2", "Currency", "BrandingTheme",
)  # fmt: skip
_SAGE = (
    "Type", "Account Reference", "Nominal A/C Ref", "Department Code", "Date", "Reference", "Details", "Net Amount", "Tax Code",
    "Tax Amount", "Exchange Rate", "Extra Reference", "User Name", "Project Refn", "Cost Code Refn",
)  # fmt: skip
_FREEAGENT = (
    "contact", "email", "reference", "dated_on", "due_on", "payment_terms_in_days", "currency", "po_reference", "item_type",
    "quantity", "description", "price", "sales_tax_rate", "sales_tax_value",
)  # fmt: skip

Row = dict[str, object]


async def export_csv(db: Connection, wanted: Format, first: date, last: date) -> str:
    """All that was issued on these London days, both included."""
    documents = await list_issued(db, first, last)
    lines = await list_lines(db, [document.id for document in documents])
    return write_csv(wanted, documents, lines)


def write_csv(wanted: Format, documents: Iterable[Invoice], lines: Iterable[Line]) -> str:
    by_document: dict[int, list[Line]] = {}
    for line in lines:
        by_document.setdefault(line.invoice_id, []).append(line)
    columns, write = _SHAPES[wanted]
    return csv_lines(
        _table(columns, (write(document, line) for document in documents for line in by_document[document.id]))
    )


def _table(columns: tuple[str, ...], rows: Iterable[Row]) -> Iterator[list[object]]:
    yield list(columns)
    for row in rows:
        assert row.keys() <= set(columns), "a row has the columns of its shape"
        yield [row.get(column) for column in columns]


def _xero(document: Invoice, line: Line) -> Row:
    return {
        "*ContactName": document.customer,
        "EmailAddress": document.customer_email,
        **{f"POAddressLine{number}": text for number, text in enumerate(document.customer_address[:4], 1)},
        "*InvoiceNumber": document.number,
        "Reference": _reference(document),
        "*InvoiceDate": _british(document.issued_on),
        "*DueDate": _british(document.due_on),
        "*Description": line.description,
        "*Quantity": 1,
        "*UnitAmount": _signed(document, line.total),
        "*AccountCode": _XERO_SALES,
        "*TaxType": _xero_tax(line.vat_rate),
        "TaxAmount": _signed(document, line.vat),
        "Currency": "GBP",
    }


def _xero_tax(rate: Decimal | None) -> str:
    if rate is None:
        return "No VAT"
    return f"{rate.normalize():f}% (VAT on Income)" if rate else "Zero Rated Income"


def _sage(document: Invoice, line: Line) -> Row:
    return {
        "Type": "SC" if document.is_credit_note else "SI",
        "Account Reference": _SAGE_CUSTOMER,
        "Nominal A/C Ref": _SAGE_SALES,
        "Department Code": 0,
        "Date": _british(document.issued_on),
        "Reference": document.number[:_SAGE_REFERENCE],
        "Details": f"{document.customer}: {line.description}"[:_SAGE_DETAILS],
        "Net Amount": line.net,
        "Tax Code": _sage_tax(line.vat_rate),
        "Tax Amount": line.vat,
        "Exchange Rate": 1,
        "Extra Reference": document.order_reference[:_SAGE_REFERENCE],
    }


def _sage_tax(rate: Decimal | None) -> str:
    """T9: outside VAT. T0 and T5 are the zero and the reduced rate; T1 is the standard one, whatever it is that year."""
    if rate is None:
        return "T9"
    return {Decimal(0): "T0", Decimal(5): "T5"}.get(rate, "T1")


def _freeagent(document: Invoice, line: Line) -> Row:
    return {
        "contact": document.customer,
        "email": document.customer_email,
        "reference": document.number,
        "dated_on": document.issued_on.isoformat(),
        "due_on": document.due_on.isoformat(),
        "payment_terms_in_days": (document.due_on - document.issued_on).days,
        "currency": "GBP",
        "po_reference": document.purchase_order,
        "item_type": "Training",
        "quantity": 1,
        "description": f"{line.description} ({line.booking_reference})",
        "price": _signed(document, line.net),
        "sales_tax_rate": line.vat_rate,
        "sales_tax_value": _signed(document, line.vat),
    }


def _reference(document: Invoice) -> str:
    named = [document.order_reference, document.purchase_order, document.credits_number or document.adds_to_number]
    return " ".join(text for text in named if text)


def _signed(document: Invoice, amount: Decimal) -> Decimal:
    return -amount if document.is_credit_note else amount


def _british(day: date) -> str:
    return f"{day:%d/%m/%Y}"


_SHAPES: dict[Format, tuple[tuple[str, ...], Callable[[Invoice, Line], Row]]] = {
    "xero": (_XERO, _xero),
    "sage": (_SAGE, _sage),
    "freeagent": (_FREEAGENT, _freeagent),
}
