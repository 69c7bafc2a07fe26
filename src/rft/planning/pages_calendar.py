"""The office's calendar: a month, a week by venue or by instructor, or an agenda."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import NotValid
from rft.kit.clock import london_today, utc_now
from rft.planning.calendars import VIEWS, Lane, View, bars_of, days_of, rows_of, span_of, weeks_of
from rft.planning.queries import list_entries, list_options
from rft.web.dependencies import Db, require_role
from rft.web.lists import Choice, address, read_number
from rft.web.templates import render

router = APIRouter(prefix="/office/calendar", dependencies=[Depends(require_role("admin"))])
_PATH = "/office/calendar"
_FIRST, _LAST = date(2000, 1, 1), date(2190, 1, 1)


@router.get("")
async def show(
    request: Request, database: Db, view: View = "month", by: Lane = "venue",
    on: Annotated[str, Query(max_length=10)] = "", venue: Choice = "", instructor: Choice = "",
) -> Response:  # fmt: skip
    today = london_today(utc_now())
    shown = _read_day(on) or today
    span = span_of(view, shown)
    async with database.connection() as db:
        options = await list_options(db, venue_id=read_number(venue))
        entries = await list_entries(
            db, *span.borders, venue_id=read_number(venue), instructor_id=read_number(instructor)
        )
    days = days_of(span, entries, month=shown.month if view == "month" else None)
    filters: dict[str, object] = {"view": view, "by": by if view == "week" else "", "venue": venue, "instructor": instructor}  # fmt: skip
    lanes: tuple[Lane, Lane] = ("venue", "instructor")
    return render(
        request,
        "office/calendar/show.html",
        span=span,
        days=days,
        weeks=[list(zip(week, bars_of(week), strict=True)) for week in weeks_of(days)] if view == "month" else [],
        rows=rows_of(span, entries, by) if view == "week" else [],
        filters={"view": view, "by": by, "on": on, "venue": venue, "instructor": instructor},
        options=options,
        today=today,
        number=len({entry.schedule_id for entry in entries}),
        tabs=[(text, address(_PATH, filters, view=key, on=on), None) for key, text in VIEWS.items()],
        here=address(_PATH, filters, on=on),
        lanes=[(f"By {each}", address(_PATH, filters, by=each, on=on), None) for each in lanes],
        earlier=address(_PATH, filters, on=span.before.isoformat()),
        now=address(_PATH, filters),
        later=address(_PATH, filters, on=span.after.isoformat()),
    )


def _read_day(text: str) -> date | None:
    """Raises NotValid for what is no day of ours."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not _FIRST <= day <= _LAST:
        raise NotValid("This page's address is not one of ours.")
    return day
