"""From what Pydantic finds wrong to a sentence for each field, in plain English."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

_NUMBER = "Enter a number, such as 100.00."
_WHOLE = "Enter a whole number."
_DAY = "Enter a date, such as 2026-12-01."
_TIME = "Enter a date and time with its offset, such as 2027-03-01T09:30:00+00:00."
_FORM = "This is not in the right form."

SENTENCES = {
    "missing": "This is needed.",
    "string_too_long": "Use at most {max_length} characters.",
    "string_pattern_mismatch": _FORM,
    "string_unicode": "This text cannot be stored.",
    "string_type": "Enter text.",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": "Use at most {max_digits} digits.",
    "decimal_max_places": "Use at most {decimal_places} decimal places.",
    "decimal_whole_digits": "Use at most {whole_digits} digits before the point.",
    "greater_than": "Enter more than {gt}.",
    "greater_than_equal": "Enter {ge} or more.",
    "less_than": "Enter less than {lt}.",
    "less_than_equal": "Enter {le} or less.",
    "bool_type": "Answer yes or no.",
    "bool_parsing": "Answer yes or no.",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "timezone_aware": _TIME,
    "time_type": "Enter a time, such as 09:30.",
    "time_parsing": "Enter a time, such as 09:30.",
    "enum": "Choose one of {expected}.",
    "literal_error": "Choose one of {expected}.",
    "extra_forbidden": "There is no such field.",
    "list_type": "Give a list.",
    "too_short": "Give at least {min_length}.",
    "too_long": "Give at most {max_length}.",
    "json_invalid": "This is not valid JSON.",
}
_PLACES = ("body", "query", "path", "header", "cookie")


def form_errors(error: ValidationError | RequestValidationError) -> dict[str, str]:
    """Field → sentence, the first one of each field. Fields within fields are joined by points; "" is the whole."""
    found: dict[str, str] = {}
    for one in error.errors():
        found.setdefault(_field(one["loc"], one["type"]), sentence_for(one))
    return found


def sentence_for(error: Mapping[str, Any]) -> str:
    """What to say to the person. A validator of ours that raised ValueError has written the sentence itself."""
    kind, facts = error["type"], error.get("ctx") or {}
    if kind == "string_too_short":
        return "This is needed." if facts["min_length"] == 1 else f"Use at least {facts['min_length']} characters."
    if kind == "too_long" and isinstance(error.get("input"), str):
        kind = "string_too_long"
    if kind == "value_error":
        cause = facts.get("error")
        return str(cause) if isinstance(cause, ValueError) else "Enter an e-mail address, such as name@example.com."
    return SENTENCES.get(kind, _FORM).format(**facts)


def _field(place: Iterable[str | int], kind: str) -> str:
    parts = list(place)
    if kind == "json_invalid":
        return ""
    if parts and parts[0] in _PLACES:
        parts = parts[1:]
    return ".".join(str(part) for part in parts)
