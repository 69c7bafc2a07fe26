"""A list of bookings as a file: comma-separated values as they are read, or a workbook. No cell can begin a formula."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, Any

from rft.bookings.columns import COLUMNS, row_of
from rft.bookings.lists import BookingFilter, batch_bookings
from rft.database.pool import Database
from rft.kit.sheets import csv_lines

# A workbook is written whole before it is sent; longer lists go as CSV.
MOST_IN_WORKBOOK = 50_000
_CHUNK = 64 * 1024


async def as_csv(database: Database, wanted: BookingFilter, columns: Sequence[str]) -> AsyncIterator[str]:
    # With the mark in front a spreadsheet knows that the letters are UTF-8.
    yield "\ufeff" + csv_lines([[COLUMNS[key].label for key in columns]])
    async for bookings in batch_bookings(database, wanted):
        yield csv_lines(row_of(booking, columns) for booking in bookings)


async def as_workbook(database: Database, wanted: BookingFilter, columns: Sequence[str]) -> AsyncIterator[bytes]:
    """At most MOST_IN_WORKBOOK rows; written to a temporary file, row by row."""
    import xlsxwriter  # type: ignore[import-untyped]

    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        ) as book:
            sheet = book.add_worksheet("Bookings")
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns) - 1, 22)
            formats = {
                "date": book.add_format({"num_format": "d mmm yyyy"}),
                "money": book.add_format({"num_format": "0.00"}),
            }
            sheet.write_row(0, 0, [COLUMNS[key].label for key in columns], book.add_format({"bold": True}))
            at = 1
            async for bookings in batch_bookings(database, wanted):
                for booking in bookings[: MOST_IN_WORKBOOK + 1 - at]:
                    _write_row(sheet, at, row_of(booking, columns), formats)
                    at += 1
                if at > MOST_IN_WORKBOOK:
                    break
        async for chunk in _chunks(file):
            yield chunk


def _write_row(sheet: Any, at: int, cells: Sequence[object], formats: dict[str, Any]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, Decimal):
            sheet.write_number(at, column, cell, formats["money"])
        elif isinstance(cell, date):
            sheet.write_datetime(at, column, cell, formats["date"])
        elif cell is not None:
            sheet.write_string(at, column, str(cell))


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
