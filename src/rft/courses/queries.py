"""Reads the catalogue."""

from dataclasses import dataclass
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.errors import NotFound

_COURSE = """
select id, name, description, course_type, duration_hours, price, max_capacity, certification_validity_years, is_active from courses
"""


@dataclass(frozen=True, slots=True)
class Course:
    id: int
    name: str
    description: str | None
    course_type: str
    duration_hours: Decimal
    price: Decimal
    max_capacity: int
    certification_validity_years: int
    is_active: bool


async def list_courses(db: Connection, *, after: int = 0, limit: int = 100, inactive: bool = False) -> list[Course]:
    """In the order they were added, `limit` at most, those behind the id `after`."""
    async with db.cursor(row_factory=class_row(Course)) as cursor:
        await cursor.execute(
            f"{_COURSE} where id > %(after)s and (is_active or %(inactive)s) order by id limit %(limit)s",
            {"after": after, "inactive": inactive, "limit": limit},
        )
        return await cursor.fetchall()


async def get_course(db: Connection, course_id: int, *, inactive: bool = False) -> Course:
    """Raises NotFound; a course no longer taught is found only where `inactive` is set."""
    async with db.cursor(row_factory=class_row(Course)) as cursor:
        await cursor.execute(
            f"{_COURSE} where id = %(id)s and (is_active or %(inactive)s)",
            {"id": course_id, "inactive": inactive},
        )
        course = await cursor.fetchone()
    if course is None:
        raise NotFound("There is no such course.")
    return course
