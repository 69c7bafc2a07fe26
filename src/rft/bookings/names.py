"""The form in which attendees are named, a person a place. Every one of them may be left for later."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import ValidationError

from rft.bookings.queries import Booking
from rft.bookings.schemas import AttendeeRequest
from rft.web.forms import form_errors

FIELDS = ("first_name", "last_name", "email")
_NEEDED = {"first_name": "Enter the first name", "last_name": "Enter the last name"}


@dataclass(frozen=True, slots=True)
class NamesForm:
    """What is written for each place, in order; a field is named after its part and the place's number: `email_2`."""

    rows: list[dict[str, str]]

    @classmethod
    def of(cls, bookings: Sequence[Booking]) -> Self:
        """As it is stored."""
        return cls(
            [
                {
                    "first_name": booking.attendee_first_name or "",
                    "last_name": booking.attendee_last_name or "",
                    "email": booking.attendee_email or "",
                }
                for booking in bookings
            ]
        )

    @classmethod
    def typed(cls, form: Mapping[str, Any], places: int) -> Self:
        """As it was sent."""
        return cls([{field: _text(form, f"{field}_{place}") for field in FIELDS} for place in range(1, places + 1)])

    def read(self) -> tuple[list[AttendeeRequest | None], dict[str, str]]:
        """The people, None for a place that is left for later; and a sentence for each field that is not right."""
        people: list[AttendeeRequest | None] = []
        errors: dict[str, str] = {}
        first_use: dict[str, int] = {}
        for place, row in enumerate(self.rows, 1):
            person = None
            if any(row.values()):
                try:
                    person = AttendeeRequest.model_validate({**row, "email": row["email"] or None})
                except ValidationError as wrong:
                    errors |= {
                        f"{field}_{place}": f"{_NEEDED[field]} of attendee {place}."
                        if field in _NEEDED and not row[field]
                        else f"Attendee {place}: {sentence}"
                        for field, sentence in form_errors(wrong).items()
                    }
            if person is not None and person.email is not None:
                before = first_use.setdefault(person.email.lower(), place)
                if before != place:
                    errors[f"email_{place}"] = f"Attendee {place} has the same e-mail address as attendee {before}."
            people.append(person)
        return people, errors


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
