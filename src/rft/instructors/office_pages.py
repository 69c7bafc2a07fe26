"""The office's pages of those who teach: the list, one person with dates, papers and absences, and the forms for these."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.errors import NotFound, NotValid, Refusal
from rft.instructors.forms import PROFILE, read_form, typed_form, typed_profile
from rft.instructors.queries import (
    Instructor,
    get_instructor,
    list_absences,
    list_hours,
    list_instructors,
    list_papers,
    list_taught,
)
from rft.instructors.rules import KINDS, WEEKDAYS
from rft.instructors.schemas import AbsenceRequest, ProfileRequest, QualificationRequest
from rft.instructors.service import add_absence, add_paper, end_absence, keep_profile, withdraw_paper
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import page_of
from rft.web.dependencies import Admin, Db, require_role
from rft.web.editing import CARRIED, Difference, Labels, carried, compare_page, read_edit
from rft.web.lists import ById, neighbours
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/instructors", dependencies=[Depends(require_role("admin"))])
PATH = "/office/instructors"
_AHEAD = timedelta(days=60)
Work = Callable[[Connection], Awaitable[None]]


@router.get("")
async def index(
    request: Request, database: Db, window: ById, left: Annotated[str, Query(pattern="^(yes)?$")] = ""
) -> Response:
    now = utc_now()
    async with database.connection() as db:
        found = await list_instructors(db, window, now=now, inactive=left == "yes")
    page = page_of(found, window, lambda person: person.id)
    return render(
        request,
        "office/instructors/index.html",
        page=page,
        left=left,
        links=neighbours(PATH, {"left": left}, page),
        today=london_today(now),
    )


@router.get("/{user_id}")
async def show(user_id: Id, request: Request, database: Db) -> Response:
    now = utc_now()
    async with database.connection() as db:
        person = await get_instructor(db, user_id)
        taught = await list_taught(db, user_id, now, now + _AHEAD)
        papers = await list_papers(db, user_id)
        absences = await list_absences(db, user_id, now)
        hours = await list_hours(db, user_id)
    return render(
        request,
        "office/instructors/show.html",
        person=person,
        taught=taught,
        papers=papers,
        absences=absences,
        hours=[(WEEKDAYS[each.weekday - 1], f"{each.opens:%H:%M} to {each.closes:%H:%M}", None) for each in hours],
        today=london_today(now),
    )


@router.get("/{user_id}/edit")
async def edit(user_id: Id, request: Request, database: Db) -> Response:
    async with database.connection() as db:
        person = await get_instructor(db, user_id)
    return await _form(request, database, user_id, "edit", typed_profile(person), hidden=carried(typed_profile(person)))


@router.post("/{user_id}/edit")
async def change(user_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    edit, sent = await read_edit(request, PROFILE)

    async def work(db: Connection) -> tuple[list[Difference], Instructor]:
        person = await get_instructor(db, user_id, locked=True)
        differences = edit.upon(typed_profile(person))
        if not differences:
            await keep_profile(db, admin.actor, user_id, read_form(ProfileRequest, edit.typed))
        return differences, person

    try:
        differences, person = await database.run(work)
    except NotValid as refusal:
        hidden = {name: sent.get(name, "") for name in CARRIED}
        return await _form(request, database, user_id, "edit", edit.typed, refusal, hidden=hidden)
    if differences:
        back = f"{PATH}/{user_id}"
        labels = Labels(f"Change {person.name}", f"{back}/edit", (back, person.name), PROFILE)
        return compare_page(request, labels, edit, differences, typed_profile(person))
    return _back(request, user_id, "Saved.")


@router.get("/{user_id}/qualifications/new")
async def new_paper(user_id: Id, request: Request, database: Db) -> Response:
    return await _form(request, database, user_id, "paper", {})


@router.post("/{user_id}/qualifications/new")
async def create_paper(user_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    typed = await typed_form(request)

    async def work(db: Connection) -> None:
        await add_paper(db, admin.actor, user_id, read_form(QualificationRequest, typed))

    return await _save(request, database, user_id, "paper", typed, work, "The qualification is on record.")


@router.post("/{user_id}/qualifications/{paper_id}/withdraw")
async def withdraw(user_id: Id, paper_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    today = london_today(utc_now())
    await database.run(lambda db: withdraw_paper(db, admin.actor, user_id, paper_id, today))
    return _back(request, user_id, "It no longer counts. It stays on record for the days before today.")


@router.get("/{user_id}/absences/new")
async def new_absence(user_id: Id, request: Request, database: Db) -> Response:
    today = london_today(utc_now()).isoformat()
    return await _form(request, database, user_id, "absence", {"kind": "sickness", "first": today, "last": today})


@router.post("/{user_id}/absences/new")
async def create_absence(user_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    typed = await typed_form(request)

    async def work(db: Connection) -> None:
        await add_absence(db, admin.actor, user_id, read_form(AbsenceRequest, typed))

    return await _save(request, database, user_id, "absence", typed, work, "The absence is on record.")


@router.post("/{user_id}/absences/{absence_id}/end")
async def remove_absence(user_id: Id, absence_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    await database.run(lambda db: end_absence(db, admin.actor, user_id, absence_id))
    return _back(request, user_id, "The absence is off the record.")


async def _save(
    request: Request, database: Database, user_id: int, form: str, typed: dict[str, str], work: Work, done: str
) -> Response:
    try:
        await database.run(work)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _form(request, database, user_id, form, typed, refusal)
    return _back(request, user_id, done)


async def _form(
    request: Request, database: Database, user_id: int, form: str, typed: dict[str, str], refusal: Refusal | None = None, *,
    hidden: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    async with database.connection() as db:
        person = await get_instructor(db, user_id)
    fields = {
        "kind",
        "awarding_body",
        "number",
        "issued_on",
        "expires_on",
        "first",
        "last",
        "note",
        *PROFILE,
    }
    return render(
        request,
        f"office/instructors/{form}.html",
        refusal.status if refusal else 200,
        person=person,
        typed=dict.fromkeys(fields, "") | typed,
        errors=refusal.errors if refusal else {},
        refusal=refusal,
        kinds=list(KINDS.items()),
        carried=hidden or {},
    )


def _back(request: Request, user_id: int, done: str) -> Response:
    response = see_other(f"{PATH}/{user_id}")
    flash(request, response, "success", done)
    return response
