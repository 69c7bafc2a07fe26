"""Who a mail's link was for, so that the booking form is filled in: sealed in a cookie of this browser's for an hour."""

import json

from starlette.requests import Request
from starlette.responses import Response

from rft.kit.clock import utc_now
from rft.web.security.cookies import read_cookie, seal, set_cookie, unseal

COOKIE = "rft_person"
_LIFE_SECONDS = 3600


def remember_person(request: Request, response: Response, fields: dict[str, str]) -> None:
    """`fields` are those of the form. Nothing personal stands in an address."""
    sealed = seal(request.app.state.settings.secret_key, COOKIE, json.dumps(fields), utc_now())
    set_cookie(request, response, COOKIE, sealed, seconds=_LIFE_SECONDS)


def known_person(request: Request) -> dict[str, str]:
    """Empty where no link was followed of late."""
    payload = unseal(
        request.app.state.settings.secret_key, COOKIE, read_cookie(request, COOKIE), utc_now(), seconds=_LIFE_SECONDS
    )
    fields: dict[str, str] = json.loads(payload) if payload else {}
    return fields
