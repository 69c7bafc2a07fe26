"""The pages on which the office books for somebody on the telephone: a date is found, then the person, then it is booked."""

import hashlib
import json
from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.quotes import get_quote
from rft.bookings.words import in_places, price_lines
from rft.database.pool import Connection
from rft.desk.forms import FIELDS, read_booking, read_typed
from rft.desk.queries import find_people, find_person
from rft.desk.schemas import PhoneBooking
from rft.desk.service import take_booking
from rft.errors import NotFound, Refusal
from rft.kit.clock import from_london, london_today, utc_now
from rft.kit.pages import Window
from rft.kit.references import new_token
from rft.organisations.queries import list_organisations
from rft.schedules.office_queries import list_choices
from rft.schedules.queries import LIVE, Filter, get_schedule, list_schedules
from rft.venues.queries import list_cities
from rft.web.dependencies import Admin, Caller, CurrentSettings, Db, require_role
from rft.web.idempotency import Claim, claim, keep
from rft.web.lists import Choice, Search, read_number
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/bookings/new", dependencies=[Depends(require_role("admin"))])
_DATES = 40
_ORGANISATIONS = 200
_DONE = {
    "link": "The places are held, and a mail with the way to pay is on its way.",
    "cash": "The places are paid and confirmed.",
    "card_terminal": "The places are paid and confirmed.",
    "invoice": "The places are reserved on the purchase order.",
}


@router.get("")
async def choose_date(
    request: Request, database: Db, course: Choice = "", town: Choice = "",
    day: Annotated[str, Query(alias="from", max_length=20)] = "",
) -> Response:  # fmt: skip
    """Dates with room first come to mind; full ones are shown too, for their waiting list."""
    now = utc_now()
    async with database.connection() as db:
        courses, _ = await list_choices(db)
        towns = await list_cities(db)
        wanted = Filter(
            starts_from=_from(day) or now, course_id=read_number(course), city=town or None, statuses=LIVE, limit=_DATES,
            for_office=True,
        )  # fmt: skip
        dates = await list_schedules(db, wanted)
    return render(
        request, "office/bookings/new_date.html", dates=dates, courses=courses, towns=towns,
        filters={"course": course, "town": town, "from": day}, now=now,
    )  # fmt: skip


@router.get("/{schedule_id}")
async def fill_in(
    schedule_id: Id, request: Request, database: Db, q: Search = "", person: Choice = "", places: Choice = "1"
) -> Response:
    typed = {"places": places, "way": "link"}
    number = read_number(person)
    async with database.connection() as db:
        known = await find_person(db, number) if number is not None else None
    if known is not None:
        typed |= {
            "first_name": known.first_name, "last_name": known.last_name, "email": known.email, "phone": known.phone or "",
        }  # fmt: skip
    return await _form_page(request, database, schedule_id, typed=typed, q=q)


@router.post("/{schedule_id}")
async def book(schedule_id: Id, request: Request, database: Db, settings: CurrentSettings, admin: Admin) -> Response:
    form = await request.form()
    typed, key = read_typed(form), str(form.get("form_key", ""))
    try:
        asked = read_booking(schedule_id, typed)
        reference = await database.run(lambda db: _book_once(db, admin, asked, key, settings.hold_minutes))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _form_page(request, database, schedule_id, typed=typed, refusal=refusal)
    response = see_other(f"/office/orders/{reference}")
    flash(request, response, "success", _DONE[asked.way])
    return response


async def _book_once(db: Connection, admin: Caller, asked: PhoneBooking, key: str, hold_minutes: int) -> str:
    """The order's reference. The same form sent twice books, and takes money, once."""
    body = hashlib.sha256(asked.model_dump_json().encode()).digest()
    mine = await claim(db, caller=f"desk {admin.user_id}", key=key, body=body)
    if not isinstance(mine, Claim):
        return str(json.loads(mine[1]))
    taken = await take_booking(db, admin.actor, asked, now=utc_now(), hold_minutes=hold_minutes)
    await keep(db, mine, 303, json.dumps(taken.order.reference).encode())
    return taken.order.reference


async def _form_page(
    request: Request,
    database: Db,
    schedule_id: int,
    *,
    typed: dict[str, str],
    q: str = "",
    refusal: Refusal | None = None,
) -> Response:
    now = utc_now()
    async with database.connection() as db:
        schedule = await get_schedule(db, schedule_id, drafts=True)
        people = await find_people(db, q)
        organisations = await list_organisations(db, Window(size=_ORGANISATIONS))
        quote, why_not = None, None
        try:
            quote = await get_quote(db, schedule_id, 1, None, now=now, office=True)
        except Refusal as no:
            why_not = in_places(no.detail)
    return render(
        request,
        "office/bookings/new.html",
        refusal.status if refusal else 200,
        schedule=schedule,
        lines=price_lines(quote.price) if quote else [],
        why_not=why_not,
        people=people,
        q=q,
        organisations=[(one.id, one.name) for one in organisations if one.is_active],
        typed=dict.fromkeys(FIELDS, "") | typed,
        form_key=new_token(),
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )


def _from(day: str) -> datetime | None:
    try:
        chosen = date.fromisoformat(day) if day else None
    except ValueError:
        return None
    today = london_today(utc_now())
    return from_london(chosen, time.min) if chosen is not None and today < chosen and chosen.year < 2200 else None
