"""One way to set a cookie: out of scripts' reach, on our own site only, and over TLS alone where there is TLS."""

import base64
import hmac
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from rft.settings import Settings

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (kept in UTC without zone, as everywhere)


def read_cookie(request: Request, name: str) -> str:
    """The cookie's value; empty where there is none."""
    return request.cookies.get(_settings(request).cookie_prefix + name, "")


def set_cookie(request: Request, response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """`seconds` None: until the browser is closed."""
    settings = _settings(request)
    response.set_cookie(
        settings.cookie_prefix + name,
        value,
        max_age=seconds,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )


def delete_cookie(request: Request, response: Response, name: str) -> None:
    set_cookie(request, response, name, "", seconds=0)


def seal(secret_key: str, purpose: str, payload: str, now: datetime) -> str:
    """The payload with its time and a signature that holds for this purpose alone. It can be read, but not changed."""
    text = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")
    stamped = f"{text}.{int((now - _EPOCH).total_seconds())}"
    return f"{stamped}.{_signature(secret_key, purpose, stamped)}"


def unseal(secret_key: str, purpose: str, sealed: str, now: datetime, *, seconds: int) -> str | None:
    """What was sealed, at most `seconds` ago; None for anything else that a cookie may hold."""
    stamped, _, signature = sealed.rpartition(".")
    if not sealed.isascii() or not hmac.compare_digest(signature, _signature(secret_key, purpose, stamped)):
        return None
    text, _, stamp = stamped.partition(".")
    age = (now - _EPOCH).total_seconds() - int(stamp)
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode() if -60 <= age <= seconds else None


def _signature(secret_key: str, purpose: str, stamped: str) -> str:
    mac = hmac.digest(secret_key.encode(), f"{purpose}\n{stamped}".encode(), "sha256")
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
