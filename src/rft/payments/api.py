"""Stripe's webhook, and what the office does about money."""

from typing import Any

from fastapi import APIRouter, Request, Response

from rft.audit.service import record
from rft.bookings.admin_api import office_body
from rft.bookings.api import order_body
from rft.bookings.queries import get_booking, list_bookings_of_order
from rft.database.pool import Connection
from rft.kit.clock import to_iso
from rft.payments.desk import close_page, note_payment
from rft.payments.inbox import receive
from rft.payments.received import confirm_booking
from rft.payments.refund_desk import ask_refund
from rft.payments.refund_lists import ListedRefund, list_refunds_by_id
from rft.payments.schemas import PaymentRequest, RefundRequest
from rft.web.dependencies import ApiAdmin, CurrentSettings, Db
from rft.web.idempotency import answer_once
from rft.web.problems import PROBLEMS

router = APIRouter(responses=PROBLEMS)


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
async def pay(reference: str, asked: PaymentRequest, request: Request, database: Db, admin: ApiAdmin) -> Response:
    await close_page(database, request.app.state.gateway, reference)

    async def work(db: Connection) -> dict[str, Any]:
        order, _ = await note_payment(db, admin.actor, reference, asked)
        return order_body(order, await list_bookings_of_order(db, order.id))

    return await answer_once(database, request, f"admin {admin.user_id}", work)


@router.post(
    "/admin/bookings/{reference}/refund",
    status_code=201,
    summary="Gives money back: to the card it came from, the rest by hand",
    tags=["Office"],
)
async def refund(reference: str, asked: RefundRequest, request: Request, database: Db, admin: ApiAdmin) -> Response:
    async def work(db: Connection) -> dict[str, Any]:
        booking, ids = await ask_refund(db, admin.actor, reference, asked)
        return {
            "booking": booking.reference,
            "refunds": [refund_body(owed) for owed in await list_refunds_by_id(db, ids)],
        }

    return await answer_once(database, request, f"admin {admin.user_id}", work)


def refund_body(refund: ListedRefund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "amount": str(refund.amount),
        "method": refund.method,
        "reason": refund.reason,
        "state": refund.state,
        "created_at": to_iso(refund.created_at),
    }
