"""What the sign-in's pages share: who tries from where, the cookie between password and second factor, where each role goes."""

from starlette.requests import Request
from starlette.responses import Response

from rft.accounts.rules import plain_email
from rft.accounts.service import Attempt
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.web.security.cookies import delete_cookie, read_cookie, set_cookie
from rft.web.security.devices import known_device
from rft.web.security.redirects import see_other, sign_in_path
from rft.web.security.sessions import session_token

HOMES = {"admin": "/office", "instructor": "/instructor", "customer": "/account"}
STEP_COOKIE = "rft_step"
_STEP_SECONDS = 3600


def attempt_of(request: Request, address: str, *, email: str = "", password: str = "") -> Attempt:
    return Attempt(
        email=email,
        password=password,
        address=address,
        user_agent=request.headers.get("user-agent", ""),
        device=known_device(request, plain_email(email), utc_now()) if email else "",
        replaces=session_token(request),
    )


def lead_to_second_factor(request: Request, step: str, wanted: str) -> Response:
    response = see_other(sign_in_path(wanted).replace("/sign-in", "/sign-in/second", 1))
    put_step(request, response, step)
    return response


def put_step(request: Request, response: Response, step: str) -> None:
    """The browser that began is the one that ends."""
    set_cookie(request, response, STEP_COOKIE, step, seconds=_STEP_SECONDS)


def read_step(request: Request) -> str:
    return read_cookie(request, STEP_COOKIE)


def drop_step(request: Request, response: Response) -> None:
    delete_cookie(request, response, STEP_COOKIE)


def with_wait(response: Response, refusal: Refusal) -> Response:
    """Where the refusal is that of a limit, says when to try again."""
    if "retry_after" in refusal.facts:
        response.headers["retry-after"] = str(refusal.facts["retry_after"])
    return response
