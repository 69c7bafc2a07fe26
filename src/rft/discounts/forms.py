"""Reads the office's price forms: what was typed, as the requests' own models want it, or a sentence for each field."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rft.errors import NotValid
from rft.web.forms import form_errors

T = TypeVar("T", bound=BaseModel)
_WHOLE_NUMBERS = frozenset({"usage_limit", "count", "at_least_seats", "days_ahead", "organisation_id", "course_id"})


def read_form(kind: type[T], typed: Mapping[str, str]) -> T:
    """What was left empty is what the model has for nothing. Raises NotValid."""
    values = {name: _value(name, typed[name].strip()) for name in kind.model_fields if typed.get(name, "").strip()}
    if "is_active" in kind.model_fields:
        values["is_active"] = bool(typed.get("is_active"))
    return checked_form(kind, values)


def checked_form(kind: type[T], values: Mapping[str, Any]) -> T:
    """Raises NotValid."""
    try:
        return kind.model_validate(dict(values))
    except ValidationError as wrong:
        errors = form_errors(wrong)
        needed = {name for name in errors if values.get(name) is None}
        raise NotValid(errors=errors | dict.fromkeys(needed & kind.model_fields.keys(), "This is needed.")) from wrong


def read_changes(kind: type[T], typed: Mapping[str, str], names: frozenset[str]) -> dict[str, Any]:
    """The columns of `names` as they were typed, "" for nothing: read together with the rest by web.changes.checked."""
    read = {name: _value(name, typed[name].strip()) if typed.get(name, "").strip() else None for name in names}
    if "is_active" in names:
        read["is_active"] = bool(typed.get("is_active"))
    return {name: value for name, value in read.items() if name in kind.model_fields}


def _value(name: str, text: str) -> str | int:
    """Ids and counts are numbers; anything that is none stays text, and the model says so beside the field."""
    return int(text) if name in _WHOLE_NUMBERS and text.isascii() and text.isdecimal() and len(text) < 11 else text
