"""What two people wrote into one date, side by side, in words."""

from dataclasses import dataclass
from datetime import date

from rft.database.pool import Connection
from rft.kit.clock import day_in_words
from rft.planning.forms import DateForm, TypedDay
from rft.planning.queries import list_options

_LABELS = {
    "course_id": "Course",
    "venue_id": "Venue",
    "instructor_id": "Instructor",
    "notes": "Notes",
    "breaks_minutes": "Breaks a day, in minutes",
    "minimum_seats": "Runs with at least",
    "decide_by": "Decide by",
    "in_house_for": "In-house for",
}


@dataclass(frozen=True, slots=True)
class Difference:
    label: str
    yours: str
    theirs: str


async def differences(db: Connection, yours: DateForm, theirs: DateForm) -> list[Difference]:
    """The fields that are not the same in both."""
    options = await list_options(db)
    names = {
        "course_id": dict(options.courses),
        "venue_id": dict(options.venues),
        "instructor_id": dict(options.instructors),
    }

    def word(name: str, value: str) -> str:
        known = {str(number): text for number, text in names.get(name, {}).items()}
        return known.get(value, value) or "–"

    found = [
        Difference(label, word(name, yours.typed[name]), word(name, theirs.typed[name]))
        for name, label in _LABELS.items()
        if yours.typed[name] != theirs.typed[name]
    ]
    if yours.days != theirs.days:
        found.append(Difference("Days", _days(yours.days), _days(theirs.days)))
    return found


def _days(rows: list[TypedDay]) -> str:
    return "; ".join(f"{_day(row.day)}, {row.starts} to {row.ends}" for row in rows)


def _day(text: str) -> str:
    try:
        return day_in_words(date.fromisoformat(text))
    except ValueError:
        return text
