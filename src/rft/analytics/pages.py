"""The visitor's choice: a plain form on every public page until it is made, and on the privacy page for ever."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.analytics.consent import choose
from rft.web.security.flashes import flash
from rft.web.security.redirects import safe_next, see_other

router = APIRouter()


@router.post("/consent")
async def consent(
    request: Request,
    choice: Annotated[str, Form()] = "no",
    next: Annotated[str, Form()] = "/",  # noqa: A002 (as in /sign-in)
) -> Response:
    """Whatever is not a clear yes is a no."""
    agrees = choice == "yes"
    response = see_other(safe_next(next))
    choose(request, response, agrees=agrees)
    said = "Thank you: your visits are counted." if agrees else "Your visits are not counted."
    flash(request, response, "success", f"{said} You can change this on the privacy page.")
    return response
