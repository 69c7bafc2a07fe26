"""The office's invoices: found in a list, shown, printed; what each month came to; and files for the bookkeeping."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.invoices.answers import pdf_answer
from rft.invoices.exports import FORMATS, Format, export_csv
from rft.invoices.lists import State, list_invoices, list_months
from rft.invoices.paper import read_paper, title_of
from rft.invoices.queries import get_invoice
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import page_of
from rft.web.dependencies import Db, require_role
from rft.web.lists import ById, Search, address, neighbours
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/invoices", dependencies=[Depends(require_role("admin"))])
_STATES: dict[State, str] = {
    "": "All",
    "unpaid": "Unpaid",
    "overdue": "Overdue",
    "paid": "Paid",
    "credit_note": "Credit notes",
}
_MONTHS_SHOWN = 24
Typed = Annotated[str, Query(max_length=20)]


@router.get("")
async def index(
    request: Request, database: Db, window: ById, q: Search = "", state: State = "", month: Typed = ""
) -> Response:
    """`month` as in `2026-11`."""
    today = london_today(utc_now())
    span, errors = _month(month)
    async with database.connection() as db:
        found = [] if errors else await list_invoices(db, window, search=q, state=state, month=span, today=today)
    page = page_of(found, window, lambda invoice: invoice.id)
    if [invoice.number for invoice in page.rows] == [q.strip().upper()]:
        return see_other(f"/office/invoices/{page.rows[0].number}")
    filters = {"q": q, "month": month}
    return render(
        request,
        "office/invoices/index.html",
        422 if errors else 200,
        page=page,
        filters=filters,
        state=state,
        errors=errors,
        today=today,
        tabs=[(text, address("/office/invoices", filters, state=value), None) for value, text in _STATES.items()],
        here=address("/office/invoices", filters, state=state),
        links=neighbours("/office/invoices", {**filters, "state": state}, page),
    )


@router.get("/months")
async def months(request: Request, database: Db) -> Response:
    return await _months_page(request, database)


@router.get("/export.csv")
async def export(
    request: Request,
    database: Db,
    wanted: Annotated[Format, Query(alias="format")],
    first: Annotated[str, Query(alias="from", max_length=20)] = "",
    last: Annotated[str, Query(alias="to", max_length=20)] = "",
) -> Response:
    """A file of all that was issued from one London day to another, both included."""
    days, errors = _span(first, last)
    if days is None:
        typed = {"format": wanted, "from": first, "to": last}
        return await _months_page(request, database, 422, errors=errors, typed=typed)
    async with database.connection() as db:
        text = await export_csv(db, wanted, *days)
    name = f"invoices-{wanted}-{days[0]}-{days[1]}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


@router.get("/{number}")
async def show(number: str, request: Request, database: Db) -> Response:
    async with database.connection() as db:
        paper = await read_paper(db, await get_invoice(db, number))
    return render(
        request,
        "office/invoices/show.html",
        paper=paper,
        invoice=paper.invoice,
        title=title_of(paper.invoice),
        today=london_today(utc_now()),
    )


@router.get("/{number}/pdf")
async def pdf(number: str, database: Db) -> Response:
    return await pdf_answer(database, number)


async def _months_page(
    request: Request,
    database: Db,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    today = london_today(utc_now())
    since = (today.replace(day=1) - timedelta(days=30 * (_MONTHS_SHOWN - 1))).replace(day=1)
    async with database.connection() as db:
        found = await list_months(db, since=since)
    last_month = today.replace(day=1) - timedelta(days=1)
    usual = {"format": "xero", "from": last_month.replace(day=1).isoformat(), "to": last_month.isoformat()}
    return render(
        request,
        "office/invoices/months.html",
        status,
        months=[(month, *_bounds(month.first_day)) for month in found],
        formats=list(FORMATS.items()),
        errors=errors or {},
        typed=typed or usual,
    )


def _month(text: str) -> tuple[tuple[date, date] | None, dict[str, str]]:
    if not text:
        return None, {}
    day = _day(f"{text}-01")
    if day is None:
        return None, {"month": "Enter a month, such as 2026-11."}
    return _bounds(day), {}


def _span(first: str, last: str) -> tuple[tuple[date, date] | None, dict[str, str]]:
    days = {"from": _day(first), "to": _day(last)}
    errors = {name: "Enter a date, such as 2026-11-01." for name, day in days.items() if day is None}
    begin, end = days["from"], days["to"]
    if begin is None or end is None:
        return None, errors
    if end < begin:
        return None, {"to": "The last day is not before the first."}
    return (begin, end), {}


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2199 else None


def _bounds(first: date) -> tuple[date, date]:
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
