"""An order with its invoices over JSON, and each of them as a PDF."""

from typing import Any

from fastapi import APIRouter, Response

from rft.bookings.api import order_body
from rft.bookings.queries import get_order, list_bookings_of_order
from rft.invoices.answers import invoice_body, pdf_answer
from rft.invoices.queries import list_of_order
from rft.web.dependencies import Db, OptionalApiCaller
from rft.web.problems import PROBLEMS

router = APIRouter(tags=["Orders"], responses=PROBLEMS)


@router.get("/orders/{reference}", summary="How an order stands")
async def show_order(reference: str, database: Db, caller: OptionalApiCaller, access_token: str = "") -> dict[str, Any]:
    async with database.connection() as db:
        order = await get_order(db, reference, token=access_token or caller.bearer, staff=caller.is_admin)
        bookings = await list_bookings_of_order(db, order.id)
        invoices = await list_of_order(db, order.id)
    return order_body(order, bookings) | {"invoices": [invoice_body(invoice) for invoice in invoices]}


@router.get(
    "/orders/{reference}/invoices/{number}.pdf",
    summary="An invoice, receipt or credit note of an order",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
async def show_pdf(
    reference: str, number: str, database: Db, caller: OptionalApiCaller, access_token: str = ""
) -> Response:
    async with database.connection() as db:
        order = await get_order(db, reference, token=access_token or caller.bearer, staff=caller.is_admin)
    return await pdf_answer(database, number, order_id=order.id)
