"""The profile: name, telephone, password, and consents."""

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.accounts.profile import PURPOSES, get_profile, read_consents, save_profile, say_consents
from rft.accounts.schemas import ProfileRequest
from rft.database.pool import Database
from rft.web.dependencies import Db, SignedIn
from rft.web.forms import form_errors
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.security.sessions import User
from rft.web.templates import render

router = APIRouter(prefix="/account/profile")
Typed = Annotated[str, Form()]
_NEEDED = {"first_name": "Enter your first name.", "last_name": "Enter your last name."}


@router.get("")
async def show(request: Request, user: SignedIn, database: Db) -> Response:
    return await _page(request, database, user)


@router.post("")
async def save(
    request: Request, user: SignedIn, database: Db, first_name: Typed = "", last_name: Typed = "", phone: Typed = ""
) -> Response:
    typed = {"first_name": first_name.strip(), "last_name": last_name.strip(), "phone": phone.strip()}
    try:
        asked = ProfileRequest.model_validate({**typed, "phone": typed["phone"] or None})
    except ValidationError as wrong:
        errors = {
            name: text if typed[name] or name not in _NEEDED else _NEEDED[name]
            for name, text in form_errors(wrong).items()
        }
        return await _page(request, database, user, typed=typed, errors=errors)
    await database.run(lambda db: save_profile(db, user.id, asked))
    return _said(request, "Your profile is saved.")


@router.post("/consents")
async def consents(request: Request, user: SignedIn, database: Db) -> Response:
    form = await request.form()
    said = {purpose: form.get(purpose) == "yes" for purpose in PURPOSES}
    await database.run(lambda db: say_consents(db, user.id, said))
    return _said(request, "We keep to that from now on.")


async def _page(
    request: Request,
    database: Database,
    user: User,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    async with database.connection() as db:
        profile = await get_profile(db, user.id)
        said = await read_consents(db, user.id)
    stored = {name: getattr(profile, name) or "" for name in ("first_name", "last_name", "phone")}
    status = 422 if errors else 200
    return render(
        request,
        "account/profile.html",
        status,
        profile=profile,
        user=user,
        agreed=said,
        typed=typed or stored,
        errors=errors or {},
    )


def _said(request: Request, text: str) -> Response:
    response = see_other("/account/profile")
    flash(request, response, "success", text)
    return response
