"""The office's pages of discount codes: the list, one code with its bookings and its cost, adding, changing, switching off."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.discounts.forms import read_changes, read_form
from rft.discounts.queries import (
    CodeFilter,
    WantedState,
    get_cost,
    get_discount_code,
    is_used,
    list_discount_codes,
    list_uses,
)
from rft.discounts.rules import DiscountCode, code_state, takes_off_in_words
from rft.discounts.schemas import DiscountCodeRequest
from rft.discounts.service import change_discount_code, create_discount_code
from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import page_of
from rft.web.changes import checked
from rft.web.dependencies import Admin, Db, require_role
from rft.web.editing import CARRIED, Difference, Labels, carried, compare_page, read_edit
from rft.web.forms import form_errors
from rft.web.lists import ById, Search, address, neighbours
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/prices/codes", dependencies=[Depends(require_role("admin"))])

PATH = "/office/prices/codes"
STATES: dict[WantedState, str] = {
    "": "All",
    "active": "Active",
    "scheduled": "Not begun",
    "used_up": "Used up",
    "expired": "Expired",
    "off": "Switched off",
}
# What may still change once a booking has been made with the code.
ALWAYS_OPEN = frozenset({"description", "valid_until", "usage_limit", "is_active"})
LABELS = {
    "code": "Code",
    "discount_type": "Kind of discount",
    "discount_value": "Takes off",
    "min_purchase_amount": "Smallest price",
    "valid_from": "First day",
    "valid_until": "Last day",
    "usage_limit": "How often",
    "course_type_restriction": "Only for",
    "description": "Description",
    "is_active": "Customers can use it",
}
EMPTY = {"discount_type": "percentage", "is_active": "yes"}


@router.get("")
async def index(request: Request, database: Db, window: ById, q: Search = "", state: WantedState = "") -> Response:
    today, filters = london_today(utc_now()), {"q": q, "state": state}
    async with database.connection() as db:
        found = await list_discount_codes(db, CodeFilter(today, q, state), window)
    page = page_of(found, window, lambda code: code.id)
    return render(
        request,
        "office/discounts/index.html",
        page=page,
        q=q,
        state=state,
        choices=list(STATES.items()),
        sheet=address(f"{PATH}/codes.csv", filters),
        links=neighbours(PATH, filters, page),
        state_of=lambda code: code_state(code, today),
        takes_off=takes_off_in_words,
    )


@router.get("/new")
async def new(request: Request) -> Response:
    return _form_page(request, EMPTY | {"valid_from": london_today(utc_now()).isoformat()})


@router.post("/new")
async def create(request: Request, database: Db, admin: Admin) -> Response:
    typed = await typed_form(request)
    try:
        asked = read_form(DiscountCodeRequest, typed)
        code_id = await database.run(lambda db: create_discount_code(db, admin.actor, asked))
    except Refusal as refusal:
        return _form_page(request, typed, refusal=refusal)
    response = see_other(f"{PATH}/{code_id}")
    flash(request, response, "success", f"{asked.code} is ready to be used.")
    return response


@router.get("/{code_id}")
async def show(code_id: Id, request: Request, database: Db, window: ById) -> Response:
    today = london_today(utc_now())
    async with database.connection() as db:
        code = await get_discount_code(db, code_id)
        cost = await get_cost(db, code_id)
        page = page_of(await list_uses(db, code_id, window), window, lambda use: use.id)
    return render(
        request,
        "office/discounts/show.html",
        code=code,
        state=code_state(code, today),
        takes_off=takes_off_in_words(code),
        cost=cost,
        uses=page.rows,
        links=neighbours(f"{PATH}/{code_id}", {}, page),
    )


@router.get("/{code_id}/edit")
async def edit(code_id: Id, request: Request, database: Db) -> Response:
    code, frozen = await _code(database, code_id)
    return _form_page(request, _as_typed(code), code=code, frozen=frozen, hidden=carried(_as_typed(code)))


@router.post("/{code_id}/edit")
async def change(code_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    code, frozen = await _code(database, code_id)
    edit, sent = await read_edit(request, tuple(ALWAYS_OPEN) if frozen else LABELS)

    async def work(db: Connection) -> tuple[list[Difference], DiscountCode]:
        now = await get_discount_code(db, code_id, locked=True)
        differences = edit.upon(_as_typed(now))
        if not differences:
            await change_discount_code(db, admin.actor, code_id, _changes(now, edit.typed, frozen=frozen))
        return differences, now

    try:
        differences, now = await database.run(work)
    except NotFound:
        raise
    except Refusal as refusal:
        hidden = {name: sent.get(name, "") for name in CARRIED}
        typed = _as_typed(code) | edit.typed
        return _form_page(request, typed, code=code, frozen=frozen, refusal=refusal, hidden=hidden)
    if differences:
        labels = Labels(f"Change {now.code}", f"{PATH}/{code_id}/edit", (f"{PATH}/{code_id}", now.code), LABELS)
        return compare_page(request, labels, edit, differences, _as_typed(now))
    response = see_other(f"{PATH}/{code_id}")
    flash(request, response, "success", "The code is changed.")
    return response


@router.post("/{code_id}/switch")
async def switch(code_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    to = (await typed_form(request)).get("to") == "on"
    await database.run(lambda db: change_discount_code(db, admin.actor, code_id, {"is_active": to}))
    response = see_other(f"{PATH}/{code_id}")
    words = "The code can be used again." if to else "The code is switched off. Bookings made with it keep their price."
    flash(request, response, "success", words)
    return response


async def typed_form(request: Request) -> dict[str, str]:
    """The form's fields as text; files are none of ours."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


async def _code(database: Database, code_id: int) -> tuple[DiscountCode, bool]:
    """The code, and whether its terms are frozen by a first use."""
    async with database.connection() as db:
        return await get_discount_code(db, code_id), await is_used(db, code_id)


def _changes(code: DiscountCode, typed: Mapping[str, str], *, frozen: bool) -> dict[str, Any]:
    """What differs from the code as it is. Raises NotValid."""
    names = ALWAYS_OPEN if frozen else frozenset(DiscountCodeRequest.model_fields)
    now = {name: _plain(getattr(code, name)) for name in DiscountCodeRequest.model_fields}
    try:
        read = checked(DiscountCodeRequest, now, read_changes(DiscountCodeRequest, typed, names))
    except ValidationError as wrong:
        raise NotValid(errors=form_errors(wrong)) from wrong
    return {name: value for name, value in read.items() if value != getattr(code, name)}


def _plain(value: Any) -> Any:
    """As JSON would have it: the request's model reads money and days from text."""
    return value if value is None or isinstance(value, bool | int) else str(value)


def _as_typed(code: DiscountCode) -> dict[str, str]:
    columns = {name: getattr(code, name) for name in DiscountCodeRequest.model_fields}
    shown = {name: "" if value is None else str(value) for name, value in columns.items()}
    return shown | {"is_active": "yes" if code.is_active else ""}


def _form_page(
    request: Request,
    typed: Mapping[str, str],
    *,
    code: DiscountCode | None = None,
    frozen: bool = False,
    refusal: Refusal | None = None,
    hidden: Mapping[str, str] | None = None,
) -> Response:
    return render(
        request,
        "office/discounts/edit.html",
        refusal.status if refusal else 200,
        typed=dict.fromkeys(DiscountCodeRequest.model_fields, "") | dict(typed),
        code=code,
        frozen=frozen,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
        takes_off=takes_off_in_words(code) if code else "",
        carried=hidden or {},
    )
