"""The page between choosing bookings in the list and doing something with them: what becomes of each, then do it or go back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.desk.several import MOST, Act, do_with, foresee
from rft.errors import NotValid
from rft.kit.clock import utc_now
from rft.kit.money import NOTHING
from rft.web.dependencies import Admin, Db, require_role
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/bookings/several", dependencies=[Depends(require_role("admin"))])
Chosen = Annotated[list[str] | None, Form(max_length=MOST)]
_LONGEST_REASON = 200
_WORDS: dict[Act, str] = {"remind": "reminded", "no_show": "marked as not attended", "cancel": "cancelled"}


@router.post("")
async def preview(request: Request, database: Db, act: Annotated[Act, Form()], chosen: Chosen = None) -> Response:
    """Changes nothing yet; it is sent because so many references do not fit into an address."""
    if not chosen:
        response = see_other("/office/bookings")
        flash(request, response, "warning", "Choose some bookings first.")
        return response
    return await _preview_page(request, database, act, chosen)


@router.post("/do")
async def do(
    request: Request, database: Db, admin: Admin, act: Annotated[Act, Form()], chosen: Chosen = None,
    reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    references = list(dict.fromkeys(chosen or []))
    if act == "cancel" and not 0 < len(reason.strip()) <= _LONGEST_REASON:
        sentence = f"Say why, in at most {_LONGEST_REASON} characters."
        return await _preview_page(request, database, act, references, NotValid(errors={"reason": sentence}), reason)
    done = await do_with(
        database, request.app.state.gateway, admin.actor, act, references, reason=reason.strip(), now=utc_now()
    )
    response = see_other("/office/bookings")
    number = "1 booking was" if done.number == 1 else f"{done.number} bookings were"
    flash(request, response, "success" if done.number else "warning", f"{number} {_WORDS[act]}.")
    for reference, why in list(done.refused.items())[:3]:
        flash(request, response, "warning", f"{reference}: {why}")
    return response


async def _preview_page(
    request: Request, database: Db, act: Act, references: list[str], refusal: NotValid | None = None, reason: str = ""
) -> Response:
    async with database.connection() as db:
        foreseen = await foresee(db, act, list(dict.fromkeys(references)), now=utc_now())
    return render(
        request,
        "office/bookings/several.html",
        422 if refusal else 200,
        act=act,
        foreseen=foreseen,
        able=[one for one in foreseen if one.why_not is None],
        refund=sum((one.refund for one in foreseen if one.refund is not None), NOTHING),
        refusal=refusal,
        reason=reason,
    )
