"""The office's pages of organisations: the list, one of them, and its form."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.errors import NotValid, Refusal
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import page_of
from rft.organisations.accounts import list_agreed_prices, list_orders_on_account, read_credit
from rft.organisations.forms import LABELS, OrganisationForm
from rft.organisations.queries import get_organisation, list_members, list_organisations, list_sites
from rft.organisations.schemas import MemberRequest, SiteRequest
from rft.organisations.service import add_member, add_site, change_organisation, create_organisation, remove_member
from rft.web.dependencies import Admin, Db, require_role
from rft.web.editing import CARRIED, Difference, Labels, carried, compare_page, read_edit
from rft.web.forms import form_errors
from rft.web.idempotency import form_once, sent_before
from rft.web.lists import ById, Search, neighbours
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/organisations", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form()]
_FIND_ORDER = "select organisation_name from orders where reference = %s"


@router.get("")
async def index(request: Request, database: Db, window: ById, q: Search = "") -> Response:
    async with database.connection() as db:
        page = page_of(await list_organisations(db, window, search=q), window, lambda one: one.id)
        credit = await read_credit(db, [one.id for one in page.rows])
    links = neighbours("/office/organisations", {"q": q}, page)
    return render(request, "office/organisations/index.html", page=page, q=q, credit=credit, links=links)


@router.get("/new")
async def new(request: Request, database: Db, order: Annotated[str, Query(max_length=100)] = "") -> Response:
    """`order` names one that waits for approval: its organisation's name is filled in."""
    async with database.connection() as db:
        row = await (await db.execute(_FIND_ORDER, (order,))).fetchone()
    form = OrganisationForm.blank((row["organisation_name"] or "") if row else "")
    return _form_page(
        request, form, {}, back=("/office/organisations", "Organisations"), action="/office/organisations"
    )


@router.post("")
async def create(request: Request, database: Db, admin: Admin) -> Response:
    sent = await _typed(request)
    form = OrganisationForm(sent)
    asked, errors = form.read()
    if asked is None:
        back = ("/office/organisations", "Organisations")
        return _form_page(request, form, errors, back=back, action="/office/organisations")
    caller, key = f"organisation {admin.user_id}", sent.get("form_key", "")

    async def work(db: Connection) -> int | None:
        return await form_once(db, caller, key, form.fields, lambda db: create_organisation(db, admin.actor, asked))

    organisation_id = await database.run(work)
    if organisation_id is None:
        return sent_before(request, "/office/organisations")
    return _said(request, organisation_id, f"{asked.name} is added. Say who may book for it.")


@router.get("/{organisation_id}")
async def show(organisation_id: Id, request: Request, database: Db) -> Response:
    return await organisation_page(request, database, organisation_id)


async def organisation_page(
    request: Request,
    database: Database,
    organisation_id: int,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """The organisation as it is now; after a refused act with its sentence. Raises NotFound."""
    async with database.connection() as db:
        organisation = await get_organisation(db, organisation_id)
        members = await list_members(db, organisation_id)
        sites = await list_sites(db, organisation_id)
        orders = await list_orders_on_account(db, organisation_id)
        credit = (await read_credit(db, [organisation_id]))[organisation_id]
        prices = await list_agreed_prices(db, organisation_id, london_today(utc_now()))
    return render(
        request,
        "office/organisations/show.html",
        refusal.status if refusal else 200,
        organisation=organisation,
        members=members,
        sites=sites,
        orders=orders,
        credit=credit,
        prices=prices,
        refusal=refusal,
        typed=typed or {},
    )


@router.get("/{organisation_id}/edit")
async def edit(organisation_id: Id, request: Request, database: Db) -> Response:
    async with database.connection() as db:
        organisation = await get_organisation(db, organisation_id)
    address, form = f"/office/organisations/{organisation_id}", OrganisationForm.of(organisation)
    return _form_page(
        request, form, {}, back=(address, organisation.name), action=f"{address}/edit", hidden=carried(form.fields)
    )


@router.post("/{organisation_id}/edit")
async def change(organisation_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    edit, sent = await read_edit(request, LABELS)
    form, address = OrganisationForm(edit.typed), f"/office/organisations/{organisation_id}"
    asked, errors = form.read()
    if asked is None:
        hidden = {name: sent.get(name, "") for name in CARRIED}
        back = (address, "Organisation")
        return _form_page(request, form, errors, back=back, action=f"{address}/edit", hidden=hidden)

    async def work(db: Connection) -> tuple[list[Difference], dict[str, str]]:
        theirs = OrganisationForm.of(await get_organisation(db, organisation_id, locked=True)).fields
        differences = edit.upon(theirs)
        if not differences:
            await change_organisation(db, admin.actor, organisation_id, asked.model_dump())
        return differences, theirs

    differences, theirs = await database.run(work)
    if differences:
        labels = Labels("Change the organisation", f"{address}/edit", (address, theirs["name"]), LABELS)
        return compare_page(request, labels, edit, differences, theirs)
    return _said(request, organisation_id, "The changes are saved.")


@router.post("/{organisation_id}/members")
async def put_member(
    organisation_id: Id, request: Request, database: Db, admin: Admin, email: Typed = "", role: Typed = "booker"
) -> Response:
    async def work(db: Connection) -> None:
        try:
            asked = MemberRequest.model_validate({"email": email, "role": role})
        except ValidationError as wrong:
            raise NotValid(errors=form_errors(wrong)) from wrong
        await add_member(db, admin.actor, organisation_id, asked)

    try:
        await database.run(work)
    except Refusal as refusal:
        typed = {"email": email, "role": role}
        return await organisation_page(request, database, organisation_id, refusal=refusal, typed=typed)
    return _said(request, organisation_id, f"{email.strip()} may now book for the organisation.")


@router.post("/{organisation_id}/members/{user_id}/remove")
async def drop_member(organisation_id: Id, user_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    await database.run(lambda db: remove_member(db, admin.actor, organisation_id, user_id))
    return _said(request, organisation_id, "They no longer book for the organisation.")


@router.post("/{organisation_id}/sites")
async def put_site(
    organisation_id: Id, request: Request, database: Db, admin: Admin, site: Typed = "", address: Typed = ""
) -> Response:
    lines = [line.strip() for line in address.splitlines() if line.strip()]

    async def work(db: Connection) -> None:
        try:
            asked = SiteRequest.model_validate({"name": site, "address": lines})
        except ValidationError as wrong:
            errors = {name.split(".")[0]: text for name, text in form_errors(wrong).items()}
            raise NotValid(errors={{"name": "site"}.get(name, name): text for name, text in errors.items()}) from wrong
        await add_site(db, admin.actor, organisation_id, asked)

    try:
        await database.run(work)
    except Refusal as refusal:
        typed = {"site": site, "address": address}
        return await organisation_page(request, database, organisation_id, refusal=refusal, typed=typed)
    return _said(request, organisation_id, f"{site.strip()} is added.")


async def _typed(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _form_page(
    request: Request, form: OrganisationForm, errors: dict[str, str], *, back: tuple[str, str], action: str,
    hidden: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    return render(
        request,
        "office/organisations/edit.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        back=back,
        action=action,
        carried=hidden or {},
    )


def _said(request: Request, organisation_id: int, text: str) -> Response:
    response = see_other(f"/office/organisations/{organisation_id}")
    flash(request, response, "success", text)
    return response
