"""Quotes and orders over JSON. Placing an order is the hot path: decoded once, one transaction, answered in bytes."""

from decimal import Decimal
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from rft.bookings.limits import ORDERS
from rft.bookings.queries import Booking, Order
from rft.bookings.quotes import Quote, get_quote
from rft.bookings.rules import Price, policy_in_words
from rft.bookings.schemas import OrderRequest, QuoteRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.database.pool import Connection
from rft.errors import NotAllowed
from rft.kit.clock import to_iso, utc_now
from rft.kit.money import shares
from rft.web.dependencies import Db, OptionalApiCaller
from rft.web.idempotency import Claim, claim, keep
from rft.web.problems import PROBLEMS
from rft.web.requests import read_body
from rft.web.security.addresses import client_address
from rft.web.security.api_tokens import find_caller
from rft.web.security.limits import spend_unless_local
from rft.web.security.sessions import User

router = APIRouter(tags=["Orders"], responses=PROBLEMS)
_encode = msgspec.json.Encoder().encode
# The order's own parts are described beside it; this is where the document has them.
_PARTS = "#/paths/~1orders/post/requestBody/content/application~1json/schema/$defs/{model}"


class OrderBody(BaseModel):
    """The answer's shape, for the description of the API."""

    reference: str
    status: str
    total: str
    hold_expires_at: str | None
    payment_url: str | None
    access_token: str
    bookings: list[dict[str, str]]


@router.post("/quotes", summary="What so many seats on a date cost")
async def create_quote(asked: QuoteRequest, database: Db, caller: OptionalApiCaller) -> dict[str, Any]:
    require_office_for(asked, caller.user)
    user_id = caller.user.id if caller.user else None
    async with database.connection() as db:
        quote = await get_quote(
            db,
            asked.schedule_id,
            asked.seats,
            asked.discount_code,
            now=utc_now(),
            user_id=user_id,
            organisation_id=asked.organisation_id,
        )
    return quote_body(quote)


def require_office_for(asked: QuoteRequest, user: User | None) -> None:
    """Raises NotAllowed where somebody who is not the office asks for an organisation's price by its number."""
    if asked.organisation_id is not None and (user is None or user.role != "admin"):
        raise NotAllowed(
            "Only the office books at an organisation's price by its number; sign in as one of its people."
        )


def quote_body(quote: Quote) -> dict[str, Any]:
    """Each line says how much VAT it contains; the lines add up to the total, their VAT to the VAT."""
    price = quote.price
    lines = [_line(f"{quote.course_name}, {quote.venue_name}", price, price.list_price)]
    if price.price_reason:
        lines.append(_line(price.price_reason, price, price.gross - price.list_price))
    if price.reason:
        lines.append(_line(price.reason, price, -price.discount))
    vats = shares(price.vat, [Decimal(line["amount"]) for line in lines])
    return {
        "schedule_id": quote.schedule_id,
        "seats": price.seats,
        "seats_left": quote.seats_left,
        "currency": "GBP",
        "lines": [line | {"vat": str(vat)} for line, vat in zip(lines, vats, strict=True)],
        "subtotal": str(price.gross * price.seats),
        "discount": str(price.discount * price.seats),
        "discount_reason": price.reason,
        "vat": str(price.vat),
        "vat_rate": str(price.vat_rate) if price.vat_rate is not None else None,
        "total": str(price.total),
        "refund_policy": policy_in_words(quote.policy),
        "terms_version": quote.policy.version,
    }


def _line(description: str, price: Price, each: Decimal) -> dict[str, Any]:
    amount = each * price.seats
    return {"description": description, "seats": price.seats, "unit_price": str(each), "amount": str(amount)}


@router.post(
    "/orders",
    status_code=201,
    summary="Books seats: all or none",
    response_model=OrderBody,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": OrderRequest.model_json_schema(ref_template=_PARTS)}},
        },
        "parameters": [
            {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 255}}
        ],
    },
)
async def create_order(request: Request) -> Response:
    """Reads what it needs from the request itself: solving dependencies would cost as much as the booking's own Python."""
    database, settings = request.app.state.database, request.app.state.settings
    key = request.headers.get("idempotency-key")
    body = await read_body(request)
    asked = OrderRequest.model_validate_json(body)
    await spend_unless_local(database, settings, ORDERS, client_address(request))
    user = await find_caller(request)
    require_office_for(asked, user)

    async def place(db: Connection) -> bytes:
        placed = await place_order(
            db,
            asked,
            now=utc_now(),
            hold_minutes=settings.hold_minutes,
            user_id=user.id if user else None,
            office=user is not None and user.role == "admin",
        )
        return _encode(placed_body(placed, settings.base_url))

    async def place_once(db: Connection, key: str) -> tuple[int, bytes]:
        mine = await claim(db, caller=f"order {asked.booker.email.lower()}", key=key, body=body)
        if not isinstance(mine, Claim):
            return mine
        answer = await place(db)
        await keep(db, mine, 201, answer)
        return 201, answer

    if key is None:
        status, answer = 201, await database.run(place, in_transaction=False)
    else:
        status, answer = await database.run(lambda db: place_once(db, key))
    return Response(answer, status, media_type="application/json")


def placed_body(placed: PlacedOrder, base_url: str) -> dict[str, Any]:
    pay = placed.status == "pending" and placed.hold_expires_at is not None
    return {
        "reference": placed.reference,
        "status": placed.status,
        "total": str(placed.total),
        "currency": "GBP",
        "hold_expires_at": to_iso(placed.hold_expires_at) if placed.hold_expires_at else None,
        "payment_url": f"{base_url}/orders/{placed.reference}/pay?access_token={placed.access_token}" if pay else None,
        "access_token": placed.access_token,
        "bookings": [
            {"reference": reference, "status": placed.status, "payment_status": placed.payment_status}
            for reference in placed.booking_references
        ],
    }


def order_body(order: Order, bookings: list[Booking]) -> dict[str, Any]:
    return {
        "reference": order.reference,
        "status": order.status,
        "total": str(order.total),
        "paid": str(order.paid),
        "vat": str(order.vat),
        "currency": "GBP",
        "price": {"list_price": _text(order.list_price), "unit_price": _text(order.unit_price),
                  "unit_discount": _text(order.unit_discount), "price_reason": order.price_reason,
                  "discount_reason": order.discount_reason, "vat_rate": _text(order.vat_rate)},
        "payment_method": order.payment_method,
        "purchase_order": order.purchase_order,
        "hold_expires_at": to_iso(order.hold_expires_at) if order.hold_expires_at else None,
        "schedule": {"id": order.schedule_id, "course": order.course_name, "venue": order.venue_name,
                     "start": to_iso(order.starts_at), "end": to_iso(order.ends_at)},
        "bookings": [booking_body(booking) for booking in bookings],
    }  # fmt: skip


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def booking_body(booking: Booking) -> dict[str, Any]:
    return {
        "reference": booking.reference,
        "status": booking.status,
        "payment_status": booking.payment_status,
        "payment_amount": str(booking.payment_amount),
        "discount_applied": str(booking.discount_applied),
        "attendee": booking.attendee_name,
        "certificate_issued": booking.certificate_issued,
    }
