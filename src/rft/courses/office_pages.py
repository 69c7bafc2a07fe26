"""The office's pages of courses: the list, one course with its dates, adding, changing with the effect shown first."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.courses.forms import EMPTY, LABELS, WEIGHTY, as_typed, changes_to, read_course
from rft.courses.queries import Course, get_course, list_affected, list_courses, list_qualifications
from rft.courses.rules import length_in_words
from rft.courses.service import change_course, create_course
from rft.database.pool import Connection, Database
from rft.errors import ChangedMeanwhile, NotFound, NotValid, Refusal
from rft.kit.clock import day_in_words, london_today, utc_now
from rft.web.dependencies import Admin, Caller, Db, require_role
from rft.web.editing import Edit, Labels, carried, compare_page, read_edit
from rft.web.idempotency import form_once, sent_before
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/courses", dependencies=[Depends(require_role("admin"))])
PATH = "/office/courses"


@router.get("")
async def index(request: Request, database: Db) -> Response:
    async with database.connection() as db:
        courses = await list_courses(db, inactive=True, limit=500)
    courses.sort(key=lambda course: (not course.is_active, course.name))
    return render(request, "office/courses/index.html", courses=courses, length=length_in_words)


@router.get("/new")
async def new(request: Request, database: Db) -> Response:
    return await _form(request, database, EMPTY)


@router.post("/new")
async def create(request: Request, database: Db, admin: Admin) -> Response:
    edit, sent = await read_edit(request, LABELS)
    caller, key = f"course {admin.user_id}", sent.get("form_key", "")

    async def work(db: Connection) -> int | None:
        return await form_once(db, caller, key, edit.typed, lambda db: create_course(db, admin.actor, asked))

    try:
        asked = read_course(edit.typed)
        course_id = await database.run(work)
    except Refusal as refusal:
        return await _form(request, database, edit.typed, refusal=refusal)
    if course_id is None:
        return sent_before(request, PATH)
    response = see_other(f"{PATH}/{course_id}")
    flash(request, response, "success", f"{asked.name} is in the catalogue. Now give it its first date.")
    return response


@router.get("/{course_id}")
async def show(course_id: Id, request: Request, database: Db) -> Response:
    async with database.connection() as db:
        course = await get_course(db, course_id, inactive=True)
        qualifications = dict(await list_qualifications(db))
        dates = await list_affected(db, course_id, utc_now())
    return render(
        request,
        "office/courses/show.html",
        course=course,
        dates=dates,
        length=length_in_words(course.duration_hours),
        qualification=qualifications.get(course.qualification or ""),
    )


@router.get("/{course_id}/edit")
async def edit_form(course_id: Id, request: Request, database: Db) -> Response:
    course = await _course(database, course_id)
    return await _form(request, database, as_typed(course), course=course)


@router.post("/{course_id}/edit")
async def change(course_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    edit, sent = await read_edit(request, LABELS)
    return await _change(request, database, admin, course_id, edit, is_confirmed=bool(sent.get("confirmed")))


async def _change(
    request: Request, database: Database, admin: Caller, course_id: int, edit: Edit, *, is_confirmed: bool
) -> Response:
    course = await _course(database, course_id)
    differences = edit.upon(as_typed(course), course.updated_at)
    if differences:
        labels = Labels(
            f"Change {course.name}", f"{PATH}/{course_id}/edit", (f"{PATH}/{course_id}", course.name), LABELS
        )
        return compare_page(request, labels, edit, differences, as_typed(course), course.updated_at)
    try:
        changes = changes_to(course, read_course(edit.typed))
        if changes.keys() & WEIGHTY:
            asks = await _weigh(request, database, course, edit, changes, is_confirmed=is_confirmed)
            if asks is not None:
                return asks
        await _save(database, admin, course, changes)
    except NotFound:
        raise
    except ChangedMeanwhile:
        # Another save came in between: this one is weighed against it.
        return await _change(request, database, admin, course_id, edit, is_confirmed=is_confirmed)
    except Refusal as refusal:
        return await _form(request, database, edit.typed, course=course, refusal=refusal)
    response = see_other(f"{PATH}/{course_id}")
    flash(request, response, "success", "Saved." if changes else "Nothing was changed.")
    return response


@router.post("/{course_id}/deactivate")
async def deactivate(course_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    return await _switch(request, database, admin, course_id, is_active=False)


@router.post("/{course_id}/reactivate")
async def reactivate(course_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    return await _switch(request, database, admin, course_id, is_active=True)


async def _switch(request: Request, database: Database, admin: Caller, course_id: int, *, is_active: bool) -> Response:
    course = await _course(database, course_id)
    await _save(database, admin, course, {"is_active": is_active})
    response = see_other(f"{PATH}/{course_id}")
    if is_active:
        flash(request, response, "success", f"{course.name} can be booked again.")
    else:
        words = f"{course.name} is no longer sold. Who is booked keeps their place."
        flash(request, response, "success", words, undo=f"{PATH}/{course_id}/reactivate")
    return response


async def _save(database: Database, admin: Caller, course: Course, changes: dict[str, Any]) -> None:
    """Upon the version that was read here. Raises ChangedMeanwhile where another save came in between."""
    if changes:
        await database.run(lambda db: change_course(db, admin.actor, course.id, changes, seen=course.updated_at))


async def _weigh(
    request: Request, database: Database, course: Course, edit: Edit, changes: Mapping[str, Any], *, is_confirmed: bool
) -> Response | None:
    """The page that shows what a change does to the dates; None once that has been seen. Raises NotValid for too few places."""
    async with database.connection() as db:
        dates = await list_affected(db, course.id, utc_now(), capacity=changes.get("max_capacity"))
    crowded = [date for date in dates if date.is_crowded]
    if crowded and "max_capacity" in changes:
        named = ", ".join(f"{day_in_words(london_today(date.starts_at))} ({date.taken})" for date in crowded[:5])
        raise NotValid(
            errors={"max_capacity": f"More places are taken already on {named}."}, code="capacity_covers_seats_taken"
        )
    if is_confirmed or not (dates or "price" in changes):
        return None
    return render(
        request,
        "office/courses/effect.html",
        course=course,
        changes=changes,
        dates=dates,
        typed=edit.typed,
        carried=carried(as_typed(course), course.updated_at),
    )


async def _course(database: Database, course_id: int) -> Course:
    async with database.connection() as db:
        return await get_course(db, course_id, inactive=True)


async def _form(
    request: Request,
    database: Database,
    typed: Mapping[str, str],
    *,
    course: Course | None = None,
    refusal: Refusal | None = None,
) -> Response:
    async with database.connection() as db:
        qualifications = await list_qualifications(db)
    return render(
        request,
        "office/courses/edit.html",
        refusal.status if refusal else 200,
        typed=dict(typed),
        course=course,
        carried=carried(as_typed(course), course.updated_at) if course else {},
        labels=LABELS,
        qualifications=qualifications,
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )
