"""The orders that this browser may see without an account: their references and tokens in one cookie, five at most."""

import re

from starlette.requests import Request
from starlette.responses import Response

from rft.web.security.cookies import read_cookie, set_cookie

COOKIE = "rft_orders"
_MOST = 5
_LIFE_SECONDS = 30 * 24 * 3600
_PAIR = re.compile(r"([A-Z]{1,8}-[0-9A-Z]{1,16})\.([A-Za-z0-9_-]{20,64})")


def order_tokens(request: Request) -> dict[str, str]:
    """Reference → access token, the newest first. Only their look is checked here: the token is proved by its hash."""
    found = (_PAIR.fullmatch(pair) for pair in read_cookie(request, COOKIE).split("|"))
    return dict([(pair[1], pair[2]) for pair in found if pair][:_MOST])


def remember_order(request: Request, response: Response, reference: str, token: str) -> None:
    """Lets this browser see the order again; the oldest of more than five is forgotten."""
    others = {known: secret for known, secret in order_tokens(request).items() if known != reference}
    pairs = list({reference: token, **others}.items())[:_MOST]
    set_cookie(
        request, response, COOKIE, "|".join(f"{known}.{secret}" for known, secret in pairs), seconds=_LIFE_SECONDS
    )
