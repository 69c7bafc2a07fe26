"""The office's pages of orders, and of one booking with all that happened to it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.acts import acts_on
from rft.bookings.approvals import find_approval
from rft.bookings.history import METHODS, LedgerEntry, list_ledger, read_history
from rft.bookings.queries import Booking, find_given_back, get_booking, get_order, list_bookings_of_order
from rft.bookings.trail import read_trail
from rft.bookings.words import order_lines
from rft.database.pool import Database
from rft.errors import NotFound, Refusal
from rft.kit.clock import utc_now
from rft.kit.money import NOTHING
from rft.kit.references import new_token, read_reference
from rft.organisations.queries import find_organisation_of_order, list_accounts_for
from rft.web.dependencies import Db, require_role
from rft.web.templates import render

router = APIRouter(prefix="/office", dependencies=[Depends(require_role("admin"))])

# How the office receives money; by card it comes through Stripe.
_AT_THE_OFFICE = [
    (method, words.capitalize()) for method, words in METHODS.items() if method not in ("card", "failed_refund")
]


@router.get("/orders/{reference}")
async def order(reference: str, request: Request, database: Db) -> Response:
    return await order_page(request, database, reference)


async def order_page(
    request: Request,
    database: Database,
    reference: str,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The order as it is now; after a refused act with its sentence, and with what was typed into the act's form.

    Raises NotFound.
    """
    async with database.connection() as db:
        found = await get_order(db, reference, staff=True)
        seats = await list_bookings_of_order(db, found.id)
        ledger = await list_ledger(db, seats)
        trail = await read_trail(db, seats)
        approval = await find_approval(db, found.id)
        account = await find_organisation_of_order(db, found.id)
        accounts = await list_accounts_for(db, user_id=found.user_id, name=found.organisation_name)
        history = await read_history(db, seats, placed_at=found.created_at, order_id=found.id, by=found.booker_name)
        cancelled = await find_given_back(db, found.id) is not None
    due = _due(seats, ledger)
    return render(
        request,
        "office/orders/show.html",
        status_of(refusal),
        order=found,
        seats=seats,
        lines=order_lines(found, seats),
        ledger=ledger,
        trail=trail,
        history=history,
        cancelled=cancelled,
        approval=approval,
        account=account,
        accounts=[(one.id, one.name) for one in accounts],
        due=due,
        methods=_AT_THE_OFFICE,
        form_key=new_token(),
        now=utc_now(),
        refusal=refusal,
        typed=typed or {},
    )


def _due(seats: Sequence[Booking], ledger: Sequence[LedgerEntry]) -> Decimal:
    """What the pending seats cost, less what has come in for them."""
    pending = {seat.reference: seat.payment_amount for seat in seats if seat.status == "pending"}
    came = sum((entry.effect for entry in ledger if entry.booking_reference in pending), NOTHING)
    return sum(pending.values(), NOTHING) - came


@router.get("/bookings/{reference}")
async def booking(reference: str, request: Request, database: Db) -> Response:
    return await booking_page(request, database, reference)


async def booking_page(
    request: Request, database: Database, reference: str, *, refusal: Refusal | None = None
) -> Response:
    """The booking as it is now, and what can be done with it. Raises NotFound."""
    async with database.connection() as db:
        found = await get_booking(db, reference)
        ledger = await list_ledger(db, [found])
        history = await read_history(db, [found], placed_at=found.created_at, by=found.customer_name)
    received = sum((entry.amount for entry in ledger if entry.status == "succeeded"), NOTHING)
    kept: Decimal = sum((entry.effect for entry in ledger), NOTHING)
    return render(
        request,
        "office/bookings/show.html",
        status_of(refusal),
        booking=found,
        ledger=ledger,
        history=history,
        kept=kept,
        acts=acts_on(found, received, utc_now()),
        refusal=refusal,
    )


def status_of(refusal: Refusal | None) -> int:
    """The answer's status. What was not found is something within a page that is there."""
    if refusal is None:
        return 200
    return 409 if isinstance(refusal, NotFound) else refusal.status


def is_found(typed: str, references: list[str]) -> bool:
    """Whether the person typed the very reference of the one row that was found."""
    return len(references) == 1 and references[0] in (typed.strip().upper(), read_reference(typed))
