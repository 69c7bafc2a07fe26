"""Adds and changes courses, with what stands beside them: whom they are for, and which qualification they lead to."""

from datetime import datetime
from typing import Any

from rft.audit.service import Actor, record
from rft.courses.queries import get_course
from rft.courses.schemas import CourseRequest
from rft.database.edit import insert, update
from rft.database.pool import Connection

_DESCRIBED = ("audience", "included")
_BESIDE = (*_DESCRIBED, "qualification")


async def create_course(db: Connection, actor: Actor, asked: CourseRequest) -> int:
    """Answers the new id."""
    values = asked.model_dump()
    course_id = await insert(db, "courses", _columns(values))
    await _put_beside(db, course_id, {name: values[name] for name in _BESIDE if values[name]})
    await record(db, actor, "course.create", "course", course_id, new=values)
    return course_id


async def change_course(
    db: Connection, actor: Actor, course_id: int, changes: dict[str, Any], *, seen: datetime | None = None
) -> None:
    """Raises NotFound, SeatsTaken where the capacity would leave somebody without a seat, HistoryKept for a booked course's type.

    `seen` is the updated_at that the change was made upon: raises ChangedMeanwhile where somebody else has changed it since.
    """
    await update(db, "courses", course_id, {}, seen=seen)
    before = await get_course(db, course_id, inactive=True)
    await update(db, "courses", course_id, _columns(changes))
    beside = {name: changes[name] for name in _BESIDE if name in changes and changes[name] != getattr(before, name)}
    await _put_beside(db, course_id, beside)
    await record(
        db,
        actor,
        "course.change",
        "course",
        course_id,
        old={name: getattr(before, name) for name in changes},
        new=changes,
    )


async def _put_beside(db: Connection, course_id: int, values: dict[str, Any]) -> None:
    """The course counts as changed with it: whoever has its form open is told."""
    if not values:
        return
    if any(name in values for name in _DESCRIBED):
        await db.execute(
            "insert into course_descriptions (course_id) values (%s) on conflict (course_id) do nothing", (course_id,)
        )
        told = {name: values[name] for name in _DESCRIBED if name in values}
        for name, text in told.items():
            await db.execute(f"update course_descriptions set {name} = %s where course_id = %s", (text, course_id))  # noqa: S608 (our own columns)
    if "qualification" in values:
        await db.execute("delete from course_variants where course_id = %s", (course_id,))
        if values["qualification"]:
            await db.execute(
                "insert into course_variants (course_id, qualification) values (%s, %s)",
                (course_id, values["qualification"]),
            )
    await db.execute("update courses set updated_at = utc_clock() where id = %s", (course_id,))


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _BESIDE}
