"""The attendee's own pages: who they are, what they need, an earlier certificate, and somebody else in their place."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.schemas import AttendeeRequest
from rft.bookings.words import in_places
from rft.database.pool import Database
from rft.errors import NotValid, Refusal
from rft.kit.clock import utc_now
from rft.learners.access import OwnPlace, forget_place, get_own_place, remember_place
from rft.learners.errors import LinkOver
from rft.learners.queries import Place, read_needs
from rft.learners.schemas import DetailsRequest, OtherProviderRequest
from rft.learners.service import give_away, open_place, prove_with_another, prove_with_ours, save_details
from rft.schedules.queries import get_schedule
from rft.web.dependencies import CurrentSettings, Db
from rft.web.forms import form_errors
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/attending")
Typed = Annotated[str, Form()]
Asked = TypeVar("Asked", bound=BaseModel)
_NEEDED = {
    "first_name": "Enter your first name.",
    "last_name": "Enter your last name.",
    "date_of_birth": "Enter your date of birth.",
    "provider": "Enter who issued the certificate.",
    "completed_on": "Enter the day on which you completed that course.",
    "email": "Enter their e-mail address.",
}


@router.get("")
async def show(
    request: Request,
    database: Db,
    settings: CurrentSettings,
    token: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The link leads here; its token goes into a cookie, so that it stands in no history and no other site's log."""
    if not token:
        return await _page(request, database, await get_own_place(request, database, settings))
    async with database.connection() as db:
        await open_place(db, settings, token, now=utc_now())
    response = see_other("/attending")
    remember_place(request, response, token)
    return response


@router.post("/details")
async def details(
    request: Request,
    place: OwnPlace,
    database: Db,
    first_name: Typed = "",
    last_name: Typed = "",
    date_of_birth: Typed = "",
    needs: Typed = "",
) -> Response:
    typed = {"first_name": first_name, "last_name": last_name, "date_of_birth": date_of_birth.strip(), "needs": needs}
    try:
        asked = _read(DetailsRequest, typed)
        await database.run(lambda db: save_details(db, place, asked))
    except LinkOver:
        raise
    except Refusal as refusal:
        return await _page(request, database, place, typed=typed, refusal=refusal)
    return _said(request, "Thank you. Your details are saved.")


@router.post("/certificate")
async def certificate(
    request: Request,
    place: OwnPlace,
    database: Db,
    number: Typed = "",
    provider: Typed = "",
    completed_on: Typed = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    typed = {"number": number.strip(), "provider": provider.strip(), "completed_on": completed_on.strip()}
    content = await file.read() if file is not None else b""
    now = utc_now()
    try:
        if number.strip():
            await database.run(lambda db: prove_with_ours(db, place, number, now=now))
        else:
            asked = _read(OtherProviderRequest, {name: typed[name] for name in ("provider", "completed_on")})
            await database.run(lambda db: prove_with_another(db, place, asked, content, now=now))
    except LinkOver:
        raise
    except Refusal as refusal:
        return await _page(request, database, place, typed=typed, refusal=refusal)
    return _said(request, "Thank you. We have your earlier certificate.")


@router.post("/give-away")
async def give(
    request: Request,
    place: OwnPlace,
    database: Db,
    other_first_name: Typed = "",
    other_last_name: Typed = "",
    other_email: Typed = "",
) -> Response:
    typed = {"other_first_name": other_first_name, "other_last_name": other_last_name, "other_email": other_email}
    try:
        person = _read(AttendeeRequest, {name.removeprefix("other_"): value for name, value in typed.items()})
        await database.run(lambda db: give_away(db, place, person, now=utc_now()))
    except LinkOver:
        raise
    except Refusal as refusal:
        errors = {f"other_{name}": text for name, text in refusal.errors.items()}
        told = type(refusal)(in_places(refusal.detail), errors=errors)
        return await _page(request, database, place, typed=typed, refusal=told)
    response = see_other("/")
    forget_place(request, response)
    flash(request, response, "success", f"The place is {person.first_name} {person.last_name}'s now. We write to them.")
    return response


@router.post("/leave")
async def leave(request: Request) -> Response:
    """For a browser that others use too."""
    response = see_other("/")
    forget_place(request, response)
    flash(request, response, "success", "This browser has forgotten your place. The link in the e-mail opens it again.")
    return response


def _read(form: type[Asked], typed: Mapping[str, str]) -> Asked:
    """Raises NotValid with a sentence for each field."""
    try:
        return form.model_validate(dict(typed))
    except ValidationError as wrong:
        errors = {
            name: _NEEDED[name] if name in _NEEDED and not typed[name].strip() else sentence
            for name, sentence in form_errors(wrong).items()
        }
        raise NotValid(errors=errors) from wrong


async def _page(
    request: Request,
    database: Database,
    place: Place,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    now = utc_now()
    async with database.connection() as db:
        schedule = await get_schedule(db, place.schedule_id, drafts=True)
        stored = {
            "first_name": place.first_name,
            "last_name": place.last_name,
            "date_of_birth": place.date_of_birth.isoformat() if place.date_of_birth else "",
            "needs": await read_needs(db, place.booking_id),
        }
    return render(
        request,
        "learners/show.html",
        refusal.status if refusal else 200,
        place=place,
        schedule=schedule,
        typed={**stored, **(typed or {})},
        errors=(refusal.errors or {"": refusal.detail}) if refusal else {},
        begun=place.first_session <= now,
    )


def _said(request: Request, text: str) -> Response:
    response = see_other("/attending")
    flash(request, response, "success", text)
    return response
