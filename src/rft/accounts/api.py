"""People over JSON, for the office."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from rft.accounts.people_queries import PeopleFilter, Person, WantedRole, WantedState, get_person, list_people
from rft.accounts.people_schemas import NewPersonRequest, PersonRequest
from rft.accounts.people_service import change_person, create_person
from rft.accounts.rules import require_strong
from rft.database.pool import Connection
from rft.kit.clock import to_iso
from rft.kit.pages import Window
from rft.web.changes import Changes, checked, take_version, version_of
from rft.web.dependencies import ApiAdmin, Db
from rft.web.idempotency import answer_once
from rft.web.lists import Search
from rft.web.paging import Cursor, Limit, page
from rft.web.paths import Id
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/users", tags=["Office"], responses=PROBLEMS)


def body(person: Person) -> dict[str, Any]:
    times = {"created_at": to_iso(person.created_at), "updated_at": version_of(person.updated_at)}
    signed_in = {"last_login": to_iso(person.last_login) if person.last_login else None}
    erased = {"erased_at": to_iso(person.erased_at) if person.erased_at else None}
    return asdict(person) | times | signed_in | erased


@router.get("", summary="People, the newest first")
async def index(
    database: Db,
    _: ApiAdmin,
    q: Search = "",
    role: WantedRole = "",
    state: WantedState = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    window = Window((cursor,) if cursor is not None else (), size=limit)
    async with database.connection() as db:
        found = await list_people(db, PeopleFilter(search=q, role=role, state=state), window)
    return page(found, limit, lambda person: person.id, body)


@router.post("", status_code=201, summary="Adds a person")
async def create(asked: NewPersonRequest, request: Request, database: Db, admin: ApiAdmin) -> Response:
    """Without a password the account can be booked for, and nobody signs in with it."""
    password_hash = None
    if asked.password is not None:
        require_strong(asked.password, asked.email)
        password_hash = await request.app.state.passwords.hash(asked.password)

    async def work(db: Connection) -> dict[str, Any]:
        return body(await get_person(db, await create_person(db, admin.actor, asked, password_hash=password_hash)))

    return await answer_once(database, request, f"admin {admin.user_id}", work)


@router.get("/{user_id}", summary="One person")
async def show(user_id: Id, database: Db, _: ApiAdmin) -> dict[str, Any]:
    async with database.connection() as db:
        return body(await get_person(db, user_id))


@router.patch("/{user_id}", summary="Changes a person's account: role, address, closed or open")
async def change(user_id: Id, changes: Changes, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    """With the `updated_at` that the change is made upon, a newer version is not overwritten: 409 `changed_meanwhile`."""

    async def work(db: Connection) -> dict[str, Any]:
        before = await get_person(db, user_id)
        await change_person(db, admin.actor, user_id, checked(PersonRequest, asdict(before), wanted), seen=seen)
        return body(await get_person(db, user_id))

    wanted = dict(changes)
    seen = take_version(wanted)
    return await database.run(work)
