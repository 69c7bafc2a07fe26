"""A list of the office's as a file: comma-separated values as they are read, or a workbook. No cell can begin a formula."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, Any, TypeVar

from starlette.responses import StreamingResponse

from rft.bookings.columns import Column
from rft.kit.sheets import csv_lines

# A workbook is written whole before it is sent; longer lists go as CSV.
MOST_IN_WORKBOOK = 50_000
_CHUNK = 64 * 1024
_CSV = "text/csv; charset=utf-8"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
T = TypeVar("T")


def answer_csv(name: str, columns: Sequence[Column[T]], batches: AsyncIterator[list[T]]) -> StreamingResponse:
    return _download(_as_csv(columns, batches), _CSV, f"{name}.csv")


def answer_workbook(name: str, columns: Sequence[Column[T]], batches: AsyncIterator[list[T]]) -> StreamingResponse:
    """At most MOST_IN_WORKBOOK rows."""
    return _download(_as_workbook(name.capitalize(), columns, batches), _WORKBOOK, f"{name}.xlsx")


def _download(content: Any, kind: str, name: str) -> StreamingResponse:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(content, media_type=kind, headers=headers)


async def _as_csv(columns: Sequence[Column[T]], batches: AsyncIterator[list[T]]) -> AsyncIterator[str]:
    # With the mark in front a spreadsheet knows that the letters are UTF-8.
    yield "\ufeff" + csv_lines([[column.label for column in columns]])
    async for batch in batches:
        yield csv_lines([column.tell(row) for column in columns] for row in batch)


async def _as_workbook(
    title: str, columns: Sequence[Column[T]], batches: AsyncIterator[list[T]]
) -> AsyncIterator[bytes]:
    """Written to a temporary file, row by row."""
    import xlsxwriter  # type: ignore[import-untyped]

    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        ) as book:
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns) - 1, 22)
            formats = {
                "date": book.add_format({"num_format": "d mmm yyyy"}),
                "money": book.add_format({"num_format": "0.00"}),
            }
            sheet.write_row(0, 0, [column.label for column in columns], book.add_format({"bold": True}))
            at = 1
            async for batch in batches:
                for row in batch[: MOST_IN_WORKBOOK + 1 - at]:
                    _write_row(sheet, at, [column.tell(row) for column in columns], formats)
                    at += 1
                if at > MOST_IN_WORKBOOK:
                    break
        async for chunk in _chunks(file):
            yield chunk


def _write_row(sheet: Any, at: int, cells: Sequence[object], formats: dict[str, Any]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, Decimal):
            sheet.write_number(at, column, cell, formats["money"])
        elif isinstance(cell, int):
            sheet.write_number(at, column, cell)
        elif isinstance(cell, date):
            sheet.write_datetime(at, column, cell, formats["date"])
        elif cell is not None:
            sheet.write_string(at, column, str(cell))


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
