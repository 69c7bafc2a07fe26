"""Time: kept in UTC without zone (as the database does), spoken in ISO 8601 with offset, shown as Europe/London."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def utc_now() -> datetime:
    """Now, in UTC without zone: the form in which the database keeps time."""
    return datetime.now(UTC).replace(tzinfo=None)


def to_london(utc: datetime) -> datetime:
    """A stored UTC time on London's clock, with its zone."""
    return utc.replace(tzinfo=UTC).astimezone(LONDON)


def london_today(utc: datetime) -> date:
    return to_london(utc).date()


def from_london(day: date, wall: time) -> datetime:
    """The stored UTC time at which London's clocks show `wall` on `day`.

    Raises ValueError in the hour that the spring change leaves out. In the hour that comes twice in autumn, the first is meant.
    """
    local = datetime.combine(day, wall, LONDON)
    utc = local.astimezone(UTC)
    if utc.astimezone(LONDON).time() != wall:
        raise ValueError("on that day the clocks skip this time")
    return utc.replace(tzinfo=None)


def read_wall(text: str) -> time:
    """What a wall clock shows, such as `09:30`. Raises ValueError, also for a time with an offset: a wall clock has none."""
    wall = time.fromisoformat(text)
    if wall.tzinfo is not None:
        raise ValueError("a wall clock's time has no offset")
    return wall


def from_iso(text: str) -> datetime:
    """A stored UTC time from ISO 8601 with an offset. Raises ValueError without one: a time without a zone is a guess."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset, such as 2027-03-01T09:30:00+00:00")
    return moment.astimezone(UTC).replace(tzinfo=None)


def to_iso(utc: datetime) -> str:
    """ISO 8601 with London's offset on that day: `2027-06-01T09:30:00+01:00`."""
    return to_london(utc).isoformat(timespec="seconds")


def day_in_words(day: date) -> str:
    """`Tuesday 1 December 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def span_in_words(starts: datetime, ends: datetime) -> str:
    """A stored span as people read it: `Tuesday 1 December 2026, 09:30 to 16:30`, or from one day to another."""
    first, last = to_london(starts), to_london(ends)
    if first.date() == last.date():
        return f"{day_in_words(first.date())}, {first:%H:%M} to {last:%H:%M}"
    return f"{day_in_words(first.date())}, {first:%H:%M} to {day_in_words(last.date())}, {last:%H:%M}"


def minutes_after(utc: datetime, minutes: int) -> datetime:
    return utc + timedelta(minutes=minutes)
