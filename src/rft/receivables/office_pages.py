"""The office's pages of what is owed: by age and debtor, with chasing, and the answer to orders that wait for approval."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.office_pages import order_page
from rft.errors import NotValid, Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.fields import LARGEST_ID
from rft.kit.money import NOTHING
from rft.receivables.approving import approve_order, decline_order
from rft.receivables.queries import by_debtor, list_receivables
from rft.receivables.rules import AGES, age_of
from rft.receivables.service import chase_now, pause_chasing, resume_chasing
from rft.web.dependencies import Admin, Db, require_role
from rft.web.lists import read_number
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form()]
_REASON = "Give a reason of at most 300 characters."
_LONGEST_REASON = 300


@router.get("/receivables")
async def receivables(request: Request, database: Db, organisation: int | None = None) -> Response:
    if organisation is not None and not 0 < organisation <= LARGEST_ID:
        organisation = None
    today = london_today(utc_now())
    async with database.connection() as db:
        found = await list_receivables(db, organisation_id=organisation)
    sums = dict.fromkeys(AGES, NOTHING)
    for one in found:
        sums[age_of(one.overdue(today))] += one.amount
    return render(
        request,
        "office/receivables/index.html",
        receivables=found,
        debtors=by_debtor(found, today),
        sums=sums,
        ages=AGES,
        total=sum(sums.values(), NOTHING),
        today=today,
        organisation=organisation,
    )


@router.post("/orders/{reference}/approve")
async def approve(reference: str, request: Request, database: Db, admin: Admin, organisation: Typed = "") -> Response:
    try:
        organisation_id = read_number(organisation)
        await database.run(lambda db: approve_order(db, admin.actor, reference, organisation_id))
    except Refusal as refusal:
        return await order_page(request, database, reference, refusal=refusal)
    return _said(request, f"/office/orders/{reference}", "The order is accepted, and the booker is told.")


@router.post("/orders/{reference}/decline")
async def decline(reference: str, request: Request, database: Db, admin: Admin, reason: Typed = "") -> Response:
    try:
        said = _read_reason(reason)
        gateway = request.app.state.gateway
        await decline_order(database, gateway, reference, actor=admin.actor, reason=said)
    except Refusal as refusal:
        return await order_page(request, database, reference, refusal=refusal, typed={"reason": reason})
    text = "The order is declined: its places are free again, and the booker is told why."
    return _said(request, f"/office/orders/{reference}", text)


@router.post("/orders/{reference}/chase")
async def chase(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    try:
        owed = await database.run(lambda db: chase_now(db, admin.actor, reference, utc_now()))
    except Refusal as refusal:
        return await order_page(request, database, reference, refusal=refusal)
    return _said(
        request, "/office/receivables", f"A reminder of order {owed.reference} is on its way to {owed.debtor}."
    )


@router.post("/orders/{reference}/pause-chasing")
async def pause(reference: str, request: Request, database: Db, admin: Admin, reason: Typed = "") -> Response:
    try:
        said = _read_reason(reason)
        await database.run(lambda db: pause_chasing(db, admin.actor, reference, said))
    except Refusal as refusal:
        return await order_page(request, database, reference, refusal=refusal, typed={"reason": reason})
    return _said(request, "/office/receivables", f"Nobody is reminded of order {reference} until you say so.")


@router.post("/orders/{reference}/resume-chasing")
async def resume(reference: str, request: Request, database: Db, admin: Admin) -> Response:
    try:
        await database.run(lambda db: resume_chasing(db, admin.actor, reference))
    except Refusal as refusal:
        return await order_page(request, database, reference, refusal=refusal)
    return _said(request, "/office/receivables", f"Order {reference} is chased again.")


def _read_reason(typed: str) -> str:
    said = " ".join(typed.split())
    if not 0 < len(said) <= _LONGEST_REASON:
        raise NotValid(_REASON, errors={"reason": _REASON})
    return said


def _said(request: Request, to: str, text: str) -> Response:
    response = see_other(to)
    flash(request, response, "success", text)
    return response
