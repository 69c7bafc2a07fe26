"""The office's page of API tokens: make one, see when each was used, end it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.accounts import tokens
from rft.errors import NotValid, Refusal
from rft.kit.clock import utc_now
from rft.web.dependencies import Admin, Db, require_role
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/api-tokens", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form(max_length=200)]


@router.get("")
async def index(request: Request, database: Db, admin: Admin) -> Response:
    return await _page(request, database, {"email": admin.user.email, "label": "", "role": "admin"})


@router.post("")
async def create(
    request: Request, database: Db, admin: Admin, email: Typed = "", label: Typed = "", role: Typed = ""
) -> Response:
    """The answer shows the token: there is no second time."""
    try:
        token = await tokens.issue_api_token(
            database, email=email, label=label[:100], role=role, now=utc_now(), actor=admin.actor
        )
    except NotValid as refusal:
        return await _page(request, database, {"email": email, "label": label, "role": role}, refusal=refusal)
    return await _page(request, database, {"email": email, "label": "", "role": "admin"}, made=token)


@router.post("/revoke")
async def revoke(request: Request, database: Db, admin: Admin, handle: Typed = "") -> Response:
    label = await tokens.revoke_by_handle(database, admin.actor, handle, utc_now())
    response = see_other("/office/api-tokens")
    flash(request, response, "success", f"“{label}” is ended: its calls are refused from now on.")
    return response


async def _page(
    request: Request, database: Db, typed: dict[str, str], *, made: str = "", refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        living = await tokens.list_api_tokens(db)
    return render(
        request,
        "office/api_tokens/index.html",
        refusal.status if refusal else 200,
        tokens=living,
        typed=typed,
        made=made,
        errors=refusal.errors if refusal else {},
    )
