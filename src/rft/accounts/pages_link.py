"""Signing in by mail. Looking at the link does nothing: programs that look through mails do that too."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.accounts.errors import SignInLinkOver
from rft.accounts.links import ask_for_link, use_link
from rft.accounts.requests import attempt_of, lead_to_second_factor
from rft.accounts.rules import plain_email, require_email
from rft.errors import NotValid, TooMany
from rft.kit.clock import utc_now
from rft.web.dependencies import ClientAddress, CurrentSettings, Db
from rft.web.security import sessions
from rft.web.security.devices import know_device
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/sign-in")
Typed = Annotated[str, Form()]


@router.get("/by-mail")
async def show(request: Request) -> Response:
    return _page(request)


@router.post("/by-mail")
async def ask(
    request: Request, database: Db, settings: CurrentSettings, address: ClientAddress, email: Typed = ""
) -> Response:
    """Says the same for every address."""
    try:
        await ask_for_link(database, settings, require_email(email), address)
    except NotValid as refusal:
        return _page(request, 422, email=email, errors=refusal.errors)
    except TooMany as refusal:
        return _page(request, refusal.status, email=email, errors={"": refusal.detail})
    return _page(request, email=email.strip(), sent=True)


@router.get("/link")
async def look(request: Request, token: Annotated[str, Query(max_length=100)] = "") -> Response:
    return render(request, "accounts/link.html", token=token)


@router.post("/link")
async def sign_in(request: Request, database: Db, address: ClientAddress, token: Typed = "") -> Response:
    now = utc_now()
    try:
        entry = await use_link(database, token, attempt_of(request, address), now)
    except SignInLinkOver as refusal:
        return _page(request, refusal.status, errors={"": refusal.detail})
    if entry.step:
        return lead_to_second_factor(request, entry.step, "/account/courses")
    response = see_other("/account/courses")
    sessions.put_session(request, response, entry.session)
    know_device(request, response, plain_email(entry.user.email), now)
    return response


def _page(
    request: Request, status: int = 200, *, email: str = "", errors: dict[str, str] | None = None, sent: bool = False
) -> Response:
    return render(request, "accounts/by_mail.html", status, email=email, errors=errors or {}, sent=sent)
