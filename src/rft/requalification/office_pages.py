"""The office's ledger of expiry: the months ahead, each month's certificates, and the demand that they bring."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import NotFound
from rft.kit.clock import london_today, utc_now
from rft.kit.fields import LARGEST_ID
from rft.kit.pages import Window, page_of
from rft.planning.rules import months_later
from rft.requalification.forecast import read_forecast
from rft.requalification.queries import Entry, list_entries, list_months
from rft.requalification.rules import WORTH_A_DATE
from rft.web.dependencies import Db, require_role
from rft.web.lists import neighbours
from rft.web.templates import render

router = APIRouter(prefix="/office/expiry", dependencies=[Depends(require_role("admin"))])
Cursor = Annotated[str, Query(max_length=40)]
# Certificates last three years; so far ahead something can run out.
_MONTHS_AHEAD = 37


@router.get("")
async def index(request: Request, database: Db) -> Response:
    first = london_today(utc_now()).replace(day=1)
    async with database.connection() as db:
        months = await list_months(db, months_later(first, -2), months_later(first, _MONTHS_AHEAD))
    return render(request, "office/requalification/index.html", months=months, this_month=first)


@router.get("/demand")
async def demand(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        forecast = await read_forecast(db, utc_now())
    return render(request, "office/requalification/demand.html", forecast=forecast, worth=WORTH_A_DATE)


@router.get("/{month}")
async def show(request: Request, month: str, database: Db, before: Cursor = "", after: Cursor = "") -> Response:
    first = _read_month(month)
    # `before` and `after` are as everywhere: what stands behind the one row, what stands ahead of the other.
    window = Window(_read_key(after), backwards=True) if after else Window(_read_key(before) if before else ())
    async with database.connection() as db:
        found = await list_entries(db, window, first, months_later(first, 1))
    page = page_of(found, window, _cursor)
    return render(
        request,
        "office/requalification/month.html",
        page=page,
        month=first,
        today=london_today(utc_now()),
        links=neighbours(f"/office/expiry/{month}", {}, page),
    )


def _cursor(entry: Entry) -> str:
    return f"{entry.expires_on.isoformat()}_{entry.id}"


def _read_key(cursor: str) -> tuple[date, int]:
    """Raises NotFound."""
    day, _, number = cursor.partition("_")
    try:
        if number.isascii() and number.isdecimal() and int(number) <= LARGEST_ID:
            return date.fromisoformat(day), int(number)
    except ValueError:
        pass
    raise NotFound


def _read_month(text: str) -> date:
    """Raises NotFound."""
    try:
        month = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 (a month of the calendar has no zone)
    except ValueError:
        raise NotFound from None
    if not 2000 <= month.year < 2200:
        raise NotFound
    return month
