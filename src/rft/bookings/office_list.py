"""The office's list of bookings: filters, columns, views kept under a name, and the same rows as a file."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from rft.bookings.columns import COLUMNS, USUAL, read_columns
from rft.bookings.exports import as_csv, as_workbook
from rft.bookings.lists import BookingFilter, list_bookings
from rft.bookings.office_pages import is_found
from rft.bookings.sources import SOURCES
from rft.bookings.views import list_views, remove_view, save_view
from rft.errors import NotValid, Refusal
from rft.kit.clock import from_london
from rft.kit.fields import LARGEST_ID
from rft.kit.pages import page_of
from rft.schedules.office_queries import list_choices
from rft.web.dependencies import Admin, Db, require_role
from rft.web.lists import ById, Choice, Search, neighbours, read_number
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

PATH = "/office/bookings"
router = APIRouter(prefix=PATH, dependencies=[Depends(require_role("admin"))])
Status = Literal["", "pending", "confirmed", "cancelled", "completed", "no_show"]
PaymentStatus = Literal["", "pending", "paid", "refunded", "failed"]
Source = Literal["", "site", "phone", "waiting_list"]
Day = Annotated[str, Query(max_length=20)]
ScheduleId = Annotated[int | None, Query(alias="schedule", ge=1, le=LARGEST_ID)]
_SOURCES = [("site", "Site"), *SOURCES.items()]
_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: as it was said (`filters`), what it means, and what is wrong with it by field."""

    filters: dict[str, Any]
    wanted: BookingFilter
    columns: list[str]
    errors: dict[str, str]

    @property
    def query(self) -> str:
        """What is kept of a view, and goes along to an export."""
        said = [(name, value) for name, value in self.filters.items() if value not in ("", None)]
        shown = [("columns", key) for key in self.columns] if tuple(self.columns) != USUAL else []
        return urlencode(said + shown)


async def read_asked(
    q: Search = "", status: Status = "", payment: PaymentStatus = "", on: Day = "", to: Day = "",
    course: Choice = "", venue: Choice = "", instructor: Choice = "", organisation: Choice = "", source: Source = "",
    schedule_id: ScheduleId = None, columns: Annotated[list[str] | None, Query(max_length=40)] = None,
) -> Asked:  # fmt: skip
    """`on` is the London day on which the course begins, or the first of several up to `to`; `schedule` one dated run."""
    filters = {
        "q": q, "status": status, "payment": payment, "on": on, "to": to, "course": course, "venue": venue,
        "instructor": instructor, "organisation": organisation, "source": source, "schedule": schedule_id,
    }  # fmt: skip
    first, last = _day(on), _day(to)
    errors = {name: "Enter a date, such as 2026-12-01." for name, day in (("on", first), ("to", last)) if day is False}
    from_day, to_day = first or None, last or first or None
    wanted = BookingFilter(
        status=status,
        payment_status=payment,
        schedule_id=schedule_id,
        course_id=read_number(course),
        venue_id=read_number(venue),
        instructor_id=read_number(instructor),
        starts_from=_midnight(from_day) if from_day else None,
        starts_before=_midnight(to_day + timedelta(days=1)) if to_day else None,
        organisation=organisation.strip(),
        source=source,
        search=q,
    )
    return Asked(filters, wanted, read_columns(columns or []), errors)


List = Annotated[Asked, Depends(read_asked)]


@router.get("")
async def index(request: Request, database: Db, window: ById, asked: List, admin: Admin) -> Response:
    async with database.connection() as db:
        found = [] if asked.errors else await list_bookings(db, asked.wanted, window)
        courses, venues = await list_choices(db)
        instructors = await db.execute(
            "select id, coalesce(nullif(concat_ws(' ', first_name, last_name), ''), email) as name from users"
            " where role in ('instructor', 'admin') and is_active order by 2"
        )
        views = await list_views(db, admin.user_id)
        people = [(row["id"], row["name"]) for row in await instructors.fetchall()]
    page = page_of(found, window, lambda booking: booking.id)
    q = str(asked.filters["q"])
    if is_found(q, [booking.reference for booking in page.rows]):
        return see_other(f"{PATH}/{page.rows[0].reference}")
    links = neighbours(PATH, asked.filters, page)
    return render(
        request,
        "office/bookings/index.html",
        422 if asked.errors else 200,
        page=page,
        asked=asked,
        filters=asked.filters,
        errors=asked.errors,
        links=_with_columns(links, asked),
        choices={"courses": courses, "venues": venues, "instructors": people, "sources": _SOURCES},
        columns=[(key, COLUMNS[key]) for key in asked.columns],
        all_columns=[(key, column.label) for key, column in COLUMNS.items()],
        views=views,
    )


@router.get("/export.csv")
async def export_csv(database: Db, asked: List) -> Response:
    return _file(as_csv(database, asked.wanted, asked.columns), "text/csv; charset=utf-8", "bookings.csv", asked)


@router.get("/export.xlsx")
async def export_workbook(database: Db, asked: List) -> Response:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(as_workbook(database, asked.wanted, asked.columns), kind, "bookings.xlsx", asked)


@router.post("/views")
async def keep_view(
    request: Request, database: Db, admin: Admin,
    name: Annotated[str, Form()] = "", query: Annotated[str, Form()] = "", shared: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    # Only what a list's address may say: read and written anew.
    kept = urlencode([pair for pair in parse_qsl(query[:_KEPT]) if pair[0] not in ("before", "after")])
    response = see_other(f"{PATH}?{kept}" if kept else PATH)
    try:
        await database.run(
            lambda db: save_view(db, admin.user_id, name=name.strip(), query=kept, is_shared=bool(shared))
        )
    except Refusal as refusal:
        flash(request, response, "danger", next(iter(refusal.errors.values()), refusal.detail))
    else:
        flash(request, response, "success", f"The view “{name.strip()}” is saved.")
    return response


@router.post("/views/{view_id}/remove")
async def forget_view(view_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    await database.run(lambda db: remove_view(db, admin.user_id, view_id))
    response = see_other(PATH)
    flash(request, response, "success", "The view is removed.")
    return response


def _with_columns(links: dict[str, str | None], asked: Asked) -> dict[str, str | None]:
    shown = urlencode([pair for pair in parse_qsl(asked.query) if pair[0] == "columns"])
    return {way: f"{link}&{shown}" if link and shown else link for way, link in links.items()}


def _file(content: Any, kind: str, name: str, asked: Asked) -> Response:
    if asked.errors:
        raise NotValid(errors=asked.errors)
    return StreamingResponse(
        content,
        media_type=kind,
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def _day(text: str) -> date | Literal[False] | None:
    """None where none was said, False where it is none."""
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        return False
    return day if day is None or 2000 <= day.year <= 2199 else False


def _midnight(day: date) -> datetime:
    return from_london(day, time.min)
