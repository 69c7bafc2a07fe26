"""The office's pages of people: found by name, one with all that stands under the account, added, changed, closed."""

import secrets
from collections.abc import Mapping

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.accounts.browsers import browser_in_words
from rft.accounts.people_forms import EMPTY, LABELS, ROLES, as_typed, changes_to, read_person
from rft.accounts.people_queries import (
    PeopleFilter,
    Person,
    WantedRole,
    WantedState,
    get_person,
    list_other_names,
    list_people,
    read_filed,
)
from rft.accounts.people_schemas import STAFF
from rft.accounts.people_service import change_person, create_person
from rft.audit.service import record
from rft.database.pool import Database
from rft.errors import ChangedMeanwhile, NotFound, Refusal
from rft.kit.clock import utc_now
from rft.kit.pages import page_of
from rft.web.dependencies import Admin, Caller, Db, require_role
from rft.web.editing import Edit, Labels, carried, compare_page, read_edit
from rft.web.lists import ById, Search, address, neighbours
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.security.sessions import list_sessions, revoke_sessions
from rft.web.templates import render

router = APIRouter(prefix="/office/people", dependencies=[Depends(require_role("admin"))])
PATH = "/office/people"
_ROLES: dict[WantedRole, str] = {
    "": "Everybody",
    "customer": "Customers",
    "instructor": "Instructors",
    "admin": "Admins",
}
_STATES: dict[WantedState, str] = {"": "Any", "active": "Active", "closed": "Closed", "merged": "Merged into another"}


@router.get("")
async def index(
    request: Request, database: Db, window: ById, q: Search = "", role: WantedRole = "", state: WantedState = ""
) -> Response:
    filters = {"q": q, "role": role, "state": state}
    async with database.connection() as db:
        found = await list_people(db, PeopleFilter(search=q, role=role, state=state), window)
    page = page_of(found, window, lambda person: person.id)
    return render(
        request,
        "office/people/index.html",
        page=page,
        filters=filters,
        tabs=[(text, address(PATH, {**filters, "role": key}), None) for key, text in _ROLES.items()],
        here=address(PATH, filters),
        states_offered=list(_STATES.items()),
        links=neighbours(PATH, filters, page),
    )


@router.get("/new")
async def new(request: Request) -> Response:
    return _form(request, EMPTY)


@router.post("/new")
async def create(request: Request, database: Db, admin: Admin) -> Response:
    """Staff get a first password, which is shown this once."""
    edit, _ = await read_edit(request, LABELS)
    try:
        asked = read_person(edit.typed)
        password = secrets.token_urlsafe(15) if asked.role in STAFF else ""
        password_hash = await request.app.state.passwords.hash(password) if password else None
        user_id = await database.run(lambda db: create_person(db, admin.actor, asked, password_hash=password_hash))
    except Refusal as refusal:
        return _form(request, edit.typed, refusal=refusal)
    if password:
        response = render(request, "office/people/made.html", 201, user_id=user_id, asked=asked, password=password)
        response.headers["cache-control"] = "no-store"
        return response
    response = see_other(f"{PATH}/{user_id}")
    flash(request, response, "success", f"{asked.email} has an account.")
    return response


@router.get("/{user_id}")
async def show(user_id: Id, request: Request, database: Db) -> Response:
    return await _page(request, database, user_id)


@router.get("/{user_id}/edit")
async def edit_form(user_id: Id, request: Request, database: Db) -> Response:
    person = await _person(database, user_id)
    return _form(request, as_typed(person), person=person)


@router.post("/{user_id}/edit")
async def change(user_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    edit, _ = await read_edit(request, LABELS)
    return await _change(request, database, admin, user_id, edit)


@router.post("/{user_id}/deactivate")
async def deactivate(user_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    return await _switch(request, database, admin, user_id, is_active=False)


@router.post("/{user_id}/reactivate")
async def reactivate(user_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    return await _switch(request, database, admin, user_id, is_active=True)


@router.post("/{user_id}/sign-out")
async def sign_out(user_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    """Everywhere at once."""
    person = await _person(database, user_id)
    async with database.transaction() as db:
        await revoke_sessions(db, user_id)
        await record(db, admin.actor, "user.sign_out", "user", user_id)
    response = see_other(f"{PATH}/{user_id}")
    flash(request, response, "success", f"{person.name} is signed out everywhere.")
    return response


async def _change(request: Request, database: Database, admin: Caller, user_id: int, edit: Edit) -> Response:
    person = await _person(database, user_id)
    differences = edit.upon(as_typed(person), person.updated_at)
    if differences:
        labels = Labels(f"Change {person.name}", f"{PATH}/{user_id}/edit", (f"{PATH}/{user_id}", person.name), LABELS)
        return compare_page(request, labels, edit, differences, as_typed(person), person.updated_at)
    try:
        changes = changes_to(person, read_person(edit.typed, is_active=person.is_active))
        if changes:
            await database.run(lambda db: change_person(db, admin.actor, user_id, changes, seen=person.updated_at))
    except NotFound:
        raise
    except ChangedMeanwhile:
        # Another save came in between: this one is weighed against it.
        return await _change(request, database, admin, user_id, edit)
    except Refusal as refusal:
        return _form(request, edit.typed, person=person, refusal=refusal)
    response = see_other(f"{PATH}/{user_id}")
    flash(request, response, "success", "Saved." if changes else "Nothing was changed.")
    return response


async def _switch(request: Request, database: Database, admin: Caller, user_id: int, *, is_active: bool) -> Response:
    person = await _person(database, user_id)
    try:
        await database.run(lambda db: change_person(db, admin.actor, user_id, {"is_active": is_active}))
    except Refusal as refusal:
        return await _page(request, database, user_id, refusal=refusal)
    response = see_other(f"{PATH}/{user_id}")
    if is_active:
        flash(request, response, "success", f"{person.name} can sign in again.")
    else:
        words = f"{person.name}’s account is closed, and signed out everywhere."
        flash(request, response, "success", words, undo=f"{PATH}/{user_id}/reactivate")
    return response


async def _person(database: Database, user_id: int) -> Person:
    async with database.connection() as db:
        return await get_person(db, user_id)


async def _page(request: Request, database: Database, user_id: int, *, refusal: Refusal | None = None) -> Response:
    async with database.connection() as db:
        person = await get_person(db, user_id)
        filed = await read_filed(db, user_id)
        names = await list_other_names(db, user_id)
        signed_in = await list_sessions(db, user_id, "", utc_now())
    return render(
        request,
        "office/people/show.html",
        refusal.status if refusal else 200,
        person=person,
        filed=filed,
        names=names,
        sessions=signed_in,
        in_words=browser_in_words,
        refusal=refusal,
    )


def _form(
    request: Request, typed: Mapping[str, str], *, person: Person | None = None, refusal: Refusal | None = None
) -> Response:
    return render(
        request,
        "office/people/edit.html",
        refusal.status if refusal else 200,
        typed=dict(typed),
        person=person,
        carried=carried(as_typed(person), person.updated_at) if person else {},
        labels=LABELS,
        roles=ROLES,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )
