"""Reads the catalogue."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound

_COURSE = """
select course.id, course.name, course.description, course.course_type, course.duration_hours, course.price, course.max_capacity,
       course.certification_validity_years, course.is_active, course.updated_at, told.audience, told.included, variant.qualification
  from courses as course
  left join course_descriptions as told on told.course_id = course.id
  left join course_variants as variant on variant.course_id = course.id
"""
_AFFECTED = statement(__file__, "affected.sql")


@dataclass(frozen=True, slots=True)
class Course:
    """`audience` is whom it is for, `included` what everybody takes home; `qualification` is judged when a date is published."""

    id: int
    name: str
    description: str | None
    course_type: str
    duration_hours: Decimal
    price: Decimal
    max_capacity: int
    certification_validity_years: int
    is_active: bool
    updated_at: datetime
    audience: str | None
    included: str | None
    qualification: str | None


@dataclass(frozen=True, slots=True)
class Affected:
    """A date of the course, its seats now and after a change. Times are UTC without zone."""

    id: int
    starts_at: datetime
    ends_at: datetime
    status: str
    place: str
    taken: int
    seats: int
    seats_then: int

    @property
    def is_crowded(self) -> bool:
        """More people are booked than would have a chair."""
        return self.taken > self.seats_then


async def list_courses(db: Connection, *, after: int = 0, limit: int = 100, inactive: bool = False) -> list[Course]:
    """In the order they were added, `limit` at most, those behind the id `after`."""
    async with db.cursor(row_factory=class_row(Course)) as cursor:
        await cursor.execute(
            f"{_COURSE} where course.id > %(after)s and (course.is_active or %(inactive)s) order by course.id limit %(limit)s",
            {"after": after, "inactive": inactive, "limit": limit},
        )
        return await cursor.fetchall()


async def get_course(db: Connection, course_id: int, *, inactive: bool = False) -> Course:
    """Raises NotFound; a course no longer taught is found only where `inactive` is set."""
    async with db.cursor(row_factory=class_row(Course)) as cursor:
        await cursor.execute(
            f"{_COURSE} where course.id = %(id)s and (course.is_active or %(inactive)s)",
            {"id": course_id, "inactive": inactive},
        )
        course = await cursor.fetchone()
    if course is None:
        raise NotFound("There is no such course.")
    return course


async def list_affected(
    db: Connection, course_id: int, now: datetime, *, capacity: int | None = None
) -> list[Affected]:
    """The dates still to come, in order of start; and earlier ones on which more people were than `capacity` allows."""
    async with db.cursor(row_factory=class_row(Affected)) as cursor:
        await cursor.execute(_AFFECTED, {"course_id": course_id, "now": now, "capacity": capacity})
        return await cursor.fetchall()


async def list_qualifications(db: Connection) -> list[tuple[str, str]]:
    """As (key, name), for a form."""
    cursor = await db.execute("select qualification, name from qualification_rules order by name")
    return [(row["qualification"], row["name"]) for row in await cursor.fetchall()]
