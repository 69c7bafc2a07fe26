"""What the register's page sends: a person's form without scripts, of which what was changed becomes marks, or a batch of marks."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import ValidationError

from rft.attendance.queries import Person, Register
from rft.attendance.rules import ATTENDANCE, Field, Mark, field_of, is_about_the_course
from rft.attendance.schemas import MOST_MARKS, MarkRequest
from rft.errors import NotValid
from rft.kit.typed_json import read_json
from rft.web.forms import form_errors

DEVICE = "page"
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
Said = tuple[str, dict[str, Any]]


def read_batch(text: str) -> tuple[list[MarkRequest], dict[str, str]]:
    """The marks that a device sent as JSON, and id → why for those that are none: one of them keeps back no other.

    Raises NotValid for what is no batch.
    """
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise NotValid("The marks cannot be read.") from wrong
    if not isinstance(told, list) or len(told) > MOST_MARKS:
        raise NotValid("The marks cannot be read.")
    marks: list[MarkRequest] = []
    refused: dict[str, str] = {}
    for one in told:
        try:
            marks.append(MarkRequest.model_validate(one))
        except ValidationError as wrong:
            name = str(one.get("id", "")) if isinstance(one, dict) else ""
            refused[name] = next(iter(form_errors(wrong).values()))
    return marks, refused


def heads_of(register: Register, person: Person, session_id: int | None) -> str:
    """What the form remembers of the marks that it was drawn with, as JSON: field → ids."""
    heads = {
        name: [mark.id for mark in found.heads]
        for (reference, day, name), found in register.fields.items()
        if reference == person.reference and day in (None, session_id)
    }
    return json.dumps(heads)


def marks_from(
    form: Mapping[str, Any], register: Register, person: Person, session_id: int | None, *, now: datetime
) -> list[MarkRequest]:
    """A mark for each thing that the form says otherwise than the marks it was drawn with."""
    seen = _seen(form)
    marks = []
    for kind, value in _said(form, register):
        name = field_of(kind, value)
        day = None if is_about_the_course(kind) else session_id
        shown = _shown(register.field(person, day, name), seen.get(name, []))
        if (kind, value) == shown or (shown is None and _says_nothing(kind, value)):
            continue
        marks.append(_mark(person, kind, value, seen.get(name, []), now))
    return marks


def mark_that_keeps(chosen: str, register: Register, person: Person, *, now: datetime) -> MarkRequest | None:
    """Decides between marks that differ: says again what the chosen one says, in the place of all of them."""
    for (reference, _, _), found in register.fields.items():
        for mark in found.heads:
            if reference == person.reference and mark.id == chosen:
                return _mark(person, mark.kind, dict(mark.value), [head.id for head in found.heads], now)
    return None


def _mark(person: Person, kind: str, value: dict[str, Any], replaces: list[str], now: datetime) -> MarkRequest:
    asked = {"id": uuid4(), "booking": person.reference, "kind": kind, "value": value, "replaces": replaces}
    return MarkRequest.model_validate({**asked, "device": DEVICE, "made_at": f"{now.isoformat()}+00:00"})


def _seen(form: Mapping[str, Any]) -> dict[str, list[str]]:
    try:
        heads = read_json(str(form.get("heads", "{}")))
        return {str(name): [str(UUID(one)) for one in ids][:50] for name, ids in heads.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _shown(found: Field | None, seen: list[str]) -> Said | None:
    """What the form showed: the first of the marks that it was drawn with, though another may have taken its place since."""
    known: list[Mark] = list(found.heads) if found else []
    shown = next((mark for mark in known if seen and mark.id == seen[0]), None)
    return (shown.kind, dict(shown.value)) if shown else None


def _says_nothing(kind: str, value: dict[str, Any]) -> bool:
    return (kind == "note" and not value["text"]) or (kind == "identity" and value["type"] == "not_seen")


def _said(form: Mapping[str, Any], register: Register) -> list[Said]:
    """Everything that the form says; what it leaves open is left out."""
    said: list[Said] = []
    attendance = _text(form, "attendance")
    if attendance in ATTENDANCE:
        at = _text(form, "at")
        timed = attendance in ("late", "left_early") and _CLOCK.fullmatch(at)
        said.append((attendance, {"at": at} if timed else {}))
    if identity := _text(form, "identity"):
        said.append(("identity", {"type": identity}))
    results = {code: _text(form, f"assessment-{code}") for code in register.outcomes}
    said += [("assessment", {"outcome": code, "result": result}) for code, result in results.items() if result]
    if name := _text(form, "signature_name"):
        said.append(("signature", {"name": name[:200]}))
    if "note" in form:
        said.append(("note", {"text": _text(form, "note")[:2000].replace("\r\n", "\n")}))
    return said


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
