"""Reads the form of a person's account, and fills it in."""

from collections.abc import Mapping
from typing import Any

from rft.accounts.people_queries import Person
from rft.accounts.people_schemas import PersonRequest
from rft.web.editing import read_as, text_or_nothing

LABELS = {"email": "E-mail", "first_name": "First name", "last_name": "Last name", "phone": "Telephone", "role": "Role"}
ROLES = [
    ("customer", "Customer", "Books and pays; sees their own."),
    ("instructor", "Instructor", "Teaches dates and keeps their registers."),
    ("admin", "Admin", "The whole office."),
]
EMPTY = dict.fromkeys(LABELS, "") | {"role": "customer"}


def read_person(typed: Mapping[str, str], *, is_active: bool = True) -> PersonRequest:
    """Raises NotValid with a sentence for each field."""
    return read_as(
        PersonRequest, {name: text_or_nothing(text) for name, text in typed.items()} | {"is_active": is_active}
    )


def as_typed(person: Person) -> dict[str, str]:
    """The account as its form shows it."""
    return {name: getattr(person, name) or "" for name in LABELS}


def changes_to(person: Person, asked: PersonRequest) -> dict[str, Any]:
    """The columns that differ."""
    return {name: getattr(asked, name) for name in LABELS if getattr(asked, name) != getattr(person, name)}
