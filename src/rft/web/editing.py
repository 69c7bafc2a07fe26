"""Two people change one record: whoever saves second sees both versions side by side, and chooses field by field.

A form carries the `updated_at` that it was drawn from and the values that it was drawn with. A save upon an older version is
weighed: what only the others changed stays theirs, what only this person changed stays this person's, and each field in which
the two versions differ is shown with both, none thrown away.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import ChangedMeanwhile, NotValid
from rft.kit.typed_json import read_json
from rft.web.forms import form_errors
from rft.web.templates import render

T = TypeVar("T", bound=BaseModel)
# The hidden fields by which an edit is known again.
CARRIED = ("updated_at", "was")
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """What a form sent: the fields as typed, as they were when it was drawn, and the version that was drawn from."""

    typed: dict[str, str]
    was: dict[str, str]
    seen: datetime | None

    def upon(self, theirs: Fields, updated_at: datetime | None = None) -> list["Difference"]:
        """The fields in which a newer version differs from what was typed; none where the others changed nothing that is shown.

        Without `updated_at` the values alone tell; whoever asks has the record locked then.
        """
        is_same = updated_at is not None and self.seen == updated_at
        if is_same or all(_plain(theirs[name]) == self.was.get(name, "") for name in self.typed):
            return []
        return [
            Difference(name, theirs[name], mine, takes_mine=_plain(mine) != self.was.get(name, ""))
            for name, mine in self.typed.items()
            if _plain(mine) != _plain(theirs[name])
        ]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in both versions. Where only the others changed it, theirs is proposed."""

    name: str
    theirs: str
    mine: str
    takes_mine: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """How a record's form speaks: the page's title, where it posts to and leads back to, and each field's label."""

    title: str
    action: str
    back: tuple[str, str]
    fields: Mapping[str, str]


async def read_edit(request: Request, names: Mapping[str, Any] | tuple[str, ...]) -> tuple[Edit, Fields]:
    """The edit, and all that the form sent. A box that is not ticked sends nothing, and is empty text here."""
    sent = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    typed = {name: sent.get(name, "") for name in names}
    return Edit(typed, _read_was(sent.get("was", "")), _read_version(sent.get("updated_at", ""))), sent


def carried(shown: Fields, updated_at: datetime | None = None) -> dict[str, str]:
    """The hidden fields by which an edit is known again."""
    return {"updated_at": updated_at.isoformat() if updated_at else "", "was": json.dumps(dict(shown))}


def compare_page(
    request: Request,
    labels: Labels,
    edit: Edit,
    differences: list[Difference],
    theirs: Fields,
    updated_at: datetime | None = None,
) -> Response:
    """Both versions; what is chosen is posted to the same form, upon the newer version."""
    differing = {difference.name for difference in differences}
    return render(
        request,
        "office/compare.html",
        ChangedMeanwhile.status,
        labels=labels,
        differences=differences,
        kept={name: value for name, value in edit.typed.items() if name not in differing},
        carried=carried(theirs, updated_at),
        refusal=ChangedMeanwhile,
    )


def read_as(kind: type[T], values: Mapping[str, Any]) -> T:
    """Raises NotValid with a sentence for each field."""
    try:
        return kind.model_validate(dict(values))
    except ValidationError as wrong:
        errors = form_errors(wrong)
        needed = {name for name in errors if values.get(name) is None and name in kind.model_fields}
        raise NotValid(errors=errors | dict.fromkeys(needed, "This is needed.")) from wrong


def whole_number(text: str) -> int | str | None:
    """A number where it is one; anything else stays text, and the field's own rule says what is wrong with it."""
    plain = text.strip()
    if not plain:
        return None
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 11 else plain


def text_or_nothing(text: str) -> str | None:
    return text.strip() or None


def _plain(text: str) -> str:
    """Browsers send lines with CRLF, whatever they were drawn with."""
    return text.replace("\r\n", "\n").strip()


def _read_version(text: str) -> datetime | None:
    """Raises NotValid for what no form of ours carries."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as cause:
        raise NotValid("This form is not one of ours. Please open it again.") from cause


def _read_was(text: str) -> dict[str, str]:
    try:
        read = read_json(text or "{}")
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise NotValid("This form is not one of ours. Please open it again.")
    return {str(name): _plain(str(value)) for name, value in read.items()}
