"""What the office does about money: writes down what it received, and confirms what is covered."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.audit.service import record
from rft.bookings.history import METHODS
from rft.bookings.office_pages import booking_page, order_page
from rft.bookings.queries import Order, get_booking
from rft.database.pool import Connection
from rft.errors import NotValid, Refusal
from rft.kit.money import in_words
from rft.payments.desk import close_page, note_payment, release_order
from rft.payments.received import confirm_booking
from rft.payments.schemas import PaymentRequest
from rft.web.dependencies import Admin, Db, require_role
from rft.web.forms import form_errors
from rft.web.idempotency import SENT_BEFORE, form_once
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other

router = APIRouter(prefix="/office", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form()]


@router.post("/orders/{reference}/payments")
async def pay(
    reference: str,
    request: Request,
    database: Db,
    admin: Admin,
    method: Typed = "",
    amount: Typed = "",
    note: Typed = "",
    form_key: Typed = "",
) -> Response:
    typed = {"method": method, "amount": amount, "note": note}
    caller = f"payment {reference} {admin.user_id}"

    async def work(db: Connection) -> tuple[Order, Decimal] | None:
        return await form_once(db, caller, form_key, typed, lambda db: note_payment(db, admin.actor, reference, asked))

    try:
        asked = _read(typed)
        await close_page(database, request.app.state.gateway, reference)
        noted = await database.run(work)
    except Refusal as refusal:
        return await order_page(request, database, reference, refusal=refusal, typed=typed)
    response = see_other(f"/office/orders/{reference}")
    if noted is None:
        flash(request, response, "info", SENT_BEFORE)
        return response
    order, received = noted
    text = f"{in_words(received)} by {METHODS[asked.method]} is in the ledger, and the order is {order.standing}."
    flash(request, response, "success", text)
    return response


@router.post("/orders/{reference}/release")
async def release(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    try:
        seats = await release_order(database, request.app.state.gateway, admin.actor, reference)
    except Refusal as refusal:
        return await order_page(request, database, reference, refusal=refusal)
    response = see_other(f"/office/orders/{reference}")
    text = "The place was given back." if seats == 1 else f"{seats} places were given back."
    flash(request, response, "success", text)
    return response


@router.post("/bookings/{reference}/confirm")
async def confirm(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    async def work(db: Connection) -> None:
        booking = await get_booking(db, reference)
        await confirm_booking(db, booking.id)
        old, new = {"status": booking.status}, {"status": "confirmed"}
        await record(db, admin.actor, "booking.confirm", "booking", booking.id, old=old, new=new)

    try:
        await database.run(work)
    except Refusal as refusal:
        return await booking_page(request, database, reference, refusal=refusal)
    response = see_other(f"/office/bookings/{reference}")
    flash(request, response, "success", "The booking is confirmed.")
    return response


def _read(typed: dict[str, str]) -> PaymentRequest:
    try:
        return PaymentRequest.model_validate({name: text.strip() or None for name, text in typed.items()})
    except ValidationError as wrong:
        errors = form_errors(wrong)
        if "method" in errors:
            errors["method"] = "Choose how it was paid."
        raise NotValid(errors=errors) from wrong
