"""What has fallen out (a person or a venue, on which days), the dates that it hits, and what each date would be with a stand-in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound, NotValid
from rft.kit.clock import day_in_words, from_london, london_today, span_in_words
from rft.planning.rules import DAY, shifted
from rft.schedules.plans import Planned, get_planned
from rft.schedules.schemas import Hold, ScheduleRequest

_AFFECTED = statement(__file__, "affected.sql")
_NAMES = {
    "instructor": "select name_of(id) as name from users where id = %s and role in ('instructor', 'admin')",
    "venue": "select name || ', ' || city as name from venues where id = %s",
}
_LONGEST = DAY * 92
What = Literal["instructor", "venue"]


@dataclass(frozen=True, slots=True)
class Fallen:
    """The days are London's, both included."""

    what: What
    id: int
    name: str
    first: date
    last: date

    @property
    def key(self) -> str:
        return f"{self.what}:{self.id}"

    @property
    def borders(self) -> tuple[datetime, datetime]:
        return from_london(self.first, time.min), from_london(self.last + DAY, time.min)

    @property
    def when(self) -> str:
        if self.first == self.last:
            return f"on {day_in_words(self.first)}"
        return f"from {day_in_words(self.first)} to {day_in_words(self.last)}"


@dataclass(frozen=True, slots=True)
class Affected:
    """A date with the starts of those of its days that are hit."""

    schedule_id: int
    course_name: str
    venue_name: str
    city: str
    status: str
    taken: int
    starts_at: datetime
    ends_at: datetime
    hit: list[datetime]

    @property
    def named(self) -> str:
        return f"{self.course_name}, {day_in_words(london_today(self.starts_at))}"


async def read_fallen(db: Connection, key: str, first: str, last: str) -> Fallen:
    """From a form's `instructor:5` and two days. Raises NotValid, or NotFound."""
    what, _, number = key.partition(":")
    errors: dict[str, str] = {}
    if what not in _NAMES or not (number.isascii() and number.isdecimal() and len(number) < 10):
        errors["what"] = "Choose who, or which venue, is not there."
    days = [_day(text, name, errors) for text, name in ((first, "from"), (last or first, "to"))]
    if not errors and not days[0] <= days[1] <= days[0] + _LONGEST:
        errors["to"] = "The last day is not before the first, and at most three months later."
    if errors:
        raise NotValid(errors=errors)
    row = await (await db.execute(_NAMES[what], (number,))).fetchone()
    if row is None:
        raise NotFound
    return Fallen("venue" if what == "venue" else "instructor", int(number), row["name"], days[0], days[1])


async def list_affected(db: Connection, fallen: Fallen, now: datetime) -> list[Affected]:
    """Those that are not over yet, in order of time."""
    starts, ends = fallen.borders
    values = {"from": starts, "until": ends, "now": now, "instructor_id": None, "venue_id": None}
    async with db.cursor(row_factory=class_row(Affected)) as cursor:
        await cursor.execute(_AFFECTED, values | {f"{fallen.what}_id": fallen.id})
        return await cursor.fetchall()


async def get_asked(db: Connection, affected: Affected) -> tuple[Planned, list[Hold]]:
    """The date as it is, and those of its days that are hit."""
    planned = await get_planned(db, affected.schedule_id)
    return planned, [hold for hold in planned.asked.holds if hold.start in affected.hit]


def with_choice(asked: ScheduleRequest, hit: Iterable[datetime], choice: str) -> ScheduleRequest:
    """What the date would be with `instructor:5`, `venue:3`, `instructor:0` (nobody) or `later:7` days. Raises NotValid for anything else.

    A stand-in takes over the days that are hit; where those are all, the whole date.
    """
    kind, _, text = choice.partition(":")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotValid("Choose one of the proposals.")
    number = int(text)
    if kind == "later":
        return _later(asked, number)
    if kind not in ("instructor", "venue") or (kind == "venue" and not number):
        raise NotValid("Choose one of the proposals.")
    starts = set(hit)
    column = f"{kind}_id"
    if all(hold.start in starts for hold in asked.holds):
        sessions = [session.model_copy(update={column: None}) for session in asked.sessions]
        return asked.model_copy(update={column: number or None, "sessions": sessions})
    sessions = [
        session.model_copy(update={column: number or None}) if session.start in starts else session
        for session in asked.sessions
    ]
    return asked.model_copy(update={"sessions": sessions})


def _later(asked: ScheduleRequest, days: int) -> ScheduleRequest:
    try:
        ((start, end),) = shifted([(asked.start, asked.end)], days)
        moved = shifted([(session.start, session.end) for session in asked.sessions], days)
    except (ValueError, OverflowError) as cause:
        raise NotValid("The clocks skip these times on that day.") from cause
    sessions = [
        session.model_copy(update={"start": begins, "end": ends})
        for session, (begins, ends) in zip(asked.sessions, moved, strict=True)
    ]
    return asked.model_copy(update={"start": start, "end": end, "sessions": sessions})


def days_in_words(asked: ScheduleRequest) -> list[str]:
    return [span_in_words(hold.start, hold.end) for hold in asked.holds]


def _day(text: str, name: str, errors: dict[str, str]) -> date:
    try:
        day = date.fromisoformat(text)
        if 2000 <= day.year <= 2190:
            return day
    except ValueError:
        pass
    errors[name] = "Enter a day."
    return date(2000, 1, 1)
