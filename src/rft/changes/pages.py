"""What customers do with their own order: give places up, seeing first what goes back, and move them to another date."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.access import OrderNotShown, OwnOrder
from rft.bookings.queries import Order
from rft.bookings.words import in_places
from rft.changes.moves import move_place, require_customer_may_move
from rft.changes.queries import Seat, get_seat, list_seats_of_order, list_targets
from rft.changes.rules import CANCELLABLE, last_day_to_move
from rft.changes.schemas import MoveRequest
from rft.changes.service import Wish, cancel_places, close_pages, weigh
from rft.changes.sums import read_id, read_sum
from rft.database.pool import Database
from rft.errors import NotFound, Refusal
from rft.kit.clock import utc_now
from rft.kit.money import NOTHING, in_words
from rft.web.dependencies import CurrentVisit, Db
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter()
References = Annotated[list[str] | None, Query(max_length=20)]
Typed = Annotated[str, Form()]


@router.get("/orders/{reference}/cancel")
async def show_cancel(
    request: Request, order: OwnOrder, database: Db, visit: CurrentVisit, places: References = None
) -> Response:
    """Which places, where there are several; then what goes back for them."""
    if visit.user is not None and visit.user.role == "admin":
        return see_other(f"/office/orders/{order.reference}/cancel")
    return await _cancel_page(request, database, order, places or [])


@router.post("/orders/{reference}/cancel")
async def cancel(request: Request, order: OwnOrder, database: Db) -> Response:
    form = await request.form()
    chosen = [str(reference) for reference in form.getlist("places")]
    expected = read_sum(str(form.get("expected", "")))
    async with database.connection() as db:
        seats = [seat for seat in await list_seats_of_order(db, order.id) if seat.reference in chosen]
    if not seats or expected is None:
        return see_other(f"/orders/{order.reference}/cancel")
    wish = Wish("customer", expected=expected)
    try:
        await close_pages(database, request.app.state.gateway, seats)
        await database.run(lambda db: cancel_places(db, order.id, [seat.id for seat in seats], wish, now=utc_now()))
    except Refusal as refusal:
        return await _cancel_page(request, database, order, chosen, refusal=refusal)
    response = see_other(f"/orders/{order.reference}")
    flash(request, response, "success", _done(len(seats), expected))
    return response


def _done(places: int, refund: Any) -> str:
    what = "Your place is cancelled." if places == 1 else f"{places} places are cancelled."
    return f"{what} {in_words(refund)} goes back to where it came from." if refund else what


async def _cancel_page(
    request: Request, database: Database, order: Order, chosen: Sequence[str], *, refusal: Refusal | None = None
) -> Response:
    now = utc_now()
    async with database.connection() as db:
        givings = await weigh(db, await list_seats_of_order(db, order.id), now)
    givings = [giving for giving in givings if giving.seat.first_session > now]
    if not givings:
        return see_other(f"/orders/{order.reference}")
    picked = givings if len(givings) == 1 else [giving for giving in givings if giving.seat.reference in chosen]
    return render(
        request,
        "changes/cancel.html",
        refusal.status if refusal else 200,
        order=order,
        givings=picked or givings,
        several=len(givings) > 1,
        chosen=bool(picked),
        refund=sum((giving.terms.refund for giving in picked), NOTHING),
        paid=sum((giving.terms.paid for giving in picked), NOTHING),
        refused=in_places(refusal.detail) if refusal else None,
    )


@router.get("/orders/{reference}/places/{place}/move")
async def show_move(
    request: Request, order: OwnOrder, place: str, database: Db, visit: CurrentVisit
) -> Response:  # fmt: skip
    seat = await _own_place(database, order, place)
    if visit.user is not None and visit.user.role == "admin":
        return see_other(f"/office/bookings/{seat.reference}/move")
    return await _move_page(request, database, order, seat)


@router.post("/orders/{reference}/places/{place}/move")
async def move(request: Request, order: OwnOrder, place: str, database: Db, schedule_id: Typed = "") -> Response:
    seat = await _own_place(database, order, place)
    try:
        asked = MoveRequest.model_validate({"schedule_id": read_id(schedule_id)})
    except ValidationError:
        return await _move_page(request, database, order, seat, errors={"schedule_id": "Choose a date."})
    try:
        await database.run(lambda db: move_place(db, seat, asked, actor=None, now=utc_now()))
    except Refusal as refusal:
        errors = {"schedule_id": in_places(refusal.detail)}
        return await _move_page(request, database, order, seat, errors=errors, status=refusal.status)
    response = see_other(f"/orders/{order.reference}")
    flash(request, response, "success", f"The place is moved. We have written to {order.booker_email}.")
    return response


async def _own_place(database: Database, order: Order, reference: str) -> Seat:
    """Raises OrderNotShown for a place of another order."""
    async with database.connection() as db:
        try:
            seat = await get_seat(db, reference)
        except NotFound as cause:
            raise OrderNotShown from cause
    if seat.order_id != order.id:
        raise OrderNotShown
    return seat


async def _move_page(
    request: Request,
    database: Database,
    order: Order,
    seat: Seat,
    *,
    errors: dict[str, str] | None = None,
    status: int | None = None,
) -> Response:
    now, why_not, targets = utc_now(), None, []
    try:
        require_customer_may_move(seat, now)
    except Refusal as refusal:
        if seat.status not in CANCELLABLE:
            return see_other(f"/orders/{order.reference}")
        why_not = refusal.detail
    else:
        async with database.connection() as db:
            targets = await list_targets(db, course_id=seat.course_id, except_id=seat.schedule_id, now=now)
    return render(
        request,
        "changes/move.html",
        status or (422 if errors else 200),
        order=order,
        seat=seat,
        targets=targets,
        why_not=why_not,
        last_day=last_day_to_move(seat.policy, seat.first_session),
        errors=errors or {},
    )
