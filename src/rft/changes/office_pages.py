"""What the office does with places: gives them up with its own sum and reason, moves them, and names somebody else."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.queries import get_order
from rft.bookings.schemas import AttendeeRequest
from rft.changes.moves import move_place, substitute
from rft.changes.queries import Seat, get_seat, list_seats_of_order, list_targets
from rft.changes.rules import CANCELLABLE, NOTHING_TO_CANCEL
from rft.changes.schemas import MoveRequest
from rft.changes.service import Wish, cancel_places, close_pages, weigh
from rft.changes.sums import read_id, read_sum
from rft.database.pool import Database
from rft.errors import NotValid, Refusal
from rft.kit.clock import utc_now
from rft.kit.money import in_words
from rft.web.dependencies import Admin, Caller, Db, require_role
from rft.web.forms import form_errors
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form()]
_LONGEST_REASON = 200


@router.get("/bookings/{reference}/cancel")
async def show_cancel_booking(reference: str, request: Request, database: Db) -> Response:
    return await _cancel_page(request, database, [await _seat(database, reference)], _booking(reference))


@router.post("/bookings/{reference}/cancel")
async def cancel_booking(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    return await _cancel(request, database, admin, [await _seat(database, reference)], _booking(reference))


@router.get("/orders/{reference}/cancel")
async def show_cancel_order(reference: str, request: Request, database: Db) -> Response:
    return await _cancel_page(request, database, await _order_seats(database, reference), f"/office/orders/{reference}")


@router.post("/orders/{reference}/cancel")
async def cancel_order(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    seats = await _order_seats(database, reference)
    return await _cancel(request, database, admin, seats, f"/office/orders/{reference}")


async def _cancel(
    request: Request, database: Database, admin: Caller, seats: Sequence[Seat], back: str
) -> Response:  # fmt: skip
    form = await request.form()
    typed = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    chosen = [seat for seat in seats if f"refund_{seat.reference}" in typed and seat.status in CANCELLABLE]
    try:
        wish = _read_wish(admin, chosen, typed)
        await close_pages(database, request.app.state.gateway, chosen)
        ids = [seat.id for seat in chosen]
        refund = await database.run(lambda db: cancel_places(db, seats[0].order_id, ids, wish, now=utc_now()))
    except Refusal as refusal:
        return await _cancel_page(request, database, seats, back, refusal=refusal, typed=typed)
    response = see_other(back)
    what = "The place is cancelled" if len(chosen) == 1 else f"{len(chosen)} places are cancelled"
    flash(request, response, "success", f"{what}; {in_words(refund)} goes back." if refund else f"{what}.")
    return response


def _read_wish(admin: Caller, seats: Sequence[Seat], typed: Mapping[str, str]) -> Wish:
    """Raises NotValid with a sentence by field."""
    errors: dict[str, str] = {}
    refunds: dict[str, Decimal] = {}
    for seat in seats:
        amount = read_sum(typed[f"refund_{seat.reference}"])
        if amount is None:
            errors[f"refund_{seat.reference}"] = "Enter what goes back, such as 65.00."
        else:
            refunds[seat.reference] = amount
    if typed.get("who") not in ("customer", "us"):
        errors["who"] = "Say who cancels."
    reason = typed.get("reason", "")
    if not 0 < len(reason) <= _LONGEST_REASON:
        errors["reason"] = f"Say why, in at most {_LONGEST_REASON} characters."
    if errors:
        raise NotValid(errors=errors)
    return Wish("us" if typed["who"] == "us" else "office", admin.actor, reason, refunds=refunds)


async def _cancel_page(
    request: Request,
    database: Database,
    seats: Sequence[Seat],
    back: str,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    async with database.connection() as db:
        givings = await weigh(db, seats, utc_now())
    if not givings and refusal is None:
        response = see_other(back)
        flash(request, response, "warning", NOTHING_TO_CANCEL)
        return response
    return render(
        request,
        "office/changes/cancel.html",
        refusal.status if refusal else 200,
        givings=givings,
        back=back,
        action=f"{back}/cancel",
        refusal=refusal,
        typed=typed or {},
    )


@router.get("/bookings/{reference}/move")
async def show_move(reference: str, request: Request, database: Db) -> Response:
    return await _move_page(request, database, await _seat(database, reference))


@router.post("/bookings/{reference}/move")
async def move(
    reference: str, request: Request, database: Db, admin: Admin,
    schedule_id: Typed = "", difference: Typed = "", reason: Typed = "",
) -> Response:  # fmt: skip
    seat = await _seat(database, reference)
    typed = {"schedule_id": schedule_id, "difference": difference, "reason": reason}
    try:
        asked = _read_move(typed)
        moved = await database.run(lambda db: move_place(db, seat, asked, actor=admin.actor, now=utc_now()))
    except Refusal as refusal:
        return await _move_page(request, database, seat, refusal=refusal, typed=typed)
    response = see_other(_booking(seat.reference))
    owed = f" {in_words(-moved.difference)} goes back." if moved.difference < 0 else ""
    flash(request, response, "success", f"The place is moved.{owed}")
    return response


def _read_move(typed: Mapping[str, str]) -> MoveRequest:
    """Raises NotValid."""
    difference = typed["difference"]
    try:
        return MoveRequest.model_validate(
            {
                "schedule_id": read_id(typed["schedule_id"]),
                "payment_method": difference if difference not in ("", "waive") else None,
                "waive": difference == "waive",
                "reason": typed["reason"].strip() or None,
            }
        )
    except ValidationError as wrong:
        errors = form_errors(wrong)
        if "schedule_id" in errors:
            errors["schedule_id"] = "Choose a date."
        if "" in errors:
            errors["reason"] = errors.pop("")
        raise NotValid(errors=errors) from wrong


async def _move_page(
    request: Request,
    database: Database,
    seat: Seat,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    async with database.connection() as db:
        targets = await list_targets(
            db, course_id=seat.course_id, except_id=seat.schedule_id, now=utc_now(), any_course=True
        )
    return render(
        request,
        "office/changes/move.html",
        refusal.status if refusal else 200,
        seat=seat,
        targets=targets,
        refusal=refusal,
        typed=typed or {"schedule_id": "", "difference": "", "reason": ""},
    )


@router.get("/bookings/{reference}/attendee")
async def show_attendee(reference: str, request: Request, database: Db) -> Response:
    seat = await _seat(database, reference)
    typed = {"first_name": seat.first_name, "last_name": seat.last_name, "email": seat.attendee_email}
    return _attendee_page(request, seat, typed)


@router.post("/bookings/{reference}/attendee")
async def name_attendee(
    reference: str, request: Request, database: Db, admin: Admin,
    first_name: Typed = "", last_name: Typed = "", email: Typed = "",
) -> Response:  # fmt: skip
    seat = await _seat(database, reference)
    typed = {"first_name": first_name, "last_name": last_name, "email": email}
    try:
        person = AttendeeRequest.model_validate({**typed, "email": email.strip() or None})
    except ValidationError as wrong:
        return _attendee_page(request, seat, typed, errors=form_errors(wrong))
    try:
        await database.run(lambda db: substitute(db, seat, person, actor=admin.actor, now=utc_now()))
    except Refusal as refusal:
        return _attendee_page(request, seat, typed, errors={"": refusal.detail}, status=refusal.status)
    response = see_other(_booking(seat.reference))
    flash(request, response, "success", f"The place is {person.first_name} {person.last_name}'s.")
    return response


def _attendee_page(
    request: Request, seat: Seat, typed: Mapping[str, Any], *, errors: dict[str, str] | None = None, status: int = 422
) -> Response:
    return render(
        request, "office/changes/attendee.html", status if errors else 200, seat=seat, typed=typed, errors=errors or {}
    )


def _booking(reference: str) -> str:
    return f"/office/bookings/{reference}"


async def _seat(database: Database, reference: str) -> Seat:
    async with database.connection() as db:
        return await get_seat(db, reference)


async def _order_seats(database: Database, reference: str) -> list[Seat]:
    async with database.connection() as db:
        order = await get_order(db, reference, staff=True)
        return await list_seats_of_order(db, order.id)
