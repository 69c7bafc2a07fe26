"""The waiting list's pages: joining from a date that is full, how one stands, taking what is offered, leaving."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection
from rft.errors import NotFound, Refusal
from rft.kit.clock import utc_now
from rft.schedules.queries import Filter, Schedule, get_schedule, list_schedules
from rft.waiting.errors import NothingToWaitFor, OfferOver, WaitingClosed
from rft.waiting.queries import get_entry, list_waiting
from rft.waiting.rules import offer_until
from rft.waiting.schemas import WaitingRequest
from rft.waiting.service import join, leave, open_offer
from rft.web.dependencies import ClientAddress, CurrentSettings, CurrentVisit, Db
from rft.web.forms import form_errors
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.limits import Limit, spend_unless_local
from rft.web.security.order_access import remember_order
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/waiting")
Typed = Annotated[str, Form()]
_FIELDS = ("places", "first_name", "last_name", "email", "phone")
_NEEDED = {
    "first_name": "Enter the first name.",
    "last_name": "Enter the last name.",
    "email": "Enter the e-mail address.",
    "places": "Enter how many places, from 1 to 12.",
}
_MOST_OTHERS = 12
# Far above what one household or office joins; below what it takes to fill every list.
_JOINING = Limit("waiting", times=20, seconds=600)


def read_waiting(typed: Mapping[str, str], schedule_ids: list[int]) -> tuple[WaitingRequest | None, dict[str, str]]:
    """What was asked for, or a sentence for each field that is not right."""
    places = typed.get("places", "")
    try:
        return WaitingRequest.model_validate(
            {
                "schedule_ids": schedule_ids,
                "places": int(places) if places.isascii() and places.isdecimal() and len(places) < 4 else None,
                "person": {name: typed.get(name, "") or None for name in _FIELDS[1:]},
            }
        ), {}
    except ValidationError as wrong:
        found = {name.removeprefix("person."): text for name, text in form_errors(wrong).items()}
        needed = {
            name: _NEEDED[name] for name in found if name in _NEEDED and (name == "places" or not typed.get(name))
        }
        return None, {name: (found | needed)[name] for name in (*_FIELDS, "schedule_ids") if name in found}


def read_typed(form: Any) -> dict[str, str]:
    """The fields of the form as they were sent."""
    return {name: str(form.get(name, "")).strip() for name in _FIELDS}


async def list_others(db: Connection, date: Schedule) -> list[Schedule]:
    """Other full dates of the same course that one can wait for."""
    now = utc_now()
    wanted = Filter(starts_from=now, course_id=date.course_id, statuses="'full'", limit=_MOST_OTHERS + 1)
    found = await list_schedules(db, wanted)
    return [other for other in found if other.id != date.id and offer_until(now, other.start_datetime) is not None]


def chosen_dates(form: Any, schedule_id: int) -> list[int]:
    """The date itself and those that were ticked beside it."""
    others = [str(value) for value in form.getlist("also")]
    return [schedule_id, *(int(other) for other in others if other.isascii() and other.isdecimal() and len(other) < 10)]


@router.get("/join/{schedule_id}")
async def show_join(request: Request, schedule_id: Id, database: Db, visit: CurrentVisit) -> Response:
    known = visit.user.email if visit.user is not None and visit.user.role == "customer" else ""
    return await _join_page(request, database, schedule_id, typed={"places": "1", "email": known})


@router.post("/join/{schedule_id}")
async def send_join(
    request: Request,
    schedule_id: Id,
    database: Db,
    settings: CurrentSettings,
    address: ClientAddress,
    visit: CurrentVisit,
) -> Response:
    form = await request.form()
    typed, dates = read_typed(form), chosen_dates(form, schedule_id)
    asked, errors = read_waiting(typed, dates)
    if asked is None:
        return await _join_page(request, database, schedule_id, typed=typed, also=dates, errors=errors)
    user_id = visit.user.id if visit.user is not None and visit.user.role == "customer" else None
    try:
        await spend_unless_local(database, settings, _JOINING, address)
        await database.run(lambda db: join(db, asked, now=utc_now(), user_id=user_id))
    except NothingToWaitFor:
        response = see_other(f"/dates/{schedule_id}")
        flash(request, response, "success", NothingToWaitFor.sentence)
        return response
    except Refusal as refusal:
        return await _join_page(
            request, database, schedule_id, typed=typed, also=dates, errors={"": refusal.detail}, status=refusal.status
        )
    return see_other("/waiting/joined")


@router.get("/joined")
async def joined(request: Request) -> Response:
    """The same for everybody: whether an address waits already is nobody else's business."""
    return render(request, "waiting/joined.html")


@router.get("/{reference}")
async def show(request: Request, reference: str, database: Db) -> Response:
    async with database.connection() as db:
        entry = await get_entry(db, reference)
        dates = []
        for schedule_id in entry.schedule_ids:
            queue = [waiting.id for waiting in await list_waiting(db, schedule_id)]
            ahead = queue.index(entry.id) if entry.id in queue else None
            dates.append((await get_schedule(db, schedule_id, drafts=True), ahead))
    return render(request, "waiting/show.html", entry=entry, dates=dates, now=utc_now())


@router.post("/{reference}/take")
async def take(request: Request, reference: str, database: Db) -> Response:
    """Opens the offered order in this browser; naming people and paying goes on as for any other."""
    try:
        order, token = await database.run(lambda db: open_offer(db, reference))
    except OfferOver as refusal:
        response = see_other(f"/waiting/{reference}")
        flash(request, response, "warning", refusal.detail)
        return response
    response = see_other(f"/orders/{order}/attendees")
    remember_order(request, response, order, token)
    return response


@router.post("/{reference}/leave")
async def send_leave(request: Request, reference: str, database: Db) -> Response:
    await database.run(lambda db: leave(db, reference, now=utc_now()))
    return see_other(f"/waiting/{reference}")


async def _join_page(
    request: Request,
    database: Db,
    schedule_id: int,
    *,
    typed: Mapping[str, str],
    also: list[int] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    async with database.connection() as db:
        date = await get_schedule(db, schedule_id)
        others = await list_others(db, date)
    if date.status not in ("published", "full") or offer_until(utc_now(), date.start_datetime) is None:
        raise NotFound(WaitingClosed.sentence)
    return render(
        request,
        "waiting/join.html",
        status if errors else 200,
        schedule=date,
        others=others,
        typed=dict.fromkeys(_FIELDS, "") | dict(typed),
        also=[str(other) for other in also or []],
        errors=errors or {},
    )
