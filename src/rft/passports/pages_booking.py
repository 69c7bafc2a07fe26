"""Books several of an organisation's people onto one date."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.words import in_places
from rft.database.pool import Connection, Database
from rft.errors import NotValid, Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.references import new_token
from rft.organisations.accounts import read_credit
from rft.passports.access import Membership, Own
from rft.passports.queries import list_people
from rft.passports.rules import COURSE_TYPES
from rft.passports.schemas import BookingRequest
from rft.passports.service import book_people
from rft.schedules.queries import Filter, list_schedules
from rft.settings import Settings
from rft.web.dependencies import CurrentSettings, Db
from rft.web.idempotency import Claim, KeyInFlight, claim, keep
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/organisation/{reference}/book")
_MOST_DATES = 60
_TURNS, _PAUSE = 25, 0.2
_SENTENCES = {
    "people": "Choose 1 to 12 people.",
    "schedule_id": "Choose a date.",
    "payment_method": "Say how you will pay.",
    "purchase_order": "Enter the number of your purchase order, of at most 50 characters.",
}


@router.get("")
async def show(
    request: Request,
    membership: Own,
    database: Db,
    people: Annotated[list[str] | None, Query(max_length=50)] = None,
    course_type: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    typed = {"schedule_id": "", "payment_method": "invoice", "purchase_order": "", "course_type": course_type}
    return await _page(request, database, membership, people or [], typed)


@router.post("")
async def book(request: Request, membership: Own, database: Db, settings: CurrentSettings) -> Response:
    form = await request.form()
    chosen = [str(one) for one in form.getlist("people")]
    names = ("schedule_id", "payment_method", "purchase_order", "course_type", "form_key")
    typed = {name: str(form.get(name, "")).strip() for name in names}
    try:
        asked = BookingRequest.model_validate(
            {
                "schedule_id": typed["schedule_id"],
                "people": chosen,
                "payment_method": typed["payment_method"],
                "purchase_order": typed["purchase_order"] or None,
            }
        )
        reference = await _book_once(database, settings, membership, asked, typed["form_key"])
    except ValidationError as wrong:
        errors = {str(one["loc"][0]): _SENTENCES[str(one["loc"][0])] for one in wrong.errors()}
        return await _page(request, database, membership, chosen, typed, refusal=NotValid(errors=errors))
    except Refusal as refusal:
        return await _page(request, database, membership, chosen, typed, refusal=refusal)
    return see_other(f"/orders/{reference}{'/review' if asked.payment_method == 'card' else ''}")


async def _book_once(
    database: Database, settings: Settings, membership: Membership, asked: BookingRequest, key: str
) -> str:
    """The order's reference. The same form sent twice places one order."""
    body = hashlib.sha256(asked.model_dump_json().encode()).digest()

    async def work(db: Connection) -> bytes:
        mine = await claim(db, caller=f"{membership.address} {membership.user_id}", key=key, body=body)
        if not isinstance(mine, Claim):
            return mine[1]
        placed = await book_people(
            db, membership.organisation, membership.user_id, asked, now=utc_now(), hold_minutes=settings.hold_minutes
        )
        answer = json.dumps(placed.reference).encode()
        await keep(db, mine, 303, answer)
        return answer

    for turn in range(_TURNS):
        try:
            return str(json.loads(await database.run(work)))
        except KeyInFlight:
            if turn == _TURNS - 1:
                raise
            await asyncio.sleep(_PAUSE)
    raise AssertionError("the last turn returns or raises")


async def _page(
    request: Request,
    database: Database,
    membership: Membership,
    chosen: Sequence[str],
    typed: dict[str, str],
    *,
    refusal: Refusal | None = None,
) -> Response:
    now = utc_now()
    course_type = typed["course_type"] if typed["course_type"] in COURSE_TYPES else None
    async with database.connection() as db:
        people = await list_people(db, membership.organisation.id)
        dates = await list_schedules(
            db, Filter(starts_from=now, statuses="'published'", course_type=course_type, limit=_MOST_DATES)
        )
        credit = (await read_credit(db, [membership.organisation.id]))[membership.organisation.id]
    today = london_today(now)
    return render(
        request,
        "passports/book.html",
        refusal.status if refusal else 200,
        own=membership,
        people=[person for person in people if person.works_on(today)],
        dates=dates,
        credit=credit,
        today=today,
        chosen=chosen,
        typed=typed,
        form_key=new_token(),
        errors=_told(refusal) if refusal else {},
    )


def _told(refusal: Refusal) -> dict[str, str]:
    """By field of this form; what the date says of its places belongs to the date."""
    told = in_places(refusal.detail)
    if "seats" in refusal.errors:
        return {"schedule_id": told}
    return refusal.errors or {"": told}
