"""The invoices of an order, for whoever may see the order."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.access import OwnOrder
from rft.invoices.answers import pdf_answer
from rft.invoices.queries import list_of_order
from rft.kit.clock import london_today, utc_now
from rft.web.dependencies import Db
from rft.web.templates import render

router = APIRouter()


@router.get("/orders/{reference}/invoices")
async def index(request: Request, order: OwnOrder, database: Db) -> Response:
    async with database.connection() as db:
        invoices = await list_of_order(db, order.id)
    return render(request, "orders/invoices.html", order=order, invoices=invoices, today=london_today(utc_now()))


@router.get("/orders/{reference}/invoices/{number}.pdf")
async def pdf(order: OwnOrder, number: str, database: Db) -> Response:
    return await pdf_answer(database, number, order_id=order.id)
