"""The first step of booking: how many places, and what they cost."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.access import list_held_here
from rft.bookings.choices import choose, read_places
from rft.bookings.errors import ScheduleFull, ScheduleNotOpen
from rft.bookings.pages_dates import list_other_dates
from rft.bookings.quotes import ScheduleBegun
from rft.bookings.schemas import MOST_SEATS
from rft.bookings.words import in_places, price_lines
from rft.database.pool import Connection, Database
from rft.discounts.offers import list_running_offers
from rft.discounts.rules import offer_in_words
from rft.errors import Refusal
from rft.kit.clock import london_today, utc_now
from rft.schedules.queries import get_schedule
from rft.web.dependencies import CurrentVisit, Db
from rft.web.paths import Id
from rft.web.security.redirects import see_other
from rft.web.templates import render
from rft.web.visits import Visit

router = APIRouter()
Asked = Annotated[str, Query(max_length=100)]
# As long as the body may be: the field's own rule answers beside the field, and nothing typed is lost.
Typed = Annotated[str, Form()]
# Nothing at all can be had of such a date.
CLOSED = (ScheduleFull, ScheduleNotOpen, ScheduleBegun)


@router.get("/book/{schedule_id}")
async def show_places(
    request: Request, schedule_id: Id, database: Db, visit: CurrentVisit, places: Asked = "1", code: Asked = ""
) -> Response:
    return await _places_page(request, database, schedule_id, places, code, user_id_of(visit))


@router.post("/book/{schedule_id}")
async def choose_places(
    request: Request,
    schedule_id: Id,
    database: Db,
    visit: CurrentVisit,
    places: Typed = "",
    code: Typed = "",
    action: Typed = "",
) -> Response:
    if action == "price":
        return see_other(f"/book/{schedule_id}?{urlencode({'places': places[:10], 'code': code[:50]})}")
    return await _places_page(request, database, schedule_id, places, code, user_id_of(visit), go_on=True)


def user_id_of(visit: Visit) -> int | None:
    """Whose organisation's agreed price may apply: nobody's before somebody has signed in."""
    return visit.user.id if visit.user is not None else None


async def _places_page(
    request: Request,
    database: Database,
    schedule_id: int,
    places: str,
    code: str,
    user_id: int | None,
    *,
    go_on: bool = False,
) -> Response:
    number, now = read_places(places), utc_now()
    today = london_today(now)
    async with database.connection() as db:
        try:
            choice = await choose(db, schedule_id, number or 1, code.strip(), now, user_id)
        except CLOSED as refusal:
            return await closed_page(request, db, schedule_id, refusal)
        offers = await list_running_offers(db, today)
        held = await list_held_here(db, request, schedule_id, now)
    errors = choice.errors if number else {"places": f"Choose 1 to {MOST_SEATS} places.", **choice.errors}
    if go_on and not errors:
        return see_other(f"/book/{schedule_id}/who?{urlencode(choice.query)}")
    return render(
        request,
        "checkout/places.html",
        422 if go_on else 200,
        choice=choice,
        lines=price_lines(choice.quote.price),
        code=code.strip(),
        errors=errors,
        most=MOST_SEATS,
        offers=[offer_in_words(offer) for offer in offers if choice.may_have(offer, today)],
        held=held,
        now=now,
    )


async def closed_page(request: Request, db: Connection, schedule_id: int, refusal: Refusal) -> Response:
    """Why this date cannot be booked, and the dates that can."""
    schedule = await get_schedule(db, schedule_id)
    others = await list_other_dates(db, schedule, utc_now())
    return render(
        request,
        "checkout/closed.html",
        refusal.status,
        schedule=schedule,
        refusal=in_places(refusal.detail),
        others=others,
    )
