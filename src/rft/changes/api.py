"""Changes over JSON: places given up, moved, given to somebody else, with the refund they cause; and cancelling a whole date."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request, Response

from rft.audit.service import Actor
from rft.bookings.api import booking_body, order_body
from rft.bookings.errors import TransitionRefused
from rft.bookings.queries import get_booking, get_order, list_bookings_of_order
from rft.changes.dates import begin_cancellation, find_cancellation
from rft.changes.moves import Move, move_place, plan_move, substitute
from rft.changes.queries import Seat, get_seat, list_seats_of_order
from rft.changes.rules import CANCELLABLE, NOTHING_TO_CANCEL, require_expected, require_not_begun
from rft.changes.schemas import (
    CancelRequest,
    DateCancelRequest,
    MoveRequest,
    OrderCancelRequest,
    PlaceCancelRequest,
    SubstituteRequest,
)
from rft.changes.service import Wish, cancel_places, close_pages, weigh
from rft.database.pool import Connection, Database
from rft.errors import NotAllowed, NotFound, NotValid
from rft.kit.clock import to_iso, utc_now
from rft.kit.money import NOTHING
from rft.schedules.api import body as schedule_body
from rft.schedules.queries import get_schedule
from rft.schedules.service import cancel_schedule
from rft.web.dependencies import ApiAdmin, Db, OptionalApiCaller, Presented
from rft.web.idempotency import answer_once
from rft.web.paths import Id
from rft.web.problems import PROBLEMS
from rft.web.security.addresses import UNKNOWN, client_address

router = APIRouter(responses=PROBLEMS)
_REASON_NEEDED = "Say why: it stands in the activity log."


@router.post(
    "/orders/{reference}/cancel", summary="Gives up an order's places, with the refund it causes", tags=["Orders"]
)
async def cancel_order(
    reference: str, request: Request, database: Db, caller: OptionalApiCaller,
    asked: OrderCancelRequest | None = None, access_token: str = "",
) -> Response:  # fmt: skip
    """Before the course begins. `expected_refund` makes sure that nothing else goes back than was shown; `dry_run` only says."""
    wanted = asked or OrderCancelRequest()
    async with database.connection() as db:
        order = await get_order(db, reference, **_shown_to(caller, access_token))
        waiting = await list_seats_of_order(db, order.id)

    async def answer(db: Connection, refund: Decimal) -> dict[str, Any]:
        found = await get_order(db, reference, staff=True)
        return order_body(found, await list_bookings_of_order(db, found.id)) | {
            "refund": str(refund), "dry_run": wanted.dry_run,
        }  # fmt: skip

    async def dry(db: Connection) -> dict[str, Any]:
        seats = _chosen(await list_seats_of_order(db, order.id), wanted.bookings)
        return await answer(db, await _weighed(db, seats, wanted.expected_refund, caller))

    async def work(db: Connection) -> dict[str, Any]:
        seats = _chosen(await list_seats_of_order(db, order.id), wanted.bookings)
        return await answer(db, await cancel_places(db, order.id, [seat.id for seat in seats], wish, now=utc_now()))

    if wanted.dry_run:
        return await _once(database, request, caller, dry)
    wish = _wish(request, caller, wanted, {})
    await close_pages(database, request.app.state.gateway, waiting)
    return await _once(database, request, caller, work)


@router.post("/bookings/{reference}/cancel", summary="Gives up one place, with the refund it causes", tags=["Orders"])
async def cancel_booking(
    reference: str, request: Request, database: Db, caller: OptionalApiCaller,
    asked: PlaceCancelRequest | None = None, access_token: str = "",
) -> Response:  # fmt: skip
    """The office may say another sum (`refund`), with its reason."""
    wanted = asked or PlaceCancelRequest()
    seat = await _own_seat(database, caller, reference, access_token)

    async def answer(db: Connection, refund: Decimal) -> dict[str, Any]:
        return await _booking(db, seat) | {"refund": str(refund), "dry_run": wanted.dry_run}

    async def dry(db: Connection) -> dict[str, Any]:
        return await answer(db, await _weighed(db, [seat], wanted.expected_refund, caller))

    async def work(db: Connection) -> dict[str, Any]:
        return await answer(db, await cancel_places(db, seat.order_id, [seat.id], wish, now=utc_now()))

    if wanted.dry_run:
        return await _once(database, request, caller, dry)
    wish = _wish(request, caller, wanted, {seat.reference: wanted.refund} if wanted.refund is not None else {})
    await close_pages(database, request.app.state.gateway, [seat])
    return await _once(database, request, caller, work)


@router.post("/bookings/{reference}/move", summary="Moves a place to another date", tags=["Orders"])
async def move(
    reference: str, asked: MoveRequest, request: Request, database: Db, caller: OptionalApiCaller,
    access_token: str = "",
) -> Response:  # fmt: skip
    """`difference` is what the other date costs more, or less: that goes back."""
    seat = await _own_seat(database, caller, reference, access_token)
    actor = _actor(request, caller)
    if actor is None and (asked.waive or asked.payment_method is not None):
        raise NotAllowed

    async def work(db: Connection) -> dict[str, Any]:
        if asked.dry_run:
            planned = await plan_move(db, seat, asked, by_staff=actor is not None, now=utc_now())
        else:
            planned = await move_place(db, seat, asked, actor=actor, now=utc_now())
        return await _booking(db, seat) | _moved(planned) | {"dry_run": asked.dry_run}

    return await _once(database, request, caller, work)


@router.post("/bookings/{reference}/substitute", summary="Gives a place to somebody else, free", tags=["Orders"])
async def substitute_person(
    reference: str, asked: SubstituteRequest, request: Request, database: Db, caller: OptionalApiCaller,
    access_token: str = "",
) -> Response:  # fmt: skip
    seat = await _own_seat(database, caller, reference, access_token)

    async def work(db: Connection) -> dict[str, Any]:
        await substitute(db, seat, asked, actor=_actor(request, caller), now=utc_now())
        return await _booking(db, seat) | {"refund": str(NOTHING)}

    return await _once(database, request, caller, work)


@router.post("/admin/schedules/{schedule_id}/cancel", summary="Cancels a date and sees to its places", tags=["Office"])
async def cancel_date(
    schedule_id: Id, request: Request, database: Db, admin: ApiAdmin, asked: DateCancelRequest | None = None
) -> Response:
    """With a `reason` everybody is told, moved or refunded in full, in the background; without one no seat may be taken."""
    wanted = asked or DateCancelRequest()

    async def work(db: Connection) -> dict[str, Any]:
        schedule = await get_schedule(db, schedule_id, drafts=True)
        if wanted.reason and schedule.seats_left < schedule.seats:
            await begin_cancellation(
                db, admin.actor, schedule_id, reason=wanted.reason, moves=wanted.moves, now=utc_now()
            )
        else:
            await cancel_schedule(db, admin.actor, schedule_id)
        act = await find_cancellation(db, schedule_id)
        steps = act.steps if act else []
        return schedule_body(await get_schedule(db, schedule_id, drafts=True)) | {
            "places": [{"reference": step.reference, "state": step.state, "why": step.why} for step in steps]
        }

    return await answer_once(database, request, f"admin {admin.user_id}", work, status=200)


def _shown_to(caller: Presented, access_token: str) -> dict[str, Any]:
    return {
        "token": access_token or caller.bearer,
        "staff": caller.is_admin,
        "user_id": caller.user.id if caller.user is not None else None,
    }


async def _own_seat(database: Database, caller: Presented, reference: str, access_token: str) -> Seat:
    """Raises NotFound alike for a booking that does not exist and for somebody else's."""
    async with database.connection() as db:
        seat = await get_seat(db, reference)
        if not caller.is_admin:
            unknown = NotFound("There is no such booking.", code="booking_not_found")
            if seat.order_reference is None:
                raise unknown
            try:
                await get_order(db, seat.order_reference, **_shown_to(caller, access_token))
            except NotFound as cause:
                raise unknown from cause
    return seat


def _chosen(seats: Sequence[Seat], references: Sequence[str] | None) -> list[Seat]:
    """Those asked for, or all that can still be given up. Raises NotFound, TransitionRefused."""
    if references is None:
        chosen = [seat for seat in seats if seat.status in CANCELLABLE]
    else:
        by_reference = {seat.reference: seat for seat in seats}
        if missing := [name for name in references if name not in by_reference]:
            raise NotFound(f"Not a place of this order: {', '.join(missing)}.", code="booking_not_found")
        chosen = [by_reference[name] for name in dict.fromkeys(references)]
    if not chosen:
        raise TransitionRefused(NOTHING_TO_CANCEL)
    return chosen


def _wish(request: Request, caller: Presented, asked: CancelRequest, refunds: dict[str, Decimal]) -> Wish:
    """Raises NotAllowed where a customer asks for what is the office's, NotValid where the office gives no reason."""
    actor = _actor(request, caller)
    if actor is None:
        if refunds or asked.by_us:
            raise NotAllowed
        return Wish("customer", None, asked.reason, asked.expected_refund)
    if not asked.reason:
        raise NotValid(_REASON_NEEDED, errors={"reason": _REASON_NEEDED})
    return Wish("us" if asked.by_us else "office", actor, asked.reason, asked.expected_refund, refunds)


async def _weighed(db: Connection, seats: Sequence[Seat], expected: Decimal | None, caller: Presented) -> Decimal:
    """What would go back now. Raises what cancelling would."""
    now = utc_now()
    if not caller.is_admin:
        for seat in seats:
            require_not_begun(seat.first_session, now)
    givings = await weigh(db, seats, now)
    if len(givings) < len(seats):
        raise TransitionRefused(NOTHING_TO_CANCEL)
    refund = sum((giving.terms.refund for giving in givings), NOTHING)
    require_expected(expected, refund)
    return refund


def _actor(request: Request, caller: Presented) -> Actor | None:
    """The member of staff who acts; None for a customer."""
    if caller.user is None or not caller.is_admin:
        return None
    address = client_address(request)
    return Actor(caller.user.id, None if address == UNKNOWN else address, request.headers.get("user-agent"))


async def _booking(db: Connection, seat: Seat) -> dict[str, Any]:
    booking = await get_booking(db, seat.reference)
    return booking_body(booking) | {"order": booking.order_reference, "schedule_id": booking.schedule_id}


def _moved(move: Move) -> dict[str, Any]:
    return {
        "moved_to": {"schedule_id": move.target.id, "start": to_iso(move.target.starts_at)},
        "difference": str(move.difference),
        "refund": str(max(-move.difference, NOTHING)),
    }


async def _once(database: Database, request: Request, caller: Presented, work: Any) -> Response:
    who = f"user {caller.user.id}" if caller.user is not None else f"bearer {caller.bearer}"
    return await answer_once(database, request, who, work, status=200)
