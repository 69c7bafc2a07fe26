"""Sign in, sign out, and the account's own page."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.accounts import service
from rft.accounts.browsers import browser_in_words
from rft.accounts.errors import SignInRefused
from rft.accounts.requests import HOMES, attempt_of, lead_to_second_factor, with_wait
from rft.accounts.rules import plain_email
from rft.errors import TooMany
from rft.kit.clock import utc_now
from rft.organisations.queries import organisations_of
from rft.web.dependencies import ClientAddress, CurrentSettings, CurrentVisit, Db, MaybeSignedIn, SignedIn
from rft.web.security import sessions
from rft.web.security.devices import know_device
from rft.web.security.flashes import flash
from rft.web.security.redirects import safe_next, see_other
from rft.web.templates import render

router = APIRouter()

FACTORS = {"authenticator": "Code from the app", "passkey": "Passkey", "recovery_code": "Recovery code"}
# As long as the body may be: the field's own rule answers beside the field, and nothing typed is lost.
Typed = Annotated[str, Form()]


@router.get("/sign-in")
async def show_sign_in(
    request: Request, user: MaybeSignedIn, wanted: Annotated[str, Query(alias="next")] = ""
) -> Response:
    if user is not None:
        return see_other(safe_next(wanted, HOMES[user.role]))
    return _form(request, wanted=wanted)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    database: Db,
    settings: CurrentSettings,
    address: ClientAddress,
    email: Typed = "",
    password: Typed = "",
    wanted: Annotated[str, Form(alias="next", max_length=1000)] = "",
) -> Response:
    errors = _missing(email, password)
    if errors:
        return _form(request, 422, errors=errors, email=email, wanted=wanted)
    now = utc_now()
    attempt = attempt_of(request, address, email=email, password=password)
    try:
        entry = await service.sign_in(database, settings, request.app.state.passwords, attempt, now)
    except (SignInRefused, TooMany) as refusal:
        response = _form(request, refusal.status, errors={"": refusal.detail}, email=email, wanted=wanted)
        return with_wait(response, refusal)
    if entry.step:
        return lead_to_second_factor(request, entry.step, safe_next(wanted, HOMES[entry.user.role]))
    response = see_other(safe_next(wanted, HOMES[entry.user.role]))
    sessions.put_session(request, response, entry.session)
    know_device(request, response, plain_email(email), now)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, database: Db) -> Response:
    await service.sign_out(database, sessions.session_token(request))
    response = see_other("/sign-in")
    sessions.drop_session(request, response)
    flash(request, response, "success", "You are signed out.")
    return response


@router.get("/account")
async def show_account(request: Request, user: SignedIn, visit: CurrentVisit, database: Db) -> Response:
    async with database.connection() as db:
        organisations = await organisations_of(db, user.id)
        open_sessions = await sessions.list_sessions(db, user.id, visit.session_token, utc_now())
    return render(
        request,
        "accounts/account.html",
        user=user,
        organisations=[one.name for one in organisations],
        sessions=open_sessions,
        in_words=browser_in_words,
        factors=FACTORS,
        home=HOMES[user.role],
    )


@router.post("/account/sessions/end")
async def end_session(
    request: Request,
    user: SignedIn,
    visit: CurrentVisit,
    database: Db,
    handle: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """One session by its handle; without one, all but this browser's."""
    async with database.connection() as db:
        if handle:
            await sessions.revoke_session(db, user.id, handle)
        else:
            await sessions.revoke_sessions(db, user.id, but=visit.session_token)
    response = see_other("/account")
    flash(request, response, "success", "Signed out there.")
    return response


def _missing(email: str, password: str) -> dict[str, str]:
    needed = {"email": (email.strip(), "Enter your e-mail address."), "password": (password, "Enter your password.")}
    return {name: sentence for name, (value, sentence) in needed.items() if not value}


def _form(
    request: Request, status: int = 200, *, errors: dict[str, str] | None = None, email: str = "", wanted: str = ""
) -> Response:
    """The password is never sent back."""
    return render(
        request, "accounts/sign_in.html", status, errors=errors or {}, email=email, wanted=safe_next(wanted, "")
    )
