"""A new password: the account's own form, the question for a link by mail, and where that link leads."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.accounts import new_password
from rft.accounts.errors import PasswordTooWeak, PasswordWrong, StepOver
from rft.accounts.requests import attempt_of, drop_step, put_step, read_step, with_wait
from rft.accounts.rules import require_email
from rft.errors import NotValid, Refusal, TooMany
from rft.kit.clock import utc_now
from rft.web.dependencies import Caller, ClientAddress, CurrentSettings, Db, SignedIn, require_role
from rft.web.security import sessions
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter()
Typed = Annotated[str, Form(max_length=1000)]
Person = Annotated[Caller, Depends(require_role("customer", "instructor", "admin"))]


@router.get("/account/password")
async def show(request: Request, user: SignedIn) -> Response:
    del user
    return render(request, "accounts/password.html", errors={})


@router.post("/account/password")
async def change(
    request: Request,
    person: Person,
    database: Db,
    settings: CurrentSettings,
    address: ClientAddress,
    current: Typed = "",
    password: Typed = "",
) -> Response:
    try:
        token = await new_password.change_password(
            database, settings, request.app.state.passwords, person.user, person.actor,
            current=current, new=password, attempt=attempt_of(request, address), now=utc_now(),
        )  # fmt: skip
    except PasswordWrong as refusal:
        return render(request, "accounts/password.html", refusal.status, errors={"current": refusal.detail})
    except (PasswordTooWeak, TooMany) as refusal:
        page = render(request, "accounts/password.html", refusal.status, errors=_errors(refusal))
        return with_wait(page, refusal)
    response = see_other("/account")
    sessions.put_session(request, response, token)
    flash(request, response, "success", "Your password is changed. You are signed out everywhere else.")
    return response


@router.get("/new-password")
async def ask(request: Request) -> Response:
    return render(request, "accounts/forgot.html", errors={}, email="", sent=False)


@router.post("/new-password")
async def send(
    request: Request, database: Db, settings: CurrentSettings, address: ClientAddress, email: Typed = ""
) -> Response:
    """One answer, whoever it is that asks: whether there is such an account is nobody's business."""
    try:
        await new_password.ask_for_new_password(database, settings, email=require_email(email), address=address)
    except (NotValid, TooMany) as refusal:
        page = render(request, "accounts/forgot.html", refusal.status, errors=_errors(refusal), email=email, sent=False)
        return with_wait(page, refusal)
    return render(request, "accounts/forgot.html", errors={}, email=email, sent=True)


@router.get("/new-password/link")
async def follow(request: Request, database: Db, access_token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The link's secret goes from the address into a cookie; a mail program that looks ahead uses nothing up."""
    try:
        await new_password.require_link(database, access_token, utc_now())
    except StepOver:
        return _over(request)
    response = see_other("/new-password/set")
    put_step(request, response, access_token)
    return response


@router.get("/new-password/set")
async def choose(request: Request, database: Db) -> Response:
    try:
        await new_password.require_link(database, read_step(request), utc_now())
    except StepOver:
        return _over(request)
    return render(request, "accounts/new_password.html", errors={})


@router.post("/new-password/set")
async def set_password(request: Request, database: Db, password: Typed = "") -> Response:
    try:
        await new_password.set_new_password(
            database, request.app.state.passwords, read_step(request), password, utc_now()
        )
    except PasswordTooWeak as refusal:
        return render(request, "accounts/new_password.html", refusal.status, errors=_errors(refusal))
    except StepOver:
        return _over(request)
    response = see_other("/sign-in")
    drop_step(request, response)
    sessions.drop_session(request, response)
    flash(request, response, "success", "Your password is set. Sign in with it.")
    return response


def _errors(refusal: Refusal) -> dict[str, str]:
    return refusal.errors or {"": refusal.detail}


def _over(request: Request) -> Response:
    response = see_other("/new-password")
    flash(request, response, "warning", "This link was used before, or is older than an hour. Ask for another one.")
    return response
