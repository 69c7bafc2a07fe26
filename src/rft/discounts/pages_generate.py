"""Many discount codes at once: generated in the office, taken away as a sheet."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from rft.database.pool import Connection, Database
from rft.discounts.forms import read_form
from rft.discounts.office_pages import EMPTY, PATH, STATES, typed_form
from rft.discounts.queries import CodeFilter, WantedState, list_discount_codes
from rft.discounts.rules import code_state
from rft.discounts.schemas import MOST_GENERATED, GenerateRequest
from rft.discounts.service import generate_discount_codes
from rft.errors import Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import Window
from rft.kit.sheets import csv_lines
from rft.web.dependencies import Admin, Db, require_role
from rft.web.idempotency import form_once, sent_before
from rft.web.lists import Search, address
from rft.web.security.csrf import FIELD
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

overview = APIRouter(dependencies=[Depends(require_role("admin"))])
router = APIRouter(prefix=PATH, dependencies=[Depends(require_role("admin"))])
_HEADINGS = ("Code", "Description", "Type", "Value", "First day", "Last day", "Limit", "Used", "State")
_ROWS_AT_ONCE = 500


@overview.get("/office/prices")
async def prices() -> Response:
    """Where the office's menu leads: the codes, and from there to offers and agreed prices."""
    return see_other(PATH)


@router.get("/generate")
async def show_generate(request: Request) -> Response:
    typed = {"valid_from": london_today(utc_now()).isoformat(), "usage_limit": "1", "count": "50"}
    return _page(request, EMPTY | typed)


@router.post("/generate")
async def generate(request: Request, database: Db, admin: Admin) -> Response:
    typed = await typed_form(request)
    key, said = typed.pop("form_key", ""), {name: value for name, value in typed.items() if name != FIELD}

    async def work(db: Connection) -> list[str] | None:
        return await form_once(
            db, f"codes {admin.user_id}", key, said, lambda db: generate_discount_codes(db, admin.actor, asked)
        )

    try:
        asked = read_form(GenerateRequest, typed | {"is_active": "yes"})
        codes = await database.run(work)
    except Refusal as refusal:
        return _page(request, typed, refusal)
    if codes is None:
        return sent_before(request, PATH)
    response = see_other(address(PATH, {"q": f"{asked.prefix.upper()}-"}))
    text = "1 code is ready." if len(codes) == 1 else f"{len(codes)} codes are ready."
    flash(request, response, "success", f"{text} Take them away as a sheet below.")
    return response


@router.get("/codes.csv")
async def sheet(database: Db, q: Search = "", state: WantedState = "") -> Response:
    wanted = CodeFilter(london_today(utc_now()), q, state)
    headers = {"content-disposition": 'attachment; filename="discount-codes.csv"'}
    return StreamingResponse(_lines(database, wanted), media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(database: Database, wanted: CodeFilter) -> AsyncIterator[str]:
    """The list as it is filtered, newest first, a page at a time."""
    yield "\ufeff" + csv_lines([_HEADINGS])
    window = Window(size=_ROWS_AT_ONCE)
    while True:
        async with database.connection() as db:
            found = await list_discount_codes(db, wanted, window)
        codes = found[:_ROWS_AT_ONCE]
        yield csv_lines(
            (code.code, code.description, code.discount_type, code.discount_value, code.valid_from, code.valid_until,
             code.usage_limit, code.times_used, STATES[code_state(code, wanted.today)])
            for code in codes
        )  # fmt: skip
        if len(found) <= _ROWS_AT_ONCE:
            return
        window = Window((codes[-1].id,), size=_ROWS_AT_ONCE)


def _page(request: Request, typed: dict[str, str], refusal: Refusal | None = None) -> Response:
    return render(
        request,
        "office/discounts/generate.html",
        refusal.status if refusal else 200,
        typed=dict.fromkeys(GenerateRequest.model_fields, "") | typed,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
        most=MOST_GENERATED,
    )
