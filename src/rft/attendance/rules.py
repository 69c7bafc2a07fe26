"""How marks of several devices become one register: nothing is lost, the order of arrival does not matter, differences are shown."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ATTENDANCE = {"present": "Present", "late": "Late", "left_early": "Left early", "absent": "Absent"}
IDENTITY = {
    "passport": "Passport",
    "driving_licence": "Driving licence",
    "identity_card": "National identity card",
    "work_card": "Work identity card",
    "not_seen": "Not seen",
}
RESULTS = {"pass": "Passed", "refer": "Not yet"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One touch of a register. `replaces` are the marks about the same thing that its maker had in view."""

    id: str
    booking: str
    session_id: int | None
    field: str
    kind: str
    value: Mapping[str, Any]
    replaces: Sequence[str]
    device: str
    made_at: datetime
    made_by: str = ""

    @property
    def says(self) -> tuple[str, Mapping[str, Any]]:
        return self.kind, self.value


@dataclass(frozen=True, slots=True)
class Field:
    """How one thing stands. `heads` are the marks that no other replaces, the one that is shown first."""

    heads: tuple[Mark, ...]

    @property
    def shown(self) -> Mark:
        return self.heads[0]

    @property
    def others(self) -> tuple[Mark, ...]:
        """Those that say something else than the one shown."""
        return tuple(mark for mark in self.heads if mark.says != self.shown.says)


Key = tuple[str, int | None, str]


def merge(marks: Iterable[Mark]) -> dict[Key, Field]:
    """(booking, session, field) → how it stands; the view register_state says the same.

    A mark that has been seen and replaced is history, whatever the clocks of the devices say. Where two were made without sight of
    each other both stay, the later first.
    """
    by_key: defaultdict[Key, dict[str, Mark]] = defaultdict(dict)
    for mark in marks:
        by_key[mark.booking, mark.session_id, mark.field][mark.id] = mark
    merged = {}
    for key, known in by_key.items():
        replaced = {earlier for mark in known.values() for earlier in mark.replaces}
        heads = [mark for mark in known.values() if mark.id not in replaced]
        if heads:
            heads.sort(key=lambda mark: (mark.made_at, mark.device, mark.id), reverse=True)
            merged[key] = Field(tuple(heads))
    return merged


def field_of(kind: str, value: Mapping[str, Any]) -> str:
    """What a mark of this kind is about, as the database derives it."""
    if kind in ATTENDANCE:
        return "attendance"
    return f"assessment:{value.get('outcome', '')}" if kind == "assessment" else kind


def is_about_the_course(kind: str) -> bool:
    """Seen once or passed once is enough; attendance, signature and notes belong to a day."""
    return kind in ("identity", "assessment")


def mark_in_words(mark: Mark) -> str:
    """`Late, 09:50`."""
    if mark.kind in ATTENDANCE:
        return ", ".join(word for word in (ATTENDANCE[mark.kind], mark.value.get("at")) if word)
    if mark.kind == "identity":
        return IDENTITY[mark.value["type"]]
    if mark.kind == "assessment":
        return RESULTS[mark.value["result"]]
    if mark.kind == "signature":
        return str(mark.value.get("name") or ("Signed" if mark.value.get("path") else "No signature"))
    return str(mark.value.get("text", ""))


def missing_in_words(missing: Iterable[str], days: Mapping[str, str], outcomes: Mapping[str, str]) -> list[str]:
    """What register_missing names, for people; `days` is session id → its day, `outcomes` code → title."""
    plain = {
        "identity": "Identity not seen",
        "payment": "Not paid",
        "disputed:attendance": "Two devices differ about the attendance",
        "disputed:identity": "Two devices differ about the identity",
        "disputed:assessment": "Two devices differ about the assessment",
    }
    said: list[str] = []
    unpassed: list[str] = []
    for name in missing:
        what, _, which = name.partition(":")
        if what == "attendance":
            day = days.get(which)
            said.append(f"Not there on {day}" if day else "Was not there")
        elif what == "assessment":
            unpassed.append(outcomes.get(which, which))
        else:
            said.append(plain.get(name, name))
    if unpassed:
        all_of_them = len(unpassed) == len(outcomes) > 1
        said.append("Not assessed" if all_of_them else f"Not passed: {'; '.join(unpassed)}")
    return said
