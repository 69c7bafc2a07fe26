"""A series of dates: the form as it was typed, and each of its dates with what speaks against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Literal, cast

from rft.database.pool import Connection
from rft.errors import NotValid
from rft.kit.bank_holidays import bank_holidays
from rft.kit.clock import read_wall, to_iso
from rft.kit.fields import LARGEST_ID
from rft.planning.rules import (
    DAY,
    Every,
    Span,
    Usual,
    days_of_one,
    first_days,
    overlapping,
    spans_on,
)
from rft.schedules.clashes import find_instructor_clash, find_venue_clash
from rft.schedules.schemas import Hold, ScheduleRequest

MOST_DATES, MOST_DAYS, MOST_STEPS = 60, 10, 26
FIELDS = (
    "course_id", "venue_id", "instructor_id", "every", "step", "first", "count", "listed", "days", "gap", "starts", "ends",
    "breaks_minutes", "minimum_seats", "decide_before",
)  # fmt: skip
EVERY = {
    "weekly": "Every week, or every so many weeks",
    "monthly": "Every month, on the same weekday of it",
    "list": "On the days I list",
}
_SATURDAY = 5
_SPOKEN = {"weekly": "week", "monthly": "month"}


@dataclass(slots=True)
class SeriesForm:
    typed: dict[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))

    @classmethod
    def sent(cls, form: Mapping[str, Any]) -> "SeriesForm":
        return cls({name: str(form.get(name, "")).strip() for name in FIELDS})

    @classmethod
    def prefilled(cls, course_id: int, usual: Usual, first: date) -> "SeriesForm":
        form = cls()
        form.typed |= {
            "course_id": str(course_id), "every": "weekly", "step": "1", "count": "8", "first": first.isoformat(),
            "days": str(usual.days), "gap": "1", "starts": f"{usual.opens:%H:%M}", "ends": f"{usual.closes:%H:%M}",
            "breaks_minutes": str(usual.breaks_minutes),
        }  # fmt: skip
        return form

    def read(self) -> "Series":
        """Raises NotValid with a sentence for each field."""
        errors: dict[str, str] = {}
        is_list = self.typed["every"] == "list"
        series = Series(
            course_id=self._number("course_id", "Choose a course.", errors, most=LARGEST_ID),
            venue_id=self._number("venue_id", "Choose where it is held.", errors, most=LARGEST_ID),
            instructor_id=self._number_or_none("instructor_id", "Choose from the list.", errors, most=LARGEST_ID),
            every=cast("Every", self.typed["every"]) if self.typed["every"] in EVERY else "weekly",
            step=1 if is_list else self._number("step", f"Enter 1 to {MOST_STEPS}.", errors, most=MOST_STEPS),
            count=1 if is_list else self._number("count", f"Enter 1 to {MOST_DATES}.", errors, most=MOST_DATES),
            first=date.max if is_list else _day(self.typed["first"], "first", errors),
            listed=_listed(self.typed["listed"], errors) if is_list else [],
            days=self._number("days", f"Enter 1 to {MOST_DAYS}.", errors, most=MOST_DAYS),
            gap=7 if self.typed["gap"] == "7" else 1,
            opens=_time(self.typed["starts"], "starts", errors),
            closes=_time(self.typed["ends"], "ends", errors),
            breaks_minutes=self._number(
                "breaks_minutes", "Breaks take 0 to 240 minutes a day.", errors, most=240, least=0
            ),
            minimum_seats=self._number_or_none("minimum_seats", "Enter a whole number.", errors, most=1000),
            decide_before=self._number_or_none("decide_before", "Enter 0 to 90 days.", errors, most=90, least=0),
        )
        if series.closes <= series.opens and not errors:
            errors["ends"] = "The end comes after the start."
        if series.decide_before is not None and series.minimum_seats is None:
            errors["minimum_seats"] = "Say how many people are needed by that day."
        if errors:
            raise NotValid(errors=errors)
        return series

    def _number_or_none(
        self, name: str, sentence: str, errors: dict[str, str], *, most: int, least: int = 1
    ) -> int | None:
        return self._number(name, sentence, errors, most=most, least=least) if self.typed[name] else None

    def _number(self, name: str, sentence: str, errors: dict[str, str], *, most: int, least: int = 1) -> int:
        text = self.typed[name]
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else least - 1
        if not least <= number <= most:
            errors[name] = sentence
        return number


@dataclass(frozen=True, slots=True)
class Series:
    course_id: int
    venue_id: int
    instructor_id: int | None
    every: Every
    step: int
    count: int
    first: date
    listed: list[date]
    days: int
    gap: Literal[1, 7]
    opens: time
    closes: time
    breaks_minutes: int
    minimum_seats: int | None
    decide_before: int | None

    @property
    def pattern(self) -> str:
        """In words: `Every 2 weeks, 8 dates`."""
        dates = len(self.begins)
        if self.every == "list":
            return f"{dates} listed dates" if dates > 1 else "1 listed date"
        unit = _SPOKEN[self.every]
        return f"Every {unit if self.step == 1 else f'{self.step} {unit}s'}, {dates} dates"

    @property
    def begins(self) -> list[date]:
        return first_days(self.every, self.first, step=self.step, count=self.count, listed=self.listed)

    def days_from(self, begins: date) -> list[date]:
        return days_of_one(begins, self.days, gap=self.gap)

    def spans_from(self, begins: date) -> list[Span]:
        """Raises NotValid where the clocks skip one of the hours."""
        try:
            return spans_on(self.days_from(begins), self.opens, self.closes)
        except ValueError as cause:
            raise NotValid(errors={"starts": "The clocks skip this time on one of the days."}) from cause

    def request_for(self, begins: date) -> ScheduleRequest:
        spans = self.spans_from(begins)
        plan: dict[str, Any] = {"breaks_minutes": self.breaks_minutes, "minimum_seats": self.minimum_seats}
        if self.decide_before is not None:
            plan["decide_by"] = (begins - DAY * self.decide_before).isoformat()
        sessions = [{"start": to_iso(start), "end": to_iso(end)} for start, end in spans]
        return ScheduleRequest.model_validate(
            {
                "course_id": self.course_id,
                "venue_id": self.venue_id,
                "instructor_id": self.instructor_id,
                "start": sessions[0]["start"],
                "end": sessions[-1]["end"],
                "sessions": sessions if len(sessions) > 1 else [],
                "plan": plan,
            }
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A date of the series before it is added. `in_the_way` cannot be added; `notes` only want to be seen."""

    begins: date
    days: list[date]
    notes: list[str]
    in_the_way: list[str]

    @property
    def is_proposed(self) -> bool:
        return not (self.notes or self.in_the_way)


async def preview(db: Connection, series: Series) -> list[Row]:
    """Each date with its bank holidays, its weekends, and each conflict by name."""
    begins = series.begins
    closed = bank_holidays(day for first in begins for day in series.days_from(first))
    each = [series.spans_from(first) for first in begins]
    doubled = overlapping(each)
    rows = []
    for number, first in enumerate(begins):
        days = series.days_from(first)
        notes = [closed[day] for day in days if day in closed]
        notes += [f"{day:%A}" for day in days if day.weekday() >= _SATURDAY]
        in_the_way = await _conflicts(db, series, each[number])
        if number in doubled:
            in_the_way.append("An earlier date of this series is not over yet")
        rows.append(Row(first, days, notes, in_the_way))
    return rows


async def _conflicts(db: Connection, series: Series, spans: Sequence[Span]) -> list[str]:
    holds = [Hold(series.venue_id, series.instructor_id, start, end) for start, end in spans]
    venue, instructor = await find_venue_clash(db, holds), await find_instructor_clash(db, holds)
    said = [f"{venue.named} holds the venue"] if venue else []
    if instructor and (venue is None or instructor.schedule_id != venue.schedule_id):
        said.append(f"{instructor.instructor_name} teaches {instructor.named} at {instructor.venue_name}, {instructor.city}")  # fmt: skip
    return said


def _day(text: str, name: str, errors: dict[str, str]) -> date:
    try:
        day = date.fromisoformat(text)
        if 2000 <= day.year <= 2190:
            return day
    except ValueError:
        pass
    errors[name] = "Enter the first day." if name == "first" else f"{text} is no day: write them as 2027-03-01."
    return date(2000, 1, 1)


def _listed(text: str, errors: dict[str, str]) -> list[date]:
    words = text.replace(",", " ").split()
    if not 1 <= len(words) <= MOST_DATES:
        errors["listed"] = f"List 1 to {MOST_DATES} days, such as 2027-03-01, one a line."
        return []
    return [_day(word, "listed", errors) for word in words]


def _time(text: str, name: str, errors: dict[str, str]) -> time:
    try:
        return read_wall(text)
    except ValueError:
        errors[name] = "Enter a time, such as 09:30."
        return time()
