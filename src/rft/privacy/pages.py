"""The office's pages of one person's data: merging duplicates with a preview, the export, and erasure."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.accounts.people_queries import Person, find_person_by_email, get_person, list_alike, read_filed
from rft.audit.service import record
from rft.database.pool import Connection, Database
from rft.errors import NotValid, Refusal
from rft.kit.clock import utc_now
from rft.privacy.export import export_person
from rft.privacy.service import erase_person, merge_people, note_held_request
from rft.web.dependencies import Admin, Db, require_role
from rft.web.lists import Search
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/people/{user_id}", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form(max_length=500)]


@router.get("/merge")
async def preview_merge(user_id: Id, request: Request, database: Db, email: Search = "") -> Response:
    return await _merge_page(request, database, user_id, email)


@router.post("/merge")
async def merge(user_id: Id, request: Request, database: Db, admin: Admin, email: Typed = "") -> Response:
    async def work(db: Connection) -> None:
        other = await find_person_by_email(db, email)
        if other is None:
            raise NotValid(errors={"email": "There is no account with this e-mail address."})
        await merge_people(db, admin.actor, user_id, other.id)

    try:
        await database.run(work)
    except Refusal as refusal:
        return await _merge_page(request, database, user_id, email, refusal=refusal)
    response = see_other(f"/office/people/{user_id}")
    flash(request, response, "success", f"{email} is another name of this account now.")
    return response


@router.post("/export.json")
async def export(user_id: Id, database: Db, admin: Admin) -> Response:
    """A download, and on record: whoever reads everything about a person is written down."""

    async def work(db: Connection) -> dict[str, Any]:
        await db.execute("set transaction isolation level repeatable read")
        data = await export_person(db, user_id, utc_now())
        await record(db, admin.actor, "user.export", "user", user_id)
        return data

    body = json.dumps(await database.run(work), ensure_ascii=False, indent=2)
    headers = {"content-disposition": f'attachment; filename="person-{user_id}.json"', "cache-control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


@router.get("/erase")
async def ask_to_erase(user_id: Id, request: Request, database: Db) -> Response:
    return await _erase_page(request, database, user_id)


@router.post("/erase")
async def erase(
    user_id: Id, request: Request, database: Db, admin: Admin, reason: Typed = "", email: Typed = ""
) -> Response:
    """The address is typed again by hand, since there is no way back. A request that cannot be met yet is kept on record."""
    typed = {"reason": reason.strip(), "email": email.strip()}
    async with database.connection() as db:
        person = await get_person(db, user_id)
    errors = {} if typed["reason"] else {"reason": "Say who asked for it, and when."}
    if typed["email"].lower() != person.email.lower():
        errors["email"] = "Type the person's e-mail address as it stands above."
    if errors:
        return await _erase_page(request, database, user_id, typed=typed, refusal=NotValid(errors=errors))
    try:
        await database.run(lambda db: erase_person(db, admin.actor, user_id, typed["reason"]))
    except Refusal as refusal:
        why_not = refusal.detail
        await database.run(lambda db: note_held_request(db, admin.actor, user_id, typed["reason"], why_not))
        return await _erase_page(request, database, user_id, typed=typed, refusal=refusal)
    response = see_other(f"/office/people/{user_id}")
    flash(
        request,
        response,
        "success",
        "The person's data is erased. Bookings, money and certificates are kept without a name.",
    )
    return response


async def _merge_page(
    request: Request, database: Database, user_id: int, email: str, *, refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        person = await get_person(db, user_id)
        other: Person | None = await find_person_by_email(db, email) if email else None
        moves = await read_filed(db, other.id) if other else {}
        alike = await list_alike(db, person)
    if email and other is None and refusal is None:
        refusal = NotValid(errors={"email": "There is no account with this e-mail address."})
    return render(
        request,
        "office/people/merge.html",
        refusal.status if refusal else 200,
        person=person,
        other=other,
        moves=moves,
        alike=alike,
        email=email,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )


async def _erase_page(
    request: Request,
    database: Database,
    user_id: int,
    *,
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with database.connection() as db:
        person = await get_person(db, user_id)
    return render(
        request,
        "office/people/erase.html",
        refusal.status if refusal else 200,
        person=person,
        typed=typed or {"reason": "", "email": ""},
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )
