"""Adds and changes courses."""

from typing import Any

from rft.audit.service import Actor, record
from rft.courses.schemas import CourseRequest
from rft.database.edit import insert, update
from rft.database.pool import Connection


async def create_course(db: Connection, actor: Actor, asked: CourseRequest) -> int:
    """Answers the new id."""
    values = asked.model_dump()
    course_id = await insert(db, "courses", values)
    await record(db, actor, "course.create", "course", course_id, new=values)
    return course_id


async def change_course(db: Connection, actor: Actor, course_id: int, changes: dict[str, Any]) -> None:
    """Raises NotFound, SeatsTaken where the capacity would leave somebody without a seat, HistoryKept for a booked course's type."""
    before = await update(db, "courses", course_id, changes)
    await record(
        db, actor, "course.change", "course", course_id, old={name: before[name] for name in changes}, new=changes
    )
