"""The days of a series, of a course, and of a calendar: pure arithmetic with London days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import ceil
from typing import Literal

from rft.kit.clock import from_london, to_london

Every = Literal["weekly", "monthly", "list"]
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
# What a day holds besides its breaks; a longer course takes more days.
_CONTACT_A_DAY = Decimal(6)
_OPENS, _CLOSES = time(9, 30), time(16, 30)
_BREAKS, _WITHOUT_BREAKS = 60, Decimal(4)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Usual:
    """How a course is usually held: so many days, from when to when, with so many minutes of breaks in each."""

    days: int
    opens: time
    closes: time
    breaks_minutes: int


def usual_days(contact_hours: Decimal, minimum_days: int | None) -> Usual:
    """A whole day is 09:30 to 16:30 with an hour of breaks; half a day has none, and ends when its hours are over."""
    if contact_hours <= _WITHOUT_BREAKS and not minimum_days:
        ends = datetime.combine(date.min, _OPENS) + timedelta(hours=float(contact_hours))
        return Usual(1, _OPENS, ends.time(), 0)
    days = max(minimum_days or 1, ceil(contact_hours / _CONTACT_A_DAY))
    return Usual(days, _OPENS, _CLOSES, _BREAKS)


def first_days(every: Every, first: date, *, step: int, count: int, listed: Sequence[date] = ()) -> list[date]:
    """The day each date of a series begins: each `step` weeks, or months on the same weekday of the month, or as listed."""
    if every == "list":
        return sorted(set(listed))
    if every == "weekly":
        return [first + WEEK * step * number for number in range(count)]
    ordinal = (first.day - 1) // 7
    return [_weekday_of_month(first, step * number, ordinal) for number in range(count)]


def _weekday_of_month(first: date, months: int, ordinal: int) -> date:
    """The same weekday so many months later; the fifth one of a month that has four is its last."""
    years, index = divmod(first.month - 1 + months, 12)
    begins = date(first.year + years, index + 1, 1)
    day = begins + DAY * ((first.weekday() - begins.weekday()) % 7) + WEEK * ordinal
    return day if day.month == begins.month else day - WEEK


def days_of_one(first: date, days: int, *, gap: int) -> list[date]:
    """The days of one date of the series: `gap` 1 is day after day, 7 the same weekday of following weeks."""
    return [first + DAY * gap * number for number in range(days)]


def spans_on(days: Iterable[date], opens: time, closes: time) -> list[Span]:
    """Raises ValueError in the hour that the spring change leaves out."""
    return [(from_london(day, opens), from_london(day, closes)) for day in days]


def shifted(spans: Iterable[Span], days: int) -> list[Span]:
    """The same wall times so many London days later. Raises ValueError where the clocks leave no such time, or none in between."""

    def move(moment: datetime) -> datetime:
        local = to_london(moment)
        return from_london(local.date() + DAY * days, local.time())

    moved = [(move(start), move(end)) for start, end in spans]
    if any(end <= start for start, end in moved):
        raise ValueError("on that day the clocks swap these times")
    return moved


def overlapping(rows: Sequence[Sequence[Span]]) -> set[int]:
    """The numbers of the rows that stand in an earlier row's way."""
    return {
        later
        for later, spans in enumerate(rows)
        for earlier in rows[:later]
        if any(start < other_end and other_start < end for start, end in spans for other_start, other_end in earlier)
    }


def month_grid(day: date) -> list[list[date]]:
    """The weeks, Monday to Sunday, that the day's month touches."""
    first = day.replace(day=1)
    start = first - DAY * first.weekday()
    weeks: list[list[date]] = []
    while not weeks or (start.month, start.year) == (day.month, day.year):
        weeks.append([start + DAY * number for number in range(7)])
        start += WEEK
    return weeks


def months_later(day: date, months: int) -> date:
    """The first day of the month so many months away."""
    years, index = divmod(day.month - 1 + months, 12)
    return date(day.year + years, index + 1, 1)
