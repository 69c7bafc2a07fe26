"""The dates to come: a list by month, narrowed by course, town and month."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.courses.queries import Course, list_courses
from rft.errors import NotValid
from rft.kit.clock import to_london, utc_now
from rft.schedules.cursors import read_cursor, write_cursor
from rft.schedules.queries import LIVE, Filter, Schedule, list_months, list_schedules, month_span
from rft.venues.queries import list_cities
from rft.web.dependencies import CurrentSettings, Db
from rft.web.templates import render

router = APIRouter()
_A_PAGE = 20
Asked = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Search:
    """What the form asked for; what cannot be meant is taken as not said."""

    course: str
    town: str
    month: str

    @property
    def course_id(self) -> int | None:
        is_number = self.course.isascii() and self.course.isdecimal() and len(self.course) < 10
        return int(self.course) if is_number else None

    @property
    def first_day(self) -> date | None:
        try:
            day = datetime.strptime(self.month, "%Y-%m").date()  # noqa: DTZ007 (a month of the calendar has no zone)
        except ValueError:
            return None
        return day if 2000 <= day.year < 2200 else None

    def address(self, **changes: str) -> str:
        """The list's address with some of it changed; a change to an empty text takes it out."""
        said = {"course": self.course, "town": self.town, "month": self.month} | changes
        query = urlencode({name: value for name, value in said.items() if value})
        return f"/dates?{query}" if query else "/dates"


@router.get("/dates")
async def index(
    request: Request,
    database: Db,
    settings: CurrentSettings,
    course: Asked = "",
    town: Asked = "",
    month: Asked = "",
    after: Asked = "",
) -> Response:
    search = Search(course.strip(), town.strip(), month.strip())
    now = utc_now()
    async with database.connection() as db:
        found = await list_schedules(db, _filter(search, _position(after), now))
        courses = await list_courses(db)
        towns = await list_cities(db)
        months = await list_months(db, now)
    shown = found[:_A_PAGE]
    return render(
        request,
        "dates/index.html",
        canonical=f"{settings.base_url}/dates",
        search=search,
        months_shown=by_month(shown),
        later=search.address(after=write_cursor(shown[-1])) if len(found) > _A_PAGE else None,
        earlier=search.address() if after else None,
        chosen=_chosen(search, courses, towns),
        courses=courses,
        towns=towns,
        months=months,
    )


def by_month(schedules: list[Schedule]) -> list[tuple[str, list[Schedule]]]:
    """`December 2026` → the dates that begin in it."""
    return [
        (name, list(dates))
        for name, dates in groupby(schedules, key=lambda schedule: f"{to_london(schedule.start_datetime):%B %Y}")
    ]


def _filter(search: Search, after: tuple[datetime, int] | None, now: datetime) -> Filter:
    starts_from, starts_before = now, None
    if search.first_day is not None:
        begins, starts_before = month_span(search.first_day)
        starts_from = max(now, begins)
    return Filter(
        starts_from=starts_from,
        starts_before=starts_before,
        course_id=search.course_id,
        city=search.town or None,
        statuses=LIVE,
        after=after,
        limit=_A_PAGE + 1,
    )


def _position(after: str) -> tuple[datetime, int] | None:
    """Where to go on; a link that was cut short begins at the beginning."""
    try:
        return read_cursor(after or None)
    except NotValid:
        return None


def _chosen(search: Search, courses: list[Course], towns: list[str]) -> list[tuple[str, str]]:
    """What is narrowed down, in words, each with the address that takes it back."""
    chosen = []
    if search.course_id is not None:
        name = next((course.name for course in courses if course.id == search.course_id), "A course we do not teach")
        chosen.append((name, search.address(course="")))
    if search.town:
        town = next((town for town in towns if town.lower() == search.town.lower()), search.town)
        chosen.append((town, search.address(town="")))
    if search.first_day is not None:
        chosen.append((f"{search.first_day:%B %Y}", search.address(month="")))
    return chosen
