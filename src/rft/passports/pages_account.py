"""What else an organisation has with us: orders and invoices, who books for it, and its list of first-aiders on paper."""

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.certificates.errors import SigningKeyMissing
from rft.certificates.pages import pdf_answer
from rft.database.pool import Database
from rft.errors import NotFound, NotValid, Refusal
from rft.invoices.answers import pdf_answer as invoice_answer
from rft.kit.clock import london_today, utc_now
from rft.kit.sheets import csv_lines
from rft.organisations.accounts import list_orders_on_account, read_credit
from rft.organisations.queries import list_members
from rft.organisations.schemas import MemberRequest
from rft.organisations.service import remove_member
from rft.passports.access import Membership, Own, Owner
from rft.passports.lists import NO_SITE, check_list, make_list
from rft.passports.queries import get_signed_pdf, list_invoices, list_people
from rft.passports.service import invite_member
from rft.web.dependencies import ClientAddress, CurrentSettings, CurrentVisit, Db
from rft.web.forms import form_errors
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.limits import Limit, spend_unless_local
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/organisation/{reference}")
public_router = APIRouter()
Typed = Annotated[str, Form()]
_CHECKS = Limit("list_check", times=60, seconds=600)
_STATES = {"valid": "Valid", "expiring": "Expires within 90 days", "expired": "Expired", "none": "None"}


@router.get("/orders")
async def orders(request: Request, membership: Own, database: Db) -> Response:
    organisation_id = membership.organisation.id
    async with database.connection() as db:
        placed = await list_orders_on_account(db, organisation_id)
        invoices = await list_invoices(db, organisation_id)
        credit = (await read_credit(db, [organisation_id]))[organisation_id]
    today = london_today(utc_now())
    return render(
        request, "passports/orders.html", own=membership, orders=placed, invoices=invoices, credit=credit, today=today
    )


@router.get("/invoices/{number}.pdf")
async def invoice(membership: Own, number: str, database: Db) -> Response:
    async with database.connection() as db:
        cursor = await db.execute(
            """
            select invoice.order_id
              from invoices as invoice join order_organisations as owner on owner.order_id = invoice.order_id
             where invoice.number = %s and owner.organisation_id = %s
            """,
            (number, membership.organisation.id),
        )
        row = await cursor.fetchone()
    if row is None:
        raise NotFound
    return await invoice_answer(database, number, order_id=row["order_id"])


@router.get("/bookers")
async def bookers(request: Request, membership: Own, database: Db) -> Response:
    return await _bookers_page(request, database, membership)


@router.post("/bookers")
async def invite(
    request: Request, membership: Owner, database: Db, email: Typed = "", role: Typed = "booker"
) -> Response:
    typed = {"email": email.strip(), "role": role}
    try:
        asked = MemberRequest.model_validate(typed)
        await database.run(lambda db: invite_member(db, membership.actor, membership.organisation.id, asked))
    except ValidationError as wrong:
        return await _bookers_page(request, database, membership, typed, NotValid(errors=form_errors(wrong)))
    except Refusal as refusal:
        return await _bookers_page(request, database, membership, typed, refusal)
    return _said(request, f"{membership.address}/bookers", f"{asked.email} may book now. We have written to them.")


@router.post("/bookers/{user_id}/remove")
async def remove(request: Request, membership: Owner, user_id: Id, database: Db) -> Response:
    if user_id == membership.user_id:
        sentence = "Nobody removes themselves: another owner can, or our office."
        return await _bookers_page(request, database, membership, None, NotValid(sentence, errors={"": sentence}))
    await database.run(lambda db: remove_member(db, membership.actor, membership.organisation.id, user_id))
    return _said(request, f"{membership.address}/bookers", "They no longer book for the organisation.")


@router.get("/people.csv")
async def export(membership: Own, database: Db) -> Response:
    """Everybody on the list, a line for each certificate, and one for whoever has none."""
    today = london_today(utc_now())
    async with database.connection() as db:
        people = await list_people(db, membership.organisation.id)
    rows: list[list[object]] = [
        [
            "Site",
            "Last name",
            "First name",
            "E-mail",
            "Leaves on",
            "Certificate",
            "Number",
            "Completed",
            "Expires",
            "State",
        ]
    ]
    for person in people:
        who = [person.site_name or NO_SITE, person.last_name, person.first_name, person.email, person.leaves_on]
        for held in person.certificates:
            state = _STATES[held.state_on(today)]
            rows.append([*who, held.course_name, held.number, held.completed_on, held.expires_on, state])
        if not person.certificates:
            rows.append([*who, None, None, None, None, _STATES["none"]])
    headers = {"content-disposition": 'attachment; filename="people.csv"', "cache-control": "private, no-store"}
    return Response(csv_lines(rows), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/lists")
async def sign_list(
    request: Request, membership: Own, database: Db, settings: CurrentSettings, visit: CurrentVisit
) -> Response:
    try:
        made = await database.run(
            lambda db: make_list(
                db, settings, membership.organisation, visit.company, made_by=membership.user_id, now=utc_now()
            )
        )
    except SigningKeyMissing:
        # What the server lacks is ours to mend, and nobody else's to read.
        response = see_other(membership.address)
        flash(
            request,
            response,
            "danger",
            "We cannot sign a list at the moment. Nothing of yours is wrong: please ring us.",
        )
        return response
    return _said(request, membership.address, f"The list {made} is signed. Print it and put it up.")


@router.get("/lists/{number}.pdf")
async def list_file(membership: Own, number: str, database: Db) -> Response:
    async with database.connection() as db:
        return pdf_answer(await get_signed_pdf(db, membership.organisation.id, number), number)


@public_router.get("/first-aiders/{number}")
async def check(
    request: Request, number: str, database: Db, settings: CurrentSettings, address: ClientAddress
) -> Response:
    """Behind the code on the wall: how each certificate on the list stands today."""
    await spend_unless_local(database, settings, _CHECKS, address)
    async with database.connection() as db:
        made, lines, signature = await check_list(db, number, today=london_today(utc_now()))
    return render(request, "passports/check.html", made=made, lines=lines, signature=signature)


async def _bookers_page(
    request: Request,
    database: Database,
    membership: Membership,
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with database.connection() as db:
        members = await list_members(db, membership.organisation.id)
    return render(
        request,
        "passports/bookers.html",
        refusal.status if refusal else 200,
        own=membership,
        members=members,
        typed=typed or {"email": "", "role": "booker"},
        errors=(refusal.errors or {"": refusal.detail}) if refusal else {},
    )


def _said(request: Request, path: str, text: str) -> Response:
    response = see_other(path)
    flash(request, response, "success", text)
    return response
