"""Browsers in which an account has signed in before: they have a failure count of their own, so that a stranger who
guesses at the account cannot lock its owner out."""

import hashlib
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from rft.kit.references import new_token
from rft.web.security.cookies import read_cookie, seal, set_cookie, unseal

COOKIE = "rft_device"
_LIFE_SECONDS = 365 * 24 * 3600


def known_device(request: Request, email: str, now: datetime) -> str:
    """The device's own name where this account has signed in on it; else empty."""
    secret_key = request.app.state.settings.secret_key
    payload = unseal(secret_key, COOKIE, read_cookie(request, COOKIE), now, seconds=_LIFE_SECONDS) or ""
    whose, _, device = payload.partition(" ")
    return device if whose == _digest(email) else ""


def know_device(request: Request, response: Response, email: str, now: datetime) -> None:
    """Called after a sign-in."""
    payload = f"{_digest(email)} {new_token()}"
    set_cookie(
        request,
        response,
        COOKIE,
        seal(request.app.state.settings.secret_key, COOKIE, payload, now),
        seconds=_LIFE_SECONDS,
    )


def _digest(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()
