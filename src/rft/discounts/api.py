"""Discount codes over JSON, for the office."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from rft.database.pool import Connection
from rft.discounts.queries import CodeFilter, WantedState, get_discount_code, list_discount_codes
from rft.discounts.rules import DiscountCode
from rft.discounts.schemas import DiscountCodeRequest, GenerateRequest
from rft.discounts.service import change_discount_code, create_discount_code, generate_discount_codes
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import Window
from rft.web.changes import Changes, checked
from rft.web.dependencies import ApiAdmin, Db
from rft.web.idempotency import answer_once
from rft.web.paging import Cursor, Limit, page
from rft.web.paths import Id
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/discount-codes", tags=["Office"], responses=PROBLEMS)


def body(code: DiscountCode) -> dict[str, Any]:
    least = code.min_purchase_amount
    return asdict(code) | {
        "discount_value": str(code.discount_value),
        "min_purchase_amount": str(least) if least is not None else None,
        "valid_from": code.valid_from.isoformat(),
        "valid_until": code.valid_until.isoformat(),
    }


@router.get("", summary="Discount codes")
async def index(
    database: Db, _: ApiAdmin, search: str = "", state: WantedState = "", limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """The oldest first. `search` is the beginning of a code, or a part of its description."""
    wanted = CodeFilter(london_today(utc_now()), search, state)
    async with database.connection() as db:
        found = await list_discount_codes(db, wanted, Window((cursor or 0,), backwards=True, size=limit))
    return page(found, limit, lambda code: code.id, body)


@router.post("", status_code=201, summary="Adds a discount code")
async def create(asked: DiscountCodeRequest, request: Request, database: Db, admin: ApiAdmin) -> Response:
    async def work(db: Connection) -> dict[str, Any]:
        return body(await get_discount_code(db, await create_discount_code(db, admin.actor, asked)))

    return await answer_once(database, request, f"admin {admin.user_id}", work)


@router.post("/generate", status_code=201, summary="Adds many discount codes with the same terms")
async def generate(asked: GenerateRequest, request: Request, database: Db, admin: ApiAdmin) -> Response:
    async def work(db: Connection) -> dict[str, Any]:
        return {"codes": await generate_discount_codes(db, admin.actor, asked)}

    return await answer_once(database, request, f"admin {admin.user_id}", work)


@router.get("/{code_id}", summary="One discount code")
async def show(code_id: Id, database: Db, _: ApiAdmin) -> dict[str, Any]:
    async with database.connection() as db:
        return body(await get_discount_code(db, code_id))


@router.patch("/{code_id}", summary="Changes a discount code")
async def change(code_id: Id, changes: Changes, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    async with database.transaction() as db:
        before = body(await get_discount_code(db, code_id))
        await change_discount_code(db, admin.actor, code_id, checked(DiscountCodeRequest, before, changes))
        return body(await get_discount_code(db, code_id))
