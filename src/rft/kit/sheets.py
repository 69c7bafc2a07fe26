"""Comma-separated values that a spreadsheet shows as text, whatever somebody typed into them."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

# With these a spreadsheet takes a cell for a formula (OWASP, "CSV injection").
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(rows: Iterable[Iterable[object]]) -> str:
    """RFC 4180. A text that would begin a formula gets an apostrophe in front; a number is none, and None is empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])
    return text.getvalue()


def _plain(cell: object) -> str:
    text = "" if cell is None else str(cell)
    if isinstance(cell, int | Decimal):
        return text
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
