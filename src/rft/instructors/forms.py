"""Forms about those who teach, as typed, read into requests."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from rft.errors import NotValid
from rft.instructors.queries import Instructor
from rft.instructors.rules import WEEKDAYS
from rft.instructors.schemas import Hours
from rft.web.forms import form_errors

M = TypeVar("M", bound=BaseModel)
# The form's own error belongs to the field whose absence or order it is about.
_WHOLE = {"QualificationRequest": "expires_on", "AbsenceRequest": "last"}

PROFILE = {"phone": "Telephone", "home_town": "Lives in", "postcode_area": "Postcode area", "bio": "Biography"}


def typed_profile(person: Instructor) -> dict[str, str]:
    return {name: getattr(person, name) or "" for name in PROFILE}


async def typed_form(request: Request) -> dict[str, str]:
    """The form's fields as text; files are none of ours."""
    return {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}


def read_form(model: type[M], typed: Mapping[str, str]) -> M:
    """Raises NotValid with a sentence for each field. What was left empty was not said."""
    said: dict[str, Any] = {name: typed[name] for name in model.model_fields if typed.get(name, "").strip()}
    try:
        return model.model_validate(said)
    except ValidationError as wrong:
        errors = {name or _WHOLE.get(model.__name__, ""): text for name, text in form_errors(wrong).items()}
        raise NotValid(errors=errors) from wrong


def read_week(typed: Mapping[str, str]) -> list[Hours]:
    """The days on which both times are said. Raises NotValid for a day with one of them, or in the wrong order."""
    found, errors = [], {}
    for number, name in enumerate(WEEKDAYS, 1):
        opens, closes = typed.get(f"opens-{number}", ""), typed.get(f"closes-{number}", "")
        if not opens and not closes:
            continue
        try:
            hours = Hours.model_validate({"weekday": number, "opens": opens, "closes": closes})
        except ValidationError:
            errors[f"opens-{number}"] = f"Enter both times for {name}, such as 09:00 and 17:00, or neither."
            continue
        if hours.closes <= hours.opens:
            errors[f"closes-{number}"] = f"On {name} the end comes after the start."
        found.append(hours)
    if errors:
        raise NotValid(errors=errors)
    return found
