"""Paying for an order: on to Stripe's page and back, on a purchase order instead, or not at all."""

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rft.bookings.access import OwnOrder, get_own_order
from rft.bookings.errors import TooManyWaiting, TransitionRefused
from rft.bookings.pages_order import Token, Typed, facts_of, open_with_token, review_page
from rft.bookings.queries import Order
from rft.bookings.schemas import PurchaseOrderRequest
from rft.bookings.service import reserve_on_invoice
from rft.bookings.words import in_places
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.payments.checkout import HoldOver, NothingToPay, open_payment_page
from rft.payments.closing import close_payment_page
from rft.payments.errors import PaymentUnavailable
from rft.payments.gateway import Gateway
from rft.payments.queries import find_last_page
from rft.payments.releasing import release_order_seats
from rft.payments.service import settle
from rft.settings import Settings
from rft.web.dependencies import CurrentSettings, CurrentVisit, Db
from rft.web.forms import form_errors
from rft.web.security.flashes import flash
from rft.web.security.order_access import remember_order
from rft.web.security.redirects import see_other
from rft.web.templates import render
from rft.web.visits import Visit

router = APIRouter()
_ASK_AGAIN_SECONDS = 5
_NEEDED = {
    "organisation_name": "Enter the name of your organisation.",
    "purchase_order": "Enter the number of your purchase order.",
}


@router.get("/orders/{reference}/pay")
async def pay_by_link(
    request: Request,
    reference: str,
    database: Db,
    settings: CurrentSettings,
    visit: CurrentVisit,
    access_token: Token = "",
) -> Response:
    """The API's `payment_url`."""
    if not access_token:
        order = await get_own_order(request, reference, database, visit)
        return await _to_payment_page(request, database, settings, order)
    order = await open_with_token(database, reference, access_token)
    response = await _to_payment_page(request, database, settings, order)
    remember_order(request, response, reference, access_token)
    return response


@router.post("/orders/{reference}/pay")
async def pay(
    request: Request,
    order: OwnOrder,
    database: Db,
    settings: CurrentSettings,
    visit: CurrentVisit,
    method: Typed = "",
    organisation_name: Typed = "",
    purchase_order: Typed = "",
) -> Response:
    if method == "invoice":
        typed = {"organisation_name": organisation_name.strip(), "purchase_order": purchase_order.strip()}
        return await _reserve(request, database, order, typed, visit)
    return await _to_payment_page(request, database, settings, order)


async def _to_payment_page(request: Request, database: Database, settings: Settings, order: Order) -> Response:
    """To Stripe's page. Where that cannot be, or there is nothing to pay any more, to the order's own."""
    try:
        url = await open_payment_page(database, request.app.state.gateway, settings, order, now=utc_now())
    except (NothingToPay, HoldOver):
        return see_other(f"/orders/{order.reference}")
    except PaymentUnavailable as refusal:
        response = see_other(f"/orders/{order.reference}/review")
        flash(request, response, "danger", in_places(refusal.detail))
        return response
    return RedirectResponse(url, status_code=303)


async def _reserve(request: Request, database: Database, order: Order, typed: dict[str, str], visit: Visit) -> Response:
    errors: dict[str, str] = {}
    member_id = visit.user.id if visit.user is not None else None
    try:
        asked = PurchaseOrderRequest.model_validate(typed)
        if await close_payment_page(database, request.app.state.gateway, order.id):
            now, said = utc_now(), asked.model_dump()
            await database.run(lambda db: reserve_on_invoice(db, order.id, now=now, member_id=member_id, **said))
        return see_other(f"/orders/{order.reference}")
    except ValidationError as wrong:
        errors = {name: sentence if typed[name] else _NEEDED[name] for name, sentence in form_errors(wrong).items()}
        status = 422
    except (TransitionRefused, TooManyWaiting, PaymentUnavailable) as refusal:
        errors, status = {"": in_places(refusal.detail)}, refusal.status
    facts = await facts_of(database, order)
    if facts["state"] != "held":
        return see_other(f"/orders/{order.reference}")
    return review_page(request, facts, status, errors=errors, typed=typed)


@router.post("/orders/{reference}/release")
async def release(request: Request, order: OwnOrder, database: Db) -> Response:
    """Gives the places back before the time is over. A page on which somebody may be paying is closed first."""
    response = see_other(f"/orders/{order.reference}")
    try:
        if order.hold_expires_at is None or not await close_payment_page(database, request.app.state.gateway, order.id):
            return response
        await database.run(lambda db: release_order_seats(db, order.id))
    except PaymentUnavailable as refusal:
        flash(request, response, "warning", refusal.detail)
        return response
    except TransitionRefused:
        return response
    response = see_other(f"/dates/{order.schedule_id}")
    flash(request, response, "success", "You have given the places back. You have not been charged.")
    return response


@router.get("/orders/{reference}/paid")
async def paid(request: Request, order: OwnOrder, database: Db) -> Response:
    """Where Stripe sends people afterwards. Only what Stripe itself says when it is asked counts."""
    async with database.connection() as db:
        session_id = await find_last_page(db, order.id)
    if session_id is not None and order.status in ("pending", "cancelled"):
        gateway: Gateway = request.app.state.gateway
        try:
            state = await gateway.fetch_checkout(session_id)
        except PaymentUnavailable:
            return _checking_page(request, order)
        await database.run(lambda db: settle(db, state, livemode=gateway.livemode))
        if state.processing:
            return _checking_page(request, order)
    return see_other(f"/orders/{order.reference}")


def _checking_page(request: Request, order: Order) -> Response:
    """Looks again by itself, also without a script."""
    response = render(request, "orders/checking.html", order=order)
    response.headers["refresh"] = str(_ASK_AGAIN_SECONDS)
    return response
