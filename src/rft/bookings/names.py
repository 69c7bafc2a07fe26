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
    """What is written for each place, in order; a field is named after its part and the place's number: `email_2`.

    Each row carries the `reference` of its place (`place_2`): the places of an order may have changed since the form was drawn.
    """

    rows: list[dict[str, str]]

    @classmethod
    def of(cls, bookings: Sequence[Booking]) -> Self:
        """As it is stored."""
        return cls(
            [
                {
                    "reference": booking.reference,
                    "first_name": booking.attendee_first_name or "",
                    "last_name": booking.attendee_last_name or "",
                    "email": booking.attendee_email or "",
                }
                for booking in bookings
            ]
        )

    @classmethod
    def typed(cls, form: Mapping[str, Any], bookings: Sequence[Booking]) -> tuple[Self, bool]:
        """As it was sent, row by row for the places as they are now; and whether the form was drawn for these very places."""
        sent = {_text(form, name): name.removeprefix("place_") for name in form if name.startswith("place_")}
        rows = cls.of(bookings).rows
        written = [
            row | {field: _text(form, f"{field}_{sent[row['reference']]}") for field in FIELDS}
            if row["reference"] in sent
            else row
            for row in rows
        ]
        return cls(written), sent.keys() == {row["reference"] for row in rows}

    def read(self) -> tuple[dict[str, AttendeeRequest | None], dict[str, str]]:
        """Who sits in each place, by its reference (None: left for later); and a sentence for each field that is not right."""
        people: dict[str, AttendeeRequest | None] = {}
        errors: dict[str, str] = {}
        first_use: dict[str, int] = {}
        for place, row in enumerate(self.rows, 1):
            person = None
            said = {field: row[field] for field in FIELDS}
            if any(said.values()):
                try:
                    person = AttendeeRequest.model_validate({**said, "email": said["email"] or None})
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
            people[row["reference"]] = person
        return people, errors


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
