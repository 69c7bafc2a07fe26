"""A document as it is printed: what stands in which place, in words, and the PDF."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from rft.bookings.history import METHODS
from rft.database.pool import Connection
from rft.invoices.queries import (
    BankAccount,
    Invoice,
    Line,
    Received,
    find_bank_account,
    list_credit_notes,
    list_lines,
    list_received,
)
from rft.kit.clock import london_today
from rft.kit.documents import make_pdf
from rft.kit.money import in_words

_TEMPLATE = Path(__file__).parent / "documents" / "invoice.typ"


@dataclass(frozen=True, slots=True)
class Paper:
    """All that a document is drawn from. `pay_to` is today's account, not that of the day of issue: an old one may be closed."""

    invoice: Invoice
    lines: list[Line]
    received: list[Received]
    credit_notes: list[Invoice]
    pay_to: BankAccount | None = None


async def read_paper(db: Connection, invoice: Invoice) -> Paper:
    if invoice.is_credit_note:
        return Paper(invoice, await list_lines(db, [invoice.id]), [], [])
    return Paper(
        invoice,
        await list_lines(db, [invoice.id]),
        await list_received(db, invoice.id),
        await list_credit_notes(db, invoice.id),
        await find_bank_account(db) if invoice.due > 0 else None,
    )


async def print_paper(paper: Paper) -> bytes:
    """The PDF. Made again it is the same bytes, unless something was paid or credited since, or it is unpaid and we bank elsewhere."""
    return await make_pdf(_TEMPLATE, in_places(paper), created_at=paper.invoice.created_at)


def title_of(invoice: Invoice) -> str:
    if invoice.is_credit_note:
        return "Credit note"
    return "Invoice and receipt" if invoice.received and invoice.due <= 0 else "Invoice"


def in_places(paper: Paper) -> dict[str, Any]:
    """What the template reads."""
    invoice = paper.invoice
    rate = paper.lines[0].vat_rate
    vat = f"VAT {rate.normalize():f} %" if rate is not None else None
    foot = f"VAT number {invoice.vat_number}" if invoice.vat_number else "Not registered for VAT"
    return {
        "title": title_of(invoice),
        "number": invoice.number,
        "company": {
            "name": invoice.seller_name,
            "address": invoice.seller_address,
            "phone": invoice.seller_phone,
            "email": invoice.seller_email,
        },
        "foot": f"{invoice.seller_name} · {foot}",
        "stamp": _stamp(invoice),
        "customer": _customer(invoice),
        "facts": _facts(invoice),
        "has_vat": vat is not None,
        "columns": ["Course", "Net", vat, "Total"] if vat else ["Course", "Amount"],
        "lines": [_line(line) for line in paper.lines],
        "totals": _totals(paper, vat),
        "notes": _notes(paper),
    }


def _stamp(invoice: Invoice) -> str | None:
    if invoice.is_credit_note or invoice.due > 0:
        return None
    return "Paid" if invoice.received or not invoice.credited else "Credited"


def _customer(invoice: Invoice) -> list[str]:
    named = [invoice.organisation_name, *invoice.customer_address, invoice.customer_name, invoice.customer_email]
    return [text for text in named if text]


def _facts(invoice: Invoice) -> list[list[str]]:
    facts = [["Number", invoice.number], ["Date", _day(invoice.issued_on)]]
    if invoice.credits_number:
        facts.append(["For invoice", invoice.credits_number])
    elif invoice.due > 0:
        facts.append(["Please pay by", _day(invoice.due_on)])
    facts.append(["Our reference", invoice.order_reference])
    if invoice.purchase_order:
        facts.append(["Purchase order", invoice.purchase_order])
    return facts


def _line(line: Line) -> dict[str, Any]:
    less = f" · {in_words(line.price)} less {in_words(line.discount)}" if line.discount else ""
    amounts = [line.net, line.vat, line.total] if line.vat_rate is not None else [line.total]
    return {
        "description": line.description,
        "details": f"Booking {line.booking_reference}{less}",
        "amounts": [in_words(amount) for amount in amounts],
    }


def _totals(paper: Paper, vat: str | None) -> list[dict[str, Any]]:
    invoice = paper.invoice
    rows: list[tuple[str, Decimal, bool]] = [("Net", invoice.net, False), (vat, invoice.vat, False)] if vat else []
    rows.append(("Total credited" if invoice.is_credit_note else "Total", invoice.total, True))
    if not invoice.is_credit_note:
        rows += [(f"Credit note {note.number}", -note.total, False) for note in paper.credit_notes]
        if invoice.received:
            rows.append(("Received", -invoice.received, False))
        if len(rows) > (3 if vat else 1):
            rows.append(("Still to pay", max(invoice.due, Decimal("0.00")), True))
    return [{"name": name, "amount": in_words(amount), "strong": strong} for name, amount, strong in rows]


def _notes(paper: Paper) -> list[str]:
    invoice = paper.invoice
    if invoice.is_credit_note:
        return [f"This takes {in_words(invoice.total)} back from invoice {invoice.credits_number}. {invoice.reason}"]
    notes = [_payment(entry) for entry in paper.received]
    if invoice.due > 0:
        notes.append(
            f"Please pay {in_words(invoice.due)} by {_day(invoice.due_on)} and give the reference "
            f"{invoice.order_reference} with your payment."
        )
        if (account := paper.pay_to) is not None:
            notes.append(
                f"Bank transfer to {account.name}, sort code {account.sort_code}, account number {account.number}."
            )
    return notes


def _payment(entry: Received) -> str:
    way = METHODS.get(entry.method, entry.method)
    day = _day(london_today(entry.day))
    return f"{in_words(entry.amount)} {'received' if entry.status == 'succeeded' else 'returned'} by {way} on {day}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
