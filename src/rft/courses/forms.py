"""Reads the course form, and fills it in from a course."""

from collections.abc import Mapping
from typing import Any

from rft.courses.queries import Course
from rft.courses.schemas import CourseRequest
from rft.web.editing import read_as, text_or_nothing, whole_number

LABELS = {
    "name": "Name",
    "description": "Description",
    "audience": "Who it is for",
    "included": "What everybody gets",
    "course_type": "Family",
    "qualification": "Qualification",
    "duration_hours": "Contact hours",
    "price": "Price a place",
    "max_capacity": "Places at most",
    "certification_validity_years": "Certificate valid for, in years",
    "is_active": "Open for booking",
}
# What other people's bookings hang on: a change of these is shown with its effect before it is made.
WEIGHTY = frozenset({"price", "max_capacity", "is_active"})
_WHOLE = frozenset({"max_capacity", "certification_validity_years"})
EMPTY = dict.fromkeys(LABELS, "") | {"max_capacity": "12", "certification_validity_years": "3", "is_active": "yes"}


def read_course(typed: Mapping[str, str]) -> CourseRequest:
    """Raises NotValid with a sentence for each field."""
    values: dict[str, Any] = {
        name: whole_number(text) if name in _WHOLE else text_or_nothing(text) for name, text in typed.items()
    }
    return read_as(CourseRequest, values | {"is_active": bool(typed["is_active"])})


def as_typed(course: Course) -> dict[str, str]:
    """The course as its form shows it."""
    shown = {name: getattr(course, name) for name in LABELS}
    return {name: "" if value is None else str(value) for name, value in shown.items()} | {
        "is_active": "yes" if course.is_active else ""
    }


def changes_to(course: Course, asked: CourseRequest) -> dict[str, Any]:
    """The columns that differ."""
    return {name: value for name, value in asked.model_dump().items() if value != getattr(course, name)}
