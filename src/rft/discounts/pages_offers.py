"""The office's pages of offers: what is taken off without a code, what it has cost, making one, ending one."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.discounts.forms import read_form
from rft.discounts.office_pages import typed_form
from rft.discounts.prices import list_choices, list_offer_costs
from rft.discounts.rules import offer_in_words
from rft.discounts.schemas import OfferRequest
from rft.discounts.service import create_offer, end_offer
from rft.errors import Refusal
from rft.kit.clock import london_today, utc_now
from rft.web.dependencies import Admin, Db, require_role
from rft.web.idempotency import form_once, sent_before
from rft.web.paths import Id
from rft.web.security.csrf import FIELD
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

PATH = "/office/prices/offers"
router = APIRouter(prefix=PATH, dependencies=[Depends(require_role("admin"))])


@router.get("")
async def index(request: Request, database: Db) -> Response:
    today = london_today(utc_now())
    async with database.connection() as db:
        costs = await list_offer_costs(db)
    return render(request, "office/offers/index.html", costs=costs, today=today, in_words=offer_in_words)


@router.get("/new")
async def new(request: Request, database: Db) -> Response:
    return await _form_page(request, database, {"kind": "seats", "at_least_seats": "1"})


@router.post("/new")
async def create(request: Request, database: Db, admin: Admin) -> Response:
    typed = await typed_form(request)
    key, said = typed.pop("form_key", ""), {name: value for name, value in typed.items() if name != FIELD}

    async def work(db: Connection) -> int | None:
        return await form_once(db, f"offer {admin.user_id}", key, said, lambda db: create_offer(db, admin.actor, asked))

    try:
        asked = read_form(OfferRequest, typed)
        offer_id = await database.run(work)
    except Refusal as refusal:
        return await _form_page(request, database, typed, refusal)
    if offer_id is None:
        return sent_before(request, PATH)
    response = see_other(PATH)
    flash(request, response, "success", f"“{asked.name}” is given to every order that fits.")
    return response


@router.post("/{offer_id}/end")
async def end(offer_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    await database.run(lambda db: end_offer(db, admin.actor, offer_id))
    response = see_other(PATH)
    flash(request, response, "success", "The offer has ended. Orders that were given it keep it.")
    return response


async def _form_page(
    request: Request, database: Database, typed: dict[str, str], refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        _, courses = await list_choices(db)
    return render(
        request,
        "office/offers/new.html",
        refusal.status if refusal else 200,
        typed=dict.fromkeys(OfferRequest.model_fields, "") | typed,
        courses=courses,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )
