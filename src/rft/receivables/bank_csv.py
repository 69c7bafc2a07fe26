"""Reads a bank's CSV: the columns of the main UK banks are found by their headings, whatever their order."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rft.receivables.errors import StatementNotValid
from rft.receivables.statements import (
    MOST_LINES,
    Statement,
    StatementLine,
    clean_text,
    read_amount,
    require_readable,
)

# What the banks call each column (Barclays, HSBC, Lloyds, Halifax, NatWest, Nationwide, Santander, Starling, Monzo, Tide, …).
_HEADINGS = {
    "date": (
        "date",
        "transaction date",
        "booking date",
        "posting date",
        "completed date",
        "value date",
        "date completed",
    ),
    "amount": ("amount", "amount gbp", "value", "transaction amount", "net amount"),
    "paid_in": ("paid in", "paid in gbp", "money in", "credit", "credit amount", "credits", "receipts", "in"),
    "paid_out": ("paid out", "paid out gbp", "money out", "debit", "debit amount", "debits", "withdrawals", "out"),
    "counterparty": ("counter party", "counterparty", "name", "payer", "payee", "to from"),
    "currency": ("currency",),
    "account": ("account number", "account no", "account"),
}
_TEXTS = (
    "description", "transaction description", "details", "transaction details", "memo", "narrative", "particulars", "reference",
    "payment reference", "customer reference", "notes", "notes and tags",
)  # fmt: skip
_DATES = (
    "%d/%m/%Y",
    "%d/%m/%y",
    "%Y-%m-%d",
    "%d-%m-%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%d %b %y",
    "%d-%b-%y",
    "%Y/%m/%d",
)
# Some banks write the account and its balance above the headings.
_HEADING_WITHIN = 20


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column is; None where the file has none. Money is in one signed column, or in one or both of two."""

    date: int
    amount: int | None
    paid_in: int | None
    paid_out: int | None
    counterparty: int | None
    currency: int | None
    account: int | None
    texts: tuple[int, ...]


def read_csv(content: bytes) -> Statement:
    """All of the file, or StatementNotValid with a sentence for each row that is wrong."""
    rows = _rows(content)
    if len(rows) > MOST_LINES + _HEADING_WITHIN:
        raise StatementNotValid(f"This statement has more than {MOST_LINES:,} lines. Please import it in parts.")
    columns, first = _find_columns(rows)
    lines, wrong = [], []
    for number, row in enumerate(rows[first:], first + 1):
        if not any(cell.strip() for cell in row):
            continue
        try:
            line = _read_row(columns, row)
        except ValueError as cause:
            wrong.append(f"Row {number}: {cause}.")
        else:
            if line.amount:
                lines.append(line)
    require_readable(wrong, lines)
    return Statement("csv", lines)


def _rows(content: bytes) -> list[list[str]]:
    # Whichever way the lines end: old spreadsheets write a carriage return alone.
    text = io.StringIO(_decoded(content), newline=None)
    try:
        return list(csv.reader(text, delimiter=_delimiter(content)))
    except csv.Error as cause:
        raise StatementNotValid(
            "This is not a CSV that we can read: one of its cells is longer than any bank writes."
        ) from cause


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Which every byte can be: what older spreadsheets of this country write.
        return content.decode("cp1252", "replace")


def _delimiter(content: bytes) -> str:
    head = content[:4096]
    return max(",;\t", key=lambda sign: head.count(sign.encode()))


def _find_columns(rows: Sequence[Sequence[str]]) -> tuple[Columns, int]:
    """The columns, and the number of the first row below their headings."""
    for number, row in enumerate(rows[:_HEADING_WITHIN]):
        columns = _columns_of([_plain(cell) for cell in row])
        if columns is not None:
            return columns, number + 1
    if rows and _is_without_headings(rows[0]):
        return Columns(0, 2, None, None, None, None, None, (1,)), 0
    raise StatementNotValid(
        "The columns were not recognised. There must be headings such as Date, Description, and Amount or Paid in and Paid out."
    )


def _columns_of(headings: Sequence[str]) -> Columns | None:
    found = {name: _first(headings, names) for name, names in _HEADINGS.items()}
    texts = tuple(place for place, heading in enumerate(headings) if heading in _TEXTS)
    day = found.pop("date")
    if day is None or (found["amount"] is None and found["paid_in"] is None):
        return None
    return Columns(date=day, texts=texts, **found)


def _first(headings: Sequence[str], names: Sequence[str]) -> int | None:
    return next((headings.index(name) for name in names if name in headings), None)


def _plain(heading: str) -> str:
    """`Amount (GBP)` → `amount gbp`."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", heading.lower()).split())


def _is_without_headings(row: Sequence[str]) -> bool:
    """HSBC's personal accounts: date, text, amount and nothing else."""
    if len(row) != 3:
        return False
    try:
        _read_day(row[0])
        read_amount(row[2])
    except ValueError:
        return False
    return True


def _read_row(columns: Columns, row: Sequence[str]) -> StatementLine:
    """Raises ValueError with the end of a sentence."""
    currency = _cell(row, columns.currency)
    if currency not in ("", "GBP"):
        raise ValueError(f"{currency[:10]} is not pounds")
    return StatementLine(
        booked_on=_read_day(_cell(row, columns.date)),
        amount=_read_movement(columns, row),
        counterparty=clean_text(_cell(row, columns.counterparty)),
        description=clean_text(" ".join(filter(None, (_cell(row, place) for place in columns.texts)))),
        account=clean_text(_cell(row, columns.account)),
    )


def _read_movement(columns: Columns, row: Sequence[str]) -> Decimal:
    amount, paid_in, paid_out = (_cell(row, place) for place in (columns.amount, columns.paid_in, columns.paid_out))
    if columns.amount is not None:
        return read_amount(amount)
    if not paid_in and not paid_out:
        raise ValueError("there is no amount")
    moved = read_amount(paid_in) if paid_in else Decimal(0)
    return moved - abs(read_amount(paid_out)) if paid_out else moved


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _read_day(text: str) -> date:
    # A time that follows the day says nothing about it.
    day = text.strip().replace("T", " ") if text[:4].isdecimal() else text.strip()
    for candidate in (day, day.split(" ")[0]):
        for form in _DATES:
            try:
                found = datetime.strptime(candidate, form).date()  # noqa: DTZ007 (a day has no zone)
            except ValueError:
                continue
            if 2000 <= found.year <= 2199:
                return found
    raise ValueError(f"“{text[:40]}” is not a day" if text else "there is no date")
