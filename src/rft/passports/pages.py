"""An organisation's people: who they are, where they work, what they hold, and what their sites still need."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Database
from rft.errors import NotValid, Refusal
from rft.kit.clock import london_today, utc_now
from rft.organisations.queries import list_sites, organisations_of
from rft.organisations.schemas import SiteRequest
from rft.organisations.service import add_site
from rft.passports.access import AnyCaller, Membership, Own
from rft.passports.errors import OrganisationNotShown
from rft.passports.queries import get_person, list_cover, list_people, list_signed
from rft.passports.rules import COURSE_TYPES, weigh_cover
from rft.passports.schemas import CoverRequest, PersonRequest
from rft.passports.service import add_person, change_person, remove_person, set_cover
from rft.web.dependencies import Db
from rft.web.forms import form_errors
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/organisation")
Typed = Annotated[str, Form()]
_FIELDS = ("first_name", "last_name", "email", "site_id", "leaves_on")
_NEEDED = {"first_name": "Enter the first name.", "last_name": "Enter the last name.", "site": "Enter the site's name."}


@router.get("")
async def index(request: Request, caller: AnyCaller, database: Db) -> Response:
    """Straight on where there is only one."""
    async with database.connection() as db:
        organisations = await organisations_of(db, caller.user_id)
    if not organisations:
        raise OrganisationNotShown
    if len(organisations) == 1:
        return see_other(f"/organisation/{organisations[0].reference}")
    return render(request, "passports/index.html", organisations=organisations)


@router.get("/{reference}")
async def show(request: Request, membership: Own, database: Db) -> Response:
    return await _people_page(request, database, membership)


@router.post("/{reference}/people")
async def add(request: Request, membership: Own, database: Db) -> Response:
    typed = await _typed(request)
    try:
        asked = _person(typed)
        await database.run(lambda db: add_person(db, membership.organisation.id, asked))
    except Refusal as refusal:
        return await _people_page(request, database, membership, typed=typed, refusal=refusal)
    return _said(request, membership, f"{asked.first_name} {asked.last_name} is on the list.")


@router.get("/{reference}/people/{person_id}")
async def show_person(request: Request, membership: Own, person_id: Id, database: Db) -> Response:
    return await _person_page(request, database, membership, person_id)


@router.post("/{reference}/people/{person_id}")
async def change(request: Request, membership: Own, person_id: Id, database: Db) -> Response:
    typed = await _typed(request)
    try:
        asked = _person(typed)
        await database.run(lambda db: change_person(db, membership.organisation.id, person_id, asked))
    except NotValid as refusal:
        return await _person_page(request, database, membership, person_id, typed=typed, refusal=refusal)
    return _said(request, membership, "The changes are saved.")


@router.post("/{reference}/people/{person_id}/remove")
async def remove(request: Request, membership: Own, person_id: Id, database: Db) -> Response:
    await database.run(lambda db: remove_person(db, membership.organisation.id, person_id))
    return _said(request, membership, "They are no longer on the list.")


@router.post("/{reference}/cover")
async def cover(
    request: Request, membership: Own, database: Db, site_id: Typed = "", course_type: Typed = "", needed: Typed = ""
) -> Response:
    typed = {"cover_site_id": site_id, "course_type": course_type, "needed": needed.strip()}
    try:
        asked = CoverRequest.model_validate(
            {"site_id": site_id or None, "course_type": course_type or None, "needed": needed.strip() or None}
        )
        await database.run(lambda db: set_cover(db, membership.organisation.id, asked))
    except ValidationError as wrong:
        errors = {{"site_id": "cover_site_id"}.get(name, name): text for name, text in form_errors(wrong).items()}
        return await _people_page(request, database, membership, typed=typed, refusal=NotValid(errors=errors))
    except Refusal as refusal:
        return await _people_page(request, database, membership, typed=typed, refusal=refusal)
    return _said(request, membership, "The cover is saved.")


@router.post("/{reference}/sites")
async def put_site(request: Request, membership: Own, database: Db, site: Typed = "") -> Response:
    try:
        asked = SiteRequest.model_validate({"name": site})
        await database.run(lambda db: add_site(db, membership.actor, membership.organisation.id, asked))
    except ValidationError:
        refusal: Refusal = NotValid(errors={"site": _NEEDED["site"]})
        return await _people_page(request, database, membership, typed={"site": site}, refusal=refusal)
    except Refusal as no:
        refusal = NotValid(no.detail, errors={"site": no.detail})
        return await _people_page(request, database, membership, typed={"site": site}, refusal=refusal)
    return _said(request, membership, f"{asked.name} is added.")


def _person(typed: Mapping[str, str]) -> PersonRequest:
    """Raises NotValid with a sentence for each field."""
    try:
        return PersonRequest.model_validate({name: typed.get(name) or None for name in _FIELDS})
    except ValidationError as wrong:
        found = form_errors(wrong)
        errors = {
            name: text if typed.get(name) or name not in _NEEDED else _NEEDED[name] for name, text in found.items()
        }
        raise NotValid(errors=errors) from wrong


async def _typed(request: Request) -> dict[str, str]:
    return {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}


async def _people_page(
    request: Request,
    database: Database,
    membership: Membership,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    today, organisation_id = london_today(utc_now()), membership.organisation.id
    async with database.connection() as db:
        people = await list_people(db, organisation_id)
        covers = await list_cover(db, organisation_id)
        sites = await list_sites(db, organisation_id)
        signed = await list_signed(db, organisation_id)
    return render(
        request,
        "passports/people.html",
        refusal.status if refusal else 200,
        own=membership,
        people=people,
        gaps=weigh_cover(covers, people, today),
        sites=sites,
        signed=signed,
        course_types=COURSE_TYPES,
        today=today,
        typed=typed or {},
        errors=(refusal.errors or {"": refusal.detail}) if refusal else {},
    )


async def _person_page(
    request: Request,
    database: Database,
    membership: Membership,
    person_id: int,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with database.connection() as db:
        person = await get_person(db, membership.organisation.id, person_id)
        sites = await list_sites(db, membership.organisation.id)
    stored = {name: str(getattr(person, name) or "") for name in _FIELDS}
    return render(
        request,
        "passports/person.html",
        refusal.status if refusal else 200,
        own=membership,
        person=person,
        sites=sites,
        today=london_today(utc_now()),
        typed={**stored, **(typed or {})},
        errors=(refusal.errors or {"": refusal.detail}) if refusal else {},
    )


def _said(request: Request, membership: Membership, text: str) -> Response:
    response = see_other(membership.address)
    flash(request, response, "success", text)
    return response
