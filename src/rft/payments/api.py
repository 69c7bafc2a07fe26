"""Stripe's webhook, and what the office does about money."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from rft.audit.service import record
from rft.bookings.admin_api import office_body
from rft.bookings.api import order_body
from rft.bookings.queries import get_booking, get_order, list_bookings_of_order
from rft.database.pool import Connection
from rft.kit.fields import Asked, Line
from rft.payments.inbox import receive
from rft.payments.service import confirm_booking, record_payment
from rft.web.dependencies import ApiAdmin, CurrentSettings, Db
from rft.web.problems import PROBLEMS

router = APIRouter(responses=PROBLEMS)


class PaymentRequest(Asked):
    method: Literal["cash", "bank_transfer", "cheque", "card_terminal"]
    note: Annotated[Line, Field(max_length=200)] | None = None


@router.post("/payments/stripe/webhook", summary="Signed events", tags=["Stripe"])
async def webhook(request: Request, database: Db, settings: CurrentSettings) -> dict[str, Any]:
    event = request.app.state.gateway.read_event(await request.body(), request.headers.get("stripe-signature", ""))
    new = await database.run(lambda db: receive(db, event))
    return {"received": True, "new": new}


@router.post(
    "/admin/bookings/{reference}/confirm", summary="Confirms a booking whose payment is there", tags=["Office"]
)
async def confirm(reference: str, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    async def work(db: Connection) -> dict[str, Any]:
        booking = await get_booking(db, reference)
        await confirm_booking(db, booking.id)
        await record(
            db,
            admin.actor,
            "booking.confirm",
            "booking",
            booking.id,
            old={"status": booking.status},
            new={"status": "confirmed"},
        )
        return office_body(await get_booking(db, reference))

    return await database.run(work)


@router.post(
    "/admin/orders/{reference}/payments",
    status_code=201,
    summary="Writes down money the office received",
    tags=["Office"],
)
async def pay(reference: str, asked: PaymentRequest, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    async def work(db: Connection) -> dict[str, Any]:
        order = await get_order(db, reference, staff=True)
        seats = await record_payment(db, order.id, method=asked.method, note=asked.note, recorded_by=admin.user_id)
        new = {"payment_method": asked.method, "amount": order.total, "seats": seats}
        await record(db, admin.actor, "order.payment", "order", order.id, new=new)
        order = await get_order(db, reference, staff=True)
        return order_body(order, await list_bookings_of_order(db, order.id))

    return await database.run(work)
