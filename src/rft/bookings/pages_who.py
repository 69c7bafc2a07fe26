"""The second step of booking: who is booking. Sending it takes the places; nothing personal stands in an address."""

import asyncio
import hashlib
import json

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.access import list_held_here
from rft.bookings.choices import choose, read_places
from rft.bookings.limits import ORDERS
from rft.bookings.pages import CLOSED, Asked, Typed, closed_page, user_id_of
from rft.bookings.policies import get_policy_in_force
from rft.bookings.schemas import AttendeeRequest, Booker, OrderRequest
from rft.bookings.service import place_order
from rft.bookings.words import dated_terms, in_places, price_lines
from rft.database.pool import Connection, Database
from rft.errors import Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.references import new_token
from rft.web.dependencies import ClientAddress, CurrentSettings, CurrentVisit, Db
from rft.web.forms import form_errors
from rft.web.idempotency import Claim, KeyInFlight, KeyReused, claim, keep
from rft.web.paths import Id
from rft.web.security.known_person import known_person
from rft.web.security.limits import spend_unless_local
from rft.web.security.order_access import remember_order
from rft.web.security.redirects import see_other
from rft.web.templates import render
from rft.web.visits import Visit

router = APIRouter()
_NEEDED = {
    "first_name": "Enter your first name.",
    "last_name": "Enter your last name.",
    "email": "Enter your e-mail address.",
}
# While the first of two clicks is being worked on, the second waits for its answer: 5 seconds at most.
_TURNS, _PAUSE = 25, 0.2


class WhoForm:
    """What was typed in the second step, to be given back as it was."""

    FIELDS = ("first_name", "last_name", "email", "phone", "coming")

    def __init__(self, typed: dict[str, str], places: int, code: str, key: str = "") -> None:
        self.typed = {name: typed.get(name, "").strip() for name in self.FIELDS}
        self.places, self.code, self.key = places, code, key or new_token()

    def fingerprint(self, schedule_id: int) -> bytes:
        """The same for the same form sent again; not to be read back from the database."""
        said = json.dumps([schedule_id, self.places, self.code.upper(), self.typed], sort_keys=True)
        return hashlib.sha256(said.encode("utf-8", "replace")).digest()

    def read(self, schedule_id: int, terms_version: str) -> OrderRequest:
        """Raises ValidationError."""
        booker = Booker.model_validate(
            {name: self.typed[name] or None if name == "phone" else self.typed[name] for name in self.FIELDS[:4]}
        )
        coming = [AttendeeRequest(first_name=booker.first_name, last_name=booker.last_name)]
        return OrderRequest(
            schedule_id=schedule_id,
            seats=self.places,
            discount_code=self.code or None,
            booker=booker,
            attendees=coming if self.typed["coming"] else None,
            payment_method="card",
            terms_version=terms_version,
        )

    def sentences(self, wrong: ValidationError) -> dict[str, str]:
        """Field → sentence, in the order of the form."""
        found = form_errors(wrong)
        return {
            name: _NEEDED[name] if name in _NEEDED and not self.typed[name] else found[name]
            for name in self.FIELDS
            if name in found
        }


@router.get("/book/{schedule_id}/who")
async def show_who(
    request: Request,
    schedule_id: Id,
    database: Db,
    settings: CurrentSettings,
    visit: CurrentVisit,
    places: Asked = "",
    code: Asked = "",
) -> Response:
    number = read_places(places)
    if number is None:
        return see_other(f"/book/{schedule_id}")
    known = known_person(request)
    if visit.user is not None and visit.user.role == "customer":
        known = {"email": visit.user.email}
    form = WhoForm(known, number, code.strip())
    return await _who_page(request, database, visit, settings.hold_minutes, schedule_id, form, errors={})


@router.post("/book/{schedule_id}/who")
async def place(
    request: Request,
    schedule_id: Id,
    database: Db,
    settings: CurrentSettings,
    address: ClientAddress,
    visit: CurrentVisit,
    first_name: Typed = "",
    last_name: Typed = "",
    email: Typed = "",
    phone: Typed = "",
    coming: Typed = "",
    places: Typed = "",
    code: Typed = "",
    form_key: Typed = "",
) -> Response:
    number = read_places(places)
    if number is None:
        return see_other(f"/book/{schedule_id}")
    typed = {"first_name": first_name, "last_name": last_name, "email": email, "phone": phone, "coming": coming}
    form = WhoForm(typed, number, code.strip(), form_key)
    status = 422
    try:
        async with database.connection() as db:
            policy = await get_policy_in_force(db, utc_now())
        asked = form.read(schedule_id, policy.version)
        await spend_unless_local(database, settings, ORDERS, address)
        reference, token = await _place_once(database, settings.hold_minutes, visit, asked, form)
    except ValidationError as wrong:
        errors = form.sentences(wrong)
    except KeyReused:
        form.key = new_token()
        errors = {"": "This form has already placed a booking. Send it once more to place another one."}
    except Refusal as refusal:
        status = refusal.status
        errors = {"": in_places(refusal.detail)}
    else:
        response = see_other(f"/orders/{reference}/attendees")
        remember_order(request, response, reference, token)
        return response
    return await _who_page(
        request, database, visit, settings.hold_minutes, schedule_id, form, errors=errors, status=status
    )


async def _place_once(
    database: Database, hold_minutes: int, visit: Visit, asked: OrderRequest, form: WhoForm
) -> tuple[str, str]:
    """Reference and access token. The same form sent twice by one browser places one order."""

    async def work(db: Connection) -> bytes:
        mine = await claim(
            db, caller=f"checkout {visit.binding}", key=form.key, body=form.fingerprint(asked.schedule_id)
        )
        if not isinstance(mine, Claim):
            return mine[1]
        placed = await place_order(db, asked, now=utc_now(), hold_minutes=hold_minutes, user_id=user_id_of(visit))
        answer = json.dumps([placed.reference, placed.access_token]).encode()
        await keep(db, mine, 303, answer)
        return answer

    for turn in range(_TURNS):
        try:
            reference, token = json.loads(await database.run(work))
        except KeyInFlight:
            if turn == _TURNS - 1:
                raise
            await asyncio.sleep(_PAUSE)
        else:
            return reference, token
    raise AssertionError("the last turn returns or raises")


async def _who_page(
    request: Request,
    database: Database,
    visit: Visit,
    hold_minutes: int,
    schedule_id: int,
    form: WhoForm,
    *,
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    """The form as it was sent, for what can still be had: fewer places, or no code, where that is what is left."""
    now, user_id = utc_now(), user_id_of(visit)
    async with database.connection() as db:
        try:
            choice = await choose(db, schedule_id, form.places, form.code, now, user_id)
        except CLOSED as refusal:
            return await closed_page(request, db, schedule_id, refusal)
        held = await list_held_here(db, request, schedule_id, now)
    if choice.errors:
        errors = {name: errors[name] for name in form.FIELDS if name in errors} | {"": " ".join(choice.errors.values())}
        status = max(status, 409)
    schedule = choice.schedule
    return render(
        request,
        "checkout/who.html",
        status,
        choice=choice,
        lines=price_lines(choice.quote.price),
        form=form,
        errors=errors,
        held=held,
        hold_minutes=hold_minutes,
        terms=dated_terms(
            choice.quote.policy, first_day=london_today(schedule.start_datetime), today=london_today(now)
        ),
        now=now,
    )
