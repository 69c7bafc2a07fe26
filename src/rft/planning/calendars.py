"""What a calendar page shows: which days, with their entries and holidays, and the ways to the pages beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Literal

from rft.kit.bank_holidays import bank_holidays
from rft.kit.clock import day_in_words, from_london
from rft.planning.queries import Entry
from rft.planning.rules import DAY, WEEK, month_grid, months_later

View = Literal["month", "week", "agenda"]
Lane = Literal["venue", "instructor"]
VIEWS: dict[View, str] = {"month": "Month", "week": "Week", "agenda": "Agenda"}
_AGENDA = timedelta(days=42)
_SATURDAY = 5
_NOBODY = (None, "Nobody yet")


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    entries: list[Entry]
    holiday: str | None
    # False for the days of other months at a grid's edges.
    is_inside: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """An entry in a month, drawn over so many days from its own; over none where the bar began on a day before."""

    entry: Entry
    days: int


@dataclass(frozen=True, slots=True)
class Row:
    """A venue's or an instructor's week."""

    key: int | None
    name: str
    days: list[Day]


@dataclass(frozen=True, slots=True)
class Span:
    """The days of one page, `first` to `last`, named, with the day each neighbour is asked for by."""

    view: View
    first: date
    last: date
    title: str
    before: date
    after: date

    @property
    def borders(self) -> tuple[datetime, datetime]:
        return from_london(self.first, time.min), from_london(self.last + DAY, time.min)

    @property
    def days(self) -> list[date]:
        return [self.first + DAY * number for number in range((self.last - self.first).days + 1)]


def span_of(view: View, on: date) -> Span:
    if view == "week":
        monday = on - DAY * on.weekday()
        return Span(view, monday, monday + DAY * 6, f"Week of {day_in_words(monday)}", monday - WEEK, monday + WEEK)
    if view == "agenda":
        return Span(view, on, on + _AGENDA - DAY, f"From {day_in_words(on)}", on - _AGENDA, on + _AGENDA)
    weeks = month_grid(on)
    return Span(view, weeks[0][0], weeks[-1][-1], f"{on:%B %Y}", months_later(on, -1), months_later(on, 1))


def days_of(span: Span, entries: Iterable[Entry], *, month: int | None = None) -> list[Day]:
    """Every day of the page. With a `month`, the days of others are marked as outside."""
    held: dict[date, list[Entry]] = {}
    for entry in entries:
        held.setdefault(entry.day, []).append(entry)
    closed = bank_holidays(span.days)
    return [
        Day(day, held.get(day, []), closed.get(day), is_inside=month is None or day.month == month) for day in span.days
    ]


def weeks_of(days: list[Day]) -> list[list[Day]]:
    return [days[number : number + 7] for number in range(0, len(days), 7)]


def bars_of(week: list[Day]) -> list[list[Bar | None]]:
    """Each day's bars from the top down. A course of several days keeps its place from day to day; None is a place left free."""
    places: list[list[Bar | None]] = [[] for _ in week]
    for number, day in enumerate(week):
        drawn = {bar.entry.schedule_id for bar in places[number] if bar}
        for entry in day.entries:
            if entry.schedule_id in drawn:
                continue
            run = _run(entry, week[number + 1 :])
            held = places[number : number + len(run)]
            free = next(place for place in count() if all(_is_free(bars, place) for bars in held))
            for each, bars in zip(run, held, strict=True):
                bars.extend([None] * (free + 1 - len(bars)))
                bars[free] = Bar(each, len(run) if each is entry else 0)
    return places


def _run(entry: Entry, later: list[Day]) -> list[Entry]:
    """The entry with those of its next days without a break. It ends with the working week: a weekend's columns are narrower."""
    run = [entry]
    for day in later:
        following = [each for each in day.entries if each.schedule_id == entry.schedule_id]
        if not following or day.day.weekday() >= _SATURDAY:
            break
        run.append(following[0])
    return run


def _is_free(bars: list[Bar | None], place: int) -> bool:
    return place >= len(bars) or bars[place] is None


def rows_of(span: Span, entries: Iterable[Entry], lane: Lane) -> list[Row]:
    """A row for each venue, or each instructor, that has something in the week; what nobody teaches comes first."""
    lanes: dict[tuple[int | None, str], list[Entry]] = {}
    for entry in entries:
        lanes.setdefault(_lane(entry, lane), []).append(entry)
    return [
        Row(key, name, days_of(span, held))
        for (key, name), held in sorted(lanes.items(), key=lambda item: (item[0] != _NOBODY, item[0][1]))
    ]


def _lane(entry: Entry, lane: Lane) -> tuple[int | None, str]:
    if lane == "venue":
        return entry.venue_id, f"{entry.venue_name}, {entry.city}"
    return (entry.instructor_id, entry.instructor_name or "No name") if entry.instructor_id is not None else _NOBODY
