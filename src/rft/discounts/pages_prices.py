"""The office's page of agreed prices: which organisation pays what for which course, agreeing one, ending one."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Database
from rft.discounts.forms import read_form
from rft.discounts.office_pages import typed_form
from rft.discounts.prices import list_agreed_prices, list_choices
from rft.discounts.schemas import AgreedPriceRequest
from rft.discounts.service import agree_price, end_agreed_price
from rft.errors import NotFound, Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import Window, page_of
from rft.web.dependencies import Admin, Db, require_role
from rft.web.lists import ById, neighbours
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

PATH = "/office/prices/agreed"
router = APIRouter(prefix=PATH, dependencies=[Depends(require_role("admin"))])


@router.get("")
async def index(request: Request, database: Db, window: ById) -> Response:
    typed = {"valid_from": london_today(utc_now()).isoformat()}
    return await _page(request, database, window, typed)


@router.post("")
async def agree(request: Request, database: Db, admin: Admin) -> Response:
    typed = await typed_form(request)
    try:
        asked = read_form(AgreedPriceRequest, typed)
        await database.run(lambda db: agree_price(db, admin.actor, asked))
    except Refusal as refusal:
        return await _page(request, database, Window(), typed, refusal)
    response = see_other(PATH)
    flash(
        request, response, "success", "The price is agreed. The organisation's people get it when they are signed in."
    )
    return response


@router.post("/{price_id}/end")
async def end(price_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    today = london_today(utc_now())
    try:
        await database.run(lambda db: end_agreed_price(db, admin.actor, price_id, today))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, database, Window(), {}, refusal)
    response = see_other(PATH)
    flash(request, response, "success", "Today is its last day. Orders made at this price keep it.")
    return response


async def _page(
    request: Request, database: Database, window: Window, typed: dict[str, str], refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        page = page_of(await list_agreed_prices(db, window), window, lambda price: price.id)
        organisations, courses = await list_choices(db)
    return render(
        request,
        "office/prices/index.html",
        refusal.status if refusal else 200,
        page=page,
        links=neighbours(PATH, {}, page),
        organisations=organisations,
        courses=courses,
        today=london_today(utc_now()),
        typed=dict.fromkeys(AgreedPriceRequest.model_fields, "") | typed,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )
