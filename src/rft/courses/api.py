"""The catalogue over JSON: anyone reads, admins write."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from rft.courses.queries import Course, get_course, list_courses
from rft.courses.schemas import CourseRequest
from rft.courses.service import change_course, create_course
from rft.database.pool import Connection
from rft.web.changes import Changes, checked, take_version, version_of
from rft.web.dependencies import ApiAdmin, Db
from rft.web.idempotency import answer_once
from rft.web.paging import Cursor, Limit, page
from rft.web.paths import Id
from rft.web.problems import PROBLEMS

router = APIRouter(tags=["Courses"], responses=PROBLEMS)


def body(course: Course) -> dict[str, Any]:
    text = {"price": str(course.price), "duration_hours": str(course.duration_hours)}
    return asdict(course) | text | {"updated_at": version_of(course.updated_at)}


@router.get("/courses", summary="What is taught")
async def index(database: Db, limit: Limit = 50, cursor: Cursor = None) -> dict[str, Any]:
    async with database.connection() as db:
        return page(await list_courses(db, after=cursor or 0, limit=limit + 1), limit, lambda course: course.id, body)


@router.get("/courses/{course_id}", summary="One course")
async def show(course_id: Id, database: Db) -> dict[str, Any]:
    async with database.connection() as db:
        return body(await get_course(db, course_id))


@router.post("/admin/courses", status_code=201, summary="Adds a course", tags=["Office"])
async def create(asked: CourseRequest, request: Request, database: Db, admin: ApiAdmin) -> Response:
    async def work(db: Connection) -> dict[str, Any]:
        return body(await get_course(db, await create_course(db, admin.actor, asked), inactive=True))

    return await answer_once(database, request, f"admin {admin.user_id}", work)


@router.get("/admin/courses/{course_id}", summary="One course, also one no longer taught", tags=["Office"])
async def show_to_office(course_id: Id, database: Db, _: ApiAdmin) -> dict[str, Any]:
    async with database.connection() as db:
        return body(await get_course(db, course_id, inactive=True))


@router.patch("/admin/courses/{course_id}", summary="Changes a course", tags=["Office"])
async def change(course_id: Id, changes: Changes, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    """With the `updated_at` that the change is made upon, a newer version is not overwritten: 409 `changed_meanwhile`."""
    async with database.transaction() as db:
        seen = take_version(changes)
        before = await get_course(db, course_id, inactive=True)
        await change_course(db, admin.actor, course_id, checked(CourseRequest, body(before), changes), seen=seen)
        return body(await get_course(db, course_id, inactive=True))
