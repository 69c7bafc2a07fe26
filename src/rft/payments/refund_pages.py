"""The office's pages of refunds: those that wait, one of them, and giving money back for a booking."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.history import METHODS
from rft.bookings.office_pages import status_of
from rft.bookings.queries import Booking, get_booking
from rft.database.pool import Connection, Database
from rft.errors import NotValid, Refusal
from rft.kit.money import in_words
from rft.kit.pages import page_of
from rft.kit.references import new_token
from rft.payments.refund_desk import ask_refund, note_returned, try_again, withdraw
from rft.payments.refund_lists import get_listed_refund, list_refunds
from rft.payments.refund_words import REASONS_TO_GIVE, STATES
from rft.payments.refunds import find_refundable
from rft.payments.schemas import RefundRequest, ReturnedRequest, WithdrawalRequest
from rft.payments.unsettled import list_unsettled, return_unsettled
from rft.web.dependencies import Admin, Db, require_role
from rft.web.forms import form_errors
from rft.web.idempotency import SENT_BEFORE, form_once
from rft.web.lists import ById, address, neighbours
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form()]
State = Literal["waiting", "", "due", "sent", "returned", "failed", "withdrawn"]
_BY_HAND = [
    (method, words.capitalize()) for method, words in METHODS.items() if method not in ("card", "failed_refund")
]
T = TypeVar("T", bound=BaseModel)


@router.get("/refunds")
async def index(request: Request, database: Db, window: ById, state: State = "waiting") -> Response:
    async with database.connection() as db:
        page = page_of(await list_refunds(db, window, state=state), window, lambda refund: refund.id)
        unsettled = await list_unsettled(db) if state == "waiting" else []
    return render(
        request,
        "office/refunds/index.html",
        page=page,
        state=state,
        unsettled=unsettled,
        tabs=[(words, f"/office/refunds?state={name}", None) for name, words in STATES.items()],
        links=neighbours("/office/refunds", {"state": state}, page),
    )


@router.get("/refunds/{refund_id}")
async def show(request: Request, database: Db, refund_id: Id) -> Response:
    return await _refund_page(request, database, refund_id)


@router.post("/refunds/{refund_id}/returned")
async def returned(
    request: Request, database: Db, admin: Admin, refund_id: Id, method: Typed = "", note: Typed = ""
) -> Response:
    typed = {"method": method, "note": note}
    try:
        amount = await note_returned(database, admin.actor, refund_id, _read(ReturnedRequest, typed))
    except Refusal as refusal:
        return await _refund_page(request, database, refund_id, refusal=refusal, typed=typed)
    response = see_other(f"/office/refunds/{refund_id}")
    flash(request, response, "success", f"{in_words(amount)} is in the ledger as returned.")
    return response


@router.post("/refunds/{refund_id}/retry")
async def retry(request: Request, database: Db, admin: Admin, refund_id: Id) -> Response:
    try:
        again = await try_again(database, admin.actor, refund_id)
    except Refusal as refusal:
        return await _refund_page(request, database, refund_id, refusal=refusal)
    response = see_other(f"/office/refunds/{again}")
    flash(request, response, "success", "Stripe is asked again; this is the new refund.")
    return response


@router.post("/refunds/{refund_id}/withdraw")
async def give_up(request: Request, database: Db, admin: Admin, refund_id: Id, why: Typed = "") -> Response:
    typed = {"why": why}
    try:
        await withdraw(database, admin.actor, refund_id, _read(WithdrawalRequest, typed).why)
    except Refusal as refusal:
        return await _refund_page(request, database, refund_id, refusal=refusal, typed=typed)
    response = see_other(f"/office/refunds/{refund_id}")
    flash(request, response, "success", "The refund is withdrawn; the money stays.")
    return response


@router.post("/refunds/unsettled/{payment_intent_id}")
async def send_back(request: Request, database: Db, admin: Admin, payment_intent_id: str) -> Response:
    await return_unsettled(database, admin.actor, payment_intent_id)
    response = see_other("/office/refunds")
    flash(request, response, "success", "Stripe is asked to give the whole payment back.")
    return response


@router.get("/bookings/{reference}/refund")
async def ask(request: Request, database: Db, reference: str) -> Response:
    return await _ask_page(request, database, reference)


@router.post("/bookings/{reference}/refund")
async def owe(
    request: Request,
    database: Db,
    admin: Admin,
    reference: str,
    amount: Typed = "",
    reason: Typed = "",
    note: Typed = "",
    form_key: Typed = "",
) -> Response:
    typed = {"amount": amount, "reason": reason, "note": note}
    caller = f"refund {reference} {admin.user_id}"

    async def work(db: Connection) -> tuple[Booking, list[int]] | None:
        return await form_once(db, caller, form_key, typed, lambda db: ask_refund(db, admin.actor, reference, asked))

    try:
        asked = _read(RefundRequest, typed)
        done = await database.run(work)
    except Refusal as refusal:
        return await _ask_page(request, database, reference, refusal=refusal, typed=typed)
    if done is None:
        response = see_other(f"/office/bookings/{reference}")
        flash(request, response, "info", SENT_BEFORE)
        return response
    booking, ids = done
    response = see_other(f"/office/refunds/{ids[0]}" if len(ids) == 1 else address("/office/refunds", {"state": "due"}))
    flash(request, response, "success", f"{in_words(asked.amount)} goes back for booking {booking.reference}.")
    return response


async def _refund_page(
    request: Request,
    database: Database,
    refund_id: int,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    async with database.connection() as db:
        refund = await get_listed_refund(db, refund_id)
    return render(
        request,
        "office/refunds/show.html",
        status_of(refusal),
        refund=refund,
        methods=_BY_HAND,
        refusal=refusal,
        typed=typed or {},
    )


async def _ask_page(
    request: Request,
    database: Database,
    reference: str,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    async with database.connection() as db:
        booking = await get_booking(db, reference)
        refundable = await find_refundable(db, booking.id)
    return render(
        request,
        "office/refunds/ask.html",
        status_of(refusal),
        booking=booking,
        refundable=refundable,
        form_key=new_token(),
        reasons=REASONS_TO_GIVE,
        refusal=refusal,
        typed=typed or {},
    )


def _read(form: type[T], typed: Mapping[str, str]) -> T:
    """Raises NotValid with a sentence for each field."""
    try:
        return form.model_validate({name: text.strip() or None for name, text in typed.items()})
    except ValidationError as wrong:
        errors = form_errors(wrong)
        needed = {"method": "Choose how it was given back.", "reason": "Choose a reason.", "why": "Say why."}
        blank = {name for name, text in typed.items() if not text.strip()}
        chosen = {
            name: sentence for name, sentence in needed.items() if name in errors and (name != "why" or name in blank)
        }
        if "amount" in errors and "amount" in blank:
            chosen["amount"] = "Say how much goes back."
        raise NotValid(errors={**errors, **chosen}) from wrong
