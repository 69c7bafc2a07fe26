"""What is taught, course by course, each with its next dates (therefore here, and not among the courses)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.courses.queries import get_course, list_courses
from rft.courses.rules import length_in_words
from rft.kit.clock import utc_now
from rft.schedules.queries import LIVE, Filter, find_next_dates, list_schedules
from rft.web.dependencies import CurrentSettings, Db
from rft.web.paths import Id
from rft.web.templates import render

router = APIRouter()
_DATES_SHOWN = 8


@router.get("/courses")
async def index(request: Request, database: Db, settings: CurrentSettings) -> Response:
    async with database.connection() as db:
        courses = await list_courses(db)
        next_dates = await find_next_dates(db, utc_now())
    return render(
        request,
        "courses/index.html",
        canonical=f"{settings.base_url}/courses",
        courses=courses,
        next_dates=next_dates,
        length=length_in_words,
    )


@router.get("/courses/{course_id}")
async def show(request: Request, course_id: Id, database: Db, settings: CurrentSettings) -> Response:
    wanted = Filter(starts_from=utc_now(), course_id=course_id, statuses=LIVE, limit=_DATES_SHOWN + 1)
    async with database.connection() as db:
        course = await get_course(db, course_id)
        found = await list_schedules(db, wanted)
    return render(
        request,
        "courses/show.html",
        canonical=f"{settings.base_url}/courses/{course_id}",
        course=course,
        schedules=found[:_DATES_SHOWN],
        more=len(found) > _DATES_SHOWN,
        length=length_in_words(course.duration_hours),
    )
