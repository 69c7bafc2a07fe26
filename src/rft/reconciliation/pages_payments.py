"""The whole ledger for the office: every attempt to move money, filtered, summed, exported."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from rft.bookings.history import METHODS
from rft.database.pool import Database
from rft.errors import NotValid
from rft.kit.clock import london_today, to_iso, utc_now
from rft.kit.pages import page_of
from rft.kit.sheets import csv_lines
from rft.reconciliation.ledger import Entry, LedgerFilter, get_totals, list_entries, walk_entries
from rft.web.dependencies import Db, require_role
from rft.web.lists import ById, Choice, Search, address, neighbours
from rft.web.templates import render

router = APIRouter(prefix="/office/payments", dependencies=[Depends(require_role("admin"))])

_STATUSES = {"succeeded": "Received", "refunded": "Returned", "failed": "Failed", "pending": "Begun"}
_DAYS_SHOWN = 30
# Received and returned stand apart, since a spreadsheet takes a minus sign in front for a formula.
_HEADINGS = (
    "When", "Order", "Booking", "Customer", "Method", "State", "Received", "Returned", "Payment", "Charge", "Refund", "Note",
)  # fmt: skip
Typed = Annotated[str, Query(max_length=20)]


class Filters:
    """What the form asks for, as typed; `wanted` is what it means. Asked for nothing, the last thirty days are meant."""

    def __init__(
        self,
        method: Choice = "",
        status: Choice = "",
        first: Annotated[str, Query(alias="from", max_length=20)] = "",
        last: Annotated[str, Query(alias="to", max_length=20)] = "",
        q: Search = "",
    ) -> None:
        self.is_asked = any((method, status, first, last, q))
        if not self.is_asked:
            first = (london_today(utc_now()) - timedelta(days=_DAYS_SHOWN - 1)).isoformat()
        self.typed = {"method": method, "status": status, "from": first, "to": last, "q": q}
        self.errors = {
            name: "Enter a date, such as 2026-12-01."
            for name, text in (("from", first), ("to", last))
            if text and _day(text) is None
        }
        self.wanted = LedgerFilter(method=method, status=status, first=_day(first), last=_day(last), search=q)


Asked = Annotated[Filters, Depends()]


@router.get("")
async def index(request: Request, database: Db, window: ById, asked: Asked) -> Response:
    async with database.connection() as db:
        found = [] if asked.errors else await list_entries(db, asked.wanted, window)
        totals = None if asked.errors else await get_totals(db, asked.wanted)
    page = page_of(found, window, lambda entry: entry.id)
    return render(
        request,
        "office/payments/index.html",
        422 if asked.errors else 200,
        page=page,
        totals=totals,
        filters=asked.typed,
        is_asked=asked.is_asked,
        errors=asked.errors,
        methods=[(method, words.capitalize()) for method, words in METHODS.items()],
        statuses=list(_STATUSES.items()),
        links=neighbours("/office/payments", asked.typed, page),
        export=address("/office/payments/export.csv", asked.typed),
    )


@router.get("/export.csv")
async def export(database: Db, asked: Asked) -> Response:
    """Streamed. Raises NotValid for a day that is none."""
    if asked.errors:
        raise NotValid(errors=asked.errors)
    name = f"payments-{london_today(utc_now()).isoformat()}.csv"
    return StreamingResponse(
        _lines(database, asked.wanted),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _lines(database: Database, wanted: LedgerFilter) -> AsyncIterator[str]:
    # The mark tells a spreadsheet that the text is UTF-8.
    yield "\ufeff" + csv_lines([_HEADINGS])
    async for entries in walk_entries(database, wanted):
        yield csv_lines(_row(entry) for entry in entries)


def _row(entry: Entry) -> list[object]:
    return [
        to_iso(entry.created_at), entry.order_reference, entry.booking_reference, entry.customer, entry.method,
        _STATUSES[entry.status], entry.amount if entry.status == "succeeded" else None,
        entry.amount if entry.status == "refunded" else None, entry.stripe_payment_intent_id, entry.stripe_charge_id,
        entry.stripe_refund_id, entry.note or entry.failure_reason,
    ]  # fmt: skip


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year <= 2199 else None
