"""The form of a telephone booking: as it was typed, read into what is asked for, with a sentence for each field that is not right."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from rft.desk.schemas import PhoneBooking
from rft.errors import NotValid
from rft.web.forms import form_errors

FIELDS = (
    "places", "first_name", "last_name", "email", "phone", "coming", "names", "discount_code", "way", "organisation_id",
    "purchase_order", "note",
)  # fmt: skip
_NEEDED = {
    "places": "Enter how many places, from 1 to 12.",
    "first_name": "Enter the first name.",
    "last_name": "Enter the last name.",
    "email": "Enter the e-mail address: the confirmation goes there.",
    "way": "Choose how it is paid.",
}


def read_typed(form: Mapping[str, Any]) -> dict[str, str]:
    """As it was sent; nothing for what was not."""
    return {name: str(form.get(name, "")).strip() for name in FIELDS}


def read_booking(schedule_id: int, typed: Mapping[str, str]) -> PhoneBooking:
    """Raises NotValid with a sentence by field."""
    attendees, errors = _read_names(typed)
    person = {name: typed[name] or None for name in ("first_name", "last_name", "email", "phone")}
    if typed["coming"] and person["first_name"] and person["last_name"]:
        attendees.insert(0, {"first_name": person["first_name"], "last_name": person["last_name"]})
    try:
        asked = PhoneBooking.model_validate(
            {
                "schedule_id": schedule_id,
                "places": _number(typed["places"]),
                "booker": person,
                "attendees": attendees,
                "organisation_id": _number(typed["organisation_id"]),
                **{name: typed[name] or None for name in ("discount_code", "way", "purchase_order", "note")},
            }
        )
    except ValidationError as wrong:
        found = {name.removeprefix("booker."): text for name, text in form_errors(wrong).items()}
        found |= {
            name: text for name, text in _NEEDED.items() if name in found and (name == "places" or not typed[name])
        }
        if "" in found:
            whole = found.pop("")
            found["purchase_order" if "purchase order" in whole else "names"] = whole
        errors |= found
    if errors:
        raise NotValid(errors=errors)
    return asked


def _read_names(typed: Mapping[str, str]) -> tuple[list[dict[str, str]], dict[str, str]]:
    """One person a line, the last word being the last name."""
    people, errors = [], {}
    for line in typed["names"].splitlines():
        first, _, last = line.strip().rpartition(" ")
        if first and last:
            people.append({"first_name": first.strip(), "last_name": last})
        elif last:
            errors["names"] = f"“{last}” is only one name: write first and last name, a person a line."
    return people, errors


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
