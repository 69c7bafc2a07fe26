"""The form of a date as it was typed: prefilled from a course or a date, read into a request, given back with what is wrong."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from rft.errors import NotValid
from rft.kit.clock import from_london, read_wall, to_iso, to_london
from rft.planning.rules import DAY, Usual, days_of_one
from rft.schedules.schemas import Hold, ScheduleRequest
from rft.venues.schemas import VenueRequest
from rft.web.forms import form_errors

MOST_DAYS = 20
_NUMBERS = ("course_id", "venue_id", "instructor_id")
_PLAN = ("breaks_minutes", "minimum_seats", "decide_by", "in_house_for")
_PLACE = ("place_name", "place_address", "place_city", "place_postcode", "place_seats")
FIELDS = (*_NUMBERS, "notes", *_PLAN, *_PLACE)
_DAY_FIELDS = ("day", "starts", "ends", "venue", "instructor")
_NEEDED = {
    "venue_id": "Choose where it is held.",
    "course_id": "Choose a course.",
    "place_address": "Enter the first line of the address.",
    "place_city": "Enter the town.",
    "place_postcode": "Enter the postcode.",
    "place_seats": "Enter how many people fit in.",
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TypedDay:
    """One day as it was typed. Venue and instructor are only said where they are not the date's own."""

    day: str = ""
    starts: str = ""
    ends: str = ""
    venue: str = ""
    instructor: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.day


@dataclass(slots=True)
class DateForm:
    typed: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    days: list[TypedDay] = field(default_factory=list)
    # When the date was last changed as this form saw it; empty for a new one.
    seen: str = ""
    # By which this very form is known when it is sent twice.
    key: str = ""

    @property
    def said(self) -> dict[str, str]:
        """All that was typed, in one mapping."""
        return self.typed | {f"day-{number}": " ".join(astuple(row)) for number, row in enumerate(self.days)}

    @classmethod
    def sent(cls, form: Mapping[str, Any]) -> "DateForm":
        def said(name: str) -> str:
            value = form.get(name, "")
            return value.strip() if isinstance(value, str) else ""

        rows = [TypedDay(*(said(f"{name}-{number}") for name in _DAY_FIELDS)) for number in range(MOST_DAYS)]
        days = [row for row in rows if not row.is_empty] or rows[:1]
        return cls({name: said(name) for name in FIELDS}, days, said("seen"), said("form_key"))

    @classmethod
    def prefilled(cls, course_id: int, usual: Usual, first: date) -> "DateForm":
        """A new date of a course: its usual days, in a row, from the day given on."""
        form = cls()
        form.typed |= {"course_id": str(course_id), "breaks_minutes": str(usual.breaks_minutes)}
        hours = (f"{usual.opens:%H:%M}", f"{usual.closes:%H:%M}")
        form.days = [TypedDay(day.isoformat(), *hours) for day in days_of_one(first, usual.days, gap=1)]
        return form

    @classmethod
    def of(cls, asked: ScheduleRequest, updated_at: datetime | None = None) -> "DateForm":
        """The form that would ask for this."""
        said = asked.model_dump() | (asked.plan.model_dump() if asked.plan else {"breaks_minutes": 0})
        form = cls(seen=updated_at.isoformat() if updated_at else "")
        form.typed |= {name: str(said[name]) for name in FIELDS if said.get(name) is not None}
        form.days = [day for hold in asked.holds for day in _typed(hold, asked)]
        return form

    def add_day(self) -> None:
        """One more, a day after the last."""
        if self.days and len(self.days) < MOST_DAYS:
            last = self.days[-1]
            self.days.append(replace(last, day=_read_day(last.day, 1) or ""))

    def later(self, days: int) -> None:
        """Moves every day by so many days."""
        self.days = [replace(row, day=_read_day(row.day, days) or row.day) for row in self.days]

    def choose(self, choice: str) -> None:
        """Takes one of the alternatives that were offered: `venue:3`, `instructor:5`, or `later:7` days."""
        kind, _, number = choice.partition(":")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            return
        if kind == "later":
            self.later(int(number))
        elif kind in ("venue", "instructor"):
            self.typed[f"{kind}_id"] = number
            self.days = [replace(row, **{kind: ""}) for row in self.days]

    @property
    def place(self) -> VenueRequest | None:
        """The client's own site, where one was typed: a venue that nothing else uses. Raises NotValid."""
        if not self.typed["place_name"]:
            return None
        said = {name.removeprefix("place_"): self.typed[name] for name in _PLACE}
        errors = {name: _NEEDED[name] for name in _PLACE[1:] if not self.typed[name]}
        if errors:
            raise NotValid(errors=errors)
        try:
            return VenueRequest.model_validate(
                {"name": said["name"], "address_line1": said["address"], "city": said["city"], "postcode": said["postcode"],
                 "capacity": _number(said["seats"]), "is_active": False}
            )  # fmt: skip
        except ValidationError as wrong:
            names = {"address_line1": "place_address", "capacity": "place_seats"}
            raise NotValid(
                errors={names.get(name, f"place_{name}"): text for name, text in form_errors(wrong).items()}
            ) from wrong

    def read(self, *, venue_id: int | None = None) -> ScheduleRequest:
        """Raises NotValid with a sentence for each field. `venue_id` stands in for the venue that is chosen."""
        errors: dict[str, str] = {}
        sessions = [self._session(number, row, errors) for number, row in enumerate(self.days)]
        said: dict[str, Any] = {name: _number(self.typed[name]) for name in _NUMBERS if self.typed[name]}
        if venue_id is not None:
            said["venue_id"] = venue_id
        errors |= {name: _NEEDED[name] for name in ("course_id", "venue_id") if name not in said}
        if errors:
            raise NotValid(errors=errors)
        sessions.sort(key=lambda session: session["start"])
        said |= {"start": to_iso(sessions[0]["start"]), "end": to_iso(max(session["end"] for session in sessions))}
        said |= {"notes": self.typed["notes"] or None, "plan": self._plan()}
        plain = len(sessions) == 1 and not sessions[0].keys() - {"start", "end"}
        said["sessions"] = [] if plain else [_with_offsets(session) for session in sessions]
        try:
            return ScheduleRequest.model_validate(said)
        except ValidationError as wrong:
            named = {name.removeprefix("plan."): text for name, text in form_errors(wrong).items()}
            raise NotValid(
                errors={"minimum_seats" if name == "plan" else name: text for name, text in named.items()}
            ) from wrong

    def _session(self, number: int, row: TypedDay, errors: dict[str, str]) -> dict[str, Any]:
        day = _said(row.day, date.fromisoformat, errors, f"day-{number}", "Enter the day.")
        starts = _said(row.starts, read_wall, errors, f"starts-{number}", "Enter when it starts, such as 09:30.")
        ends = _said(row.ends, read_wall, errors, f"ends-{number}", "Enter when it ends, such as 16:30.")
        if day is None or starts is None or ends is None:
            return {"start": datetime.min, "end": datetime.min}  # noqa: DTZ901 (never used: there is an error)
        if ends <= starts:
            errors[f"ends-{number}"] = "The end comes after the start."
        try:
            session: dict[str, Any] = {"start": from_london(day, starts), "end": from_london(day, ends)}
        except (ValueError, OverflowError):
            errors[f"starts-{number}"] = "The clocks skip this time on that day."
            return {"start": datetime.min, "end": datetime.min}  # noqa: DTZ901 (never used: there is an error)
        own = {"venue_id": row.venue, "instructor_id": row.instructor}
        return session | {name: _number(value) for name, value in own.items() if value}

    def _plan(self) -> dict[str, Any]:
        said = {name: self.typed[name] or None for name in _PLAN}
        numbers = {name: _number(said[name]) for name in ("breaks_minutes", "minimum_seats") if said[name] is not None}
        return {"decide_by": said["decide_by"], "in_house_for": said["in_house_for"]} | numbers


def _typed(hold: Hold, asked: ScheduleRequest) -> Iterable[TypedDay]:
    """A span over several days is one row a day, from its first start to its last end."""
    start, end = to_london(hold.start), to_london(hold.end)
    own = (
        str(hold.venue_id) if hold.venue_id != asked.venue_id else "",
        str(hold.instructor_id) if hold.instructor_id not in (None, asked.instructor_id) else "",
    )
    for number in range(min((end.date() - start.date()).days + 1, MOST_DAYS)):
        yield TypedDay((start.date() + DAY * number).isoformat(), f"{start:%H:%M}", f"{end:%H:%M}", *own)


def _with_offsets(session: dict[str, Any]) -> dict[str, Any]:
    return session | {"start": to_iso(session["start"]), "end": to_iso(session["end"])}


def _number(text: str | None) -> int | str | None:
    """What is no number stays what it is: the request says what is wrong with it."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else text


def _read_day(text: str, later: int) -> str | None:
    try:
        return (date.fromisoformat(text) + DAY * later).isoformat()
    except (ValueError, OverflowError):
        return None


def _said(text: str, read: Callable[[str], T], errors: dict[str, str], name: str, sentence: str) -> T | None:
    try:
        return read(text)
    except ValueError:
        errors[name] = sentence
        return None
