"""A report as a file: comma-separated, a spreadsheet, or a document to print."""

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from rft.kit.clock import london_today
from rft.kit.documents import make_pdf
from rft.kit.sheets import csv_lines
from rft.reports.figures import Column, Figure, Report
from rft.web.company import Company

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_TEMPLATE = Path(__file__).parent / "documents" / "report.typ"
_FORMATS = {"money": "#,##0.00", "count": "#,##0", "percent": "0.0", "day": "d mmm yyyy", "month": "mmm yyyy"}
_WIDEST = 60


def file_name(report: Report, kind: str) -> str:
    return f"{report.name}-{report.period.first.isoformat()}-to-{report.period.last.isoformat()}.{kind}"


def as_csv(report: Report) -> bytes:
    """The mark in front tells a spreadsheet that the text is UTF-8."""
    rows = [[column.label for column in report.sheet.columns]]
    rows += [["" if plain is None else str(plain) for plain in item.values()] for item in report.sheet.items()]
    return ("\ufeff" + csv_lines(rows)).encode()


def as_xlsx(report: Report) -> bytes:
    """Figures are numbers and days are days; what people typed is never taken for a formula or a link."""
    # Read when it is first needed: a web process that exports nothing does without.
    import xlsxwriter  # type: ignore[import-untyped]

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(report.title[:31])
        bold = book.add_format({"bold": True})
        formats = {kind: book.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()}
        for number, column in enumerate(report.sheet.columns):
            words = [row[number] for row in report.sheet.in_words()]
            sheet.set_column(number, number, min(max(map(len, [column.label, *words])) + 2, _WIDEST))
            sheet.write_string(0, number, column.label, bold)
            for line, row in enumerate(report.sheet.rows, 1):
                _write(sheet, line, number, row[number], formats.get(column.kind))
        sheet.freeze_panes(1, 1)
    return file.getvalue()


def _write(sheet: Any, line: int, column: int, figure: Figure, shape: object) -> None:
    if isinstance(figure, date):
        sheet.write_datetime(line, column, datetime(figure.year, figure.month, figure.day), shape)  # noqa: DTZ001 (a day)
    elif isinstance(figure, Decimal | int):
        sheet.write_number(line, column, figure, shape)
    elif figure is not None:
        sheet.write_string(line, column, figure)


async def as_pdf(report: Report, company: Company, made_at: datetime) -> bytes:
    """`made_at` is UTC without zone."""
    day = Column("", "", "day")
    data = {
        "company": {"name": company.name, "address": list(company.address_lines), "phone": company.phone,
                    "email": company.email},
        "title": report.title,
        "period": f"{day.words(report.period.first)} to {day.words(report.period.last)}",
        "made": day.words(london_today(made_at)),
        "tiles": [[tile.label, tile.words, tile.note] for tile in report.tiles],
        "columns": [[column.label, column.is_number] for column in report.sheet.columns],
        "rows": report.sheet.in_words(),
        "how": list(report.how),
    }  # fmt: skip
    return await make_pdf(_TEMPLATE, data, created_at=made_at)
