"""What can be booked, with its terms: the home page, and the page of one date."""

from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.policies import get_policy_in_force
from rft.bookings.words import dated_terms
from rft.courses.queries import get_course, list_courses
from rft.courses.rules import length_in_words
from rft.database.pool import Connection
from rft.discounts.offers import list_running_offers
from rft.discounts.rules import offer_in_words
from rft.kit.clock import london_today, utc_now
from rft.schedules.queries import (
    OPEN,
    Filter,
    Schedule,
    find_next_dates,
    get_schedule,
    list_months,
    list_schedules,
)
from rft.venues.queries import list_cities
from rft.venues.rules import facilities_in_words
from rft.web.dependencies import CurrentSettings, Db
from rft.web.paths import Id
from rft.web.templates import render

router = APIRouter()
_DATES_AT_HOME = 5
_COURSES_AT_HOME = 6
_OTHER_DATES = 4


@router.get("/")
async def home(request: Request, database: Db, settings: CurrentSettings) -> Response:
    now = utc_now()
    async with database.connection() as db:
        upcoming = await list_schedules(db, Filter(starts_from=now, statuses=OPEN, limit=1 + _DATES_AT_HOME))
        courses = await list_courses(db)
        next_dates = await find_next_dates(db, now)
        towns = await list_cities(db)
        months = await list_months(db, now)
        offers = await list_running_offers(db, london_today(now))
    return render(
        request,
        "home/index.html",
        canonical=f"{settings.base_url}/",
        soonest=upcoming[0] if upcoming else None,
        upcoming=upcoming[1:],
        courses=courses,
        featured=courses[:_COURSES_AT_HOME],
        next_dates=next_dates,
        towns=towns,
        months=months,
        offers=[offer_in_words(offer) for offer in offers],
        hold_minutes=settings.hold_minutes,
        length=length_in_words,
    )


@router.get("/dates/{schedule_id}")
async def show(request: Request, schedule_id: Id, database: Db, settings: CurrentSettings) -> Response:
    now = utc_now()
    async with database.connection() as db:
        schedule = await get_schedule(db, schedule_id)
        course = await get_course(db, schedule.course_id, inactive=True)
        policy = await get_policy_in_force(db, now)
        offers = await list_running_offers(db, london_today(now))
        others = await list_other_dates(db, schedule, now)
    first_day, today = london_today(schedule.start_datetime), london_today(now)
    return render(
        request,
        "dates/show.html",
        canonical=f"{settings.base_url}/dates/{schedule_id}",
        schedule=schedule,
        course=course,
        state=state_of(schedule, now, taught=course.is_active),
        policy=policy,
        terms=dated_terms(policy, first_day=first_day, today=today),
        offers=[
            offer_in_words(offer) for offer in offers if offer.is_for(course.id, first_day=first_day, london_day=today)
        ],
        facilities=facilities_in_words(schedule.facilities),
        length=length_in_words(course.duration_hours),
        others=others,
        hold_minutes=settings.hold_minutes,
    )


def state_of(schedule: Schedule, now: datetime, *, taught: bool) -> str:
    """What a customer can do about it: `cancelled`, `past`, `begun`, `closed`, `full` or `open`, most final first."""
    if schedule.status == "cancelled":
        return "cancelled"
    if schedule.end_datetime <= now:
        return "past"
    if schedule.start_datetime <= now:
        return "begun"
    if not taught:
        return "closed"
    return "full" if schedule.seats_left <= 0 else "open"


async def list_other_dates(db: Connection, schedule: Schedule, now: datetime) -> list[Schedule]:
    """The next open dates of the same course."""
    wanted = Filter(starts_from=now, course_id=schedule.course_id, statuses=OPEN, limit=_OTHER_DATES + 1)
    return [other for other in await list_schedules(db, wanted) if other.id != schedule.id][:_OTHER_DATES]
