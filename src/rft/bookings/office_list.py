"""The office's list of bookings: filters, columns, views kept under a name, and the same rows as a file."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.asked import Columns, Day, Source, read_span, said, with_columns
from rft.bookings.columns import COLUMNS, USUAL, Column, read_columns
from rft.bookings.exports import answer_csv, answer_workbook
from rft.bookings.lists import BookingFilter, batch_bookings, list_bookings
from rft.bookings.office_pages import is_found
from rft.bookings.queries import Booking
from rft.bookings.sources import SOURCES
from rft.bookings.views import list_views, remove_view, save_view
from rft.errors import NotValid, Refusal
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
ScheduleId = Annotated[int | None, Query(alias="schedule", ge=1, le=LARGEST_ID)]
SOURCES_SHOWN = [("site", "Site"), *SOURCES.items()]
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
        return said(self.filters, self.columns, USUAL)

    def for_file(self) -> list[Column[Booking]]:
        """Raises NotValid where the address makes no sense: a file cannot say so."""
        if self.errors:
            raise NotValid(errors=self.errors)
        return [COLUMNS[key] for key in self.columns]


async def read_asked(
    q: Search = "", status: Status = "", payment: PaymentStatus = "", on: Day = "", to: Day = "",
    course: Choice = "", venue: Choice = "", instructor: Choice = "", organisation: Choice = "", source: Source = "",
    schedule_id: ScheduleId = None, columns: Columns = None,
) -> Asked:  # fmt: skip
    """`on` is the London day on which the course begins, or the first of several up to `to`; `schedule` one dated run."""
    filters = {
        "q": q, "status": status, "payment": payment, "on": on, "to": to, "course": course, "venue": venue,
        "instructor": instructor, "organisation": organisation, "source": source, "schedule": schedule_id,
    }  # fmt: skip
    starts_from, starts_before, errors = read_span(on, to)
    wanted = BookingFilter(
        status=status,
        payment_status=payment,
        schedule_id=schedule_id,
        course_id=read_number(course),
        venue_id=read_number(venue),
        instructor_id=read_number(instructor),
        starts_from=starts_from,
        starts_before=starts_before,
        organisation=organisation.strip(),
        source=source,
        search=q,
    )
    return Asked(filters, wanted, read_columns(columns or [], COLUMNS, USUAL), errors)


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
        links=with_columns(links, asked.columns, USUAL),
        choices={"courses": courses, "venues": venues, "instructors": people, "sources": SOURCES_SHOWN},
        columns=[(key, COLUMNS[key]) for key in asked.columns],
        all_columns=[(key, column.label) for key, column in COLUMNS.items()],
        views=views,
    )


@router.get("/export.csv")
async def export_csv(database: Db, asked: List) -> Response:
    return answer_csv("bookings", asked.for_file(), batch_bookings(database, asked.wanted))


@router.get("/export.xlsx")
async def export_workbook(database: Db, asked: List) -> Response:
    return answer_workbook("bookings", asked.for_file(), batch_bookings(database, asked.wanted))


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
