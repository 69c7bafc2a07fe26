"""The visitor's own word on being counted, and the visit's random name, both in cookies: without a yes there is no visit."""

import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

from rft.analytics.rules import IDLE_SECONDS
from rft.web.security.cookies import delete_cookie, read_cookie, set_cookie
from rft.web.visits import CONSENT

# Asked again after half a year.
_KEPT_SECONDS = 182 * 24 * 3600
_VISIT = "rft_visit"
_NAME = re.compile(r"[A-Za-z0-9_-]{22}")


def has_agreed(request: Request) -> bool:
    return read_cookie(request, CONSENT) == "yes"


def choose(request: Request, response: Response, *, agrees: bool) -> None:
    set_cookie(request, response, CONSENT, "yes" if agrees else "no", seconds=_KEPT_SECONDS)
    if not agrees:
        delete_cookie(request, response, _VISIT)


def visit_name(request: Request) -> str:
    """The name of the visit that goes on, or of a new one; it says nothing of who it is."""
    name = read_cookie(request, _VISIT)
    return name if _NAME.fullmatch(name) else secrets.token_urlsafe(16)


def keep_visit(request: Request, response: Response, name: str) -> None:
    """For another half hour."""
    set_cookie(request, response, _VISIT, name, seconds=IDLE_SECONDS)
