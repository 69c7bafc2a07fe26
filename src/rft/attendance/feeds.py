"""An instructor's own days for other calendars, behind an address that nobody can guess."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from rft.attendance.queries import Session, list_taught
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.references import hash_token

_BACK = timedelta(days=60)
_MOST = 400


async def list_for_feed(db: Connection, token: str, now: datetime) -> list[Session]:
    """Raises NotFound alike for a token that never was, was ended, or whose person teaches for us no more."""
    cursor = await db.execute(
        """
        select account.id
          from calendar_feeds as feed join users as account on account.id = feed.user_id
         where feed.token_hash = %s and account.is_active and account.role in ('instructor', 'admin')
        """,
        (hash_token(token),),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound
    return await list_taught(db, row["id"], ends_after=now - _BACK, most=_MOST)


def write_feed(sessions: Sequence[Session], *, name: str, base_url: str, now: datetime) -> bytes:
    """iCalendar text: an entry a day, with the way to its register."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{name}//Teaching//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for session in sessions:
        calendar.add_component(_event(session, base_url, now))
    text: bytes = calendar.to_ical()
    return text


def _event(session: Session, base_url: str, now: datetime) -> Event:
    part = f", day {session.position} of {session.days}" if session.days > 1 else ""
    href = f"{base_url}/instructor/register/{session.key}"
    event = Event()
    event.add("uid", f"teaching-{session.key}@{base_url.partition('//')[2]}")
    event.add("dtstamp", now.replace(tzinfo=UTC))
    event.add("dtstart", session.starts_at.replace(tzinfo=UTC))
    event.add("dtend", session.ends_at.replace(tzinfo=UTC))
    event.add("summary", f"{session.course_name}{part}")
    event.add("location", f"{session.venue_name}, {session.address}, {session.postcode}")
    event.add("description", f"{session.taken} of {session.seats} places taken. {href}")
    event.add("url", href)
    return event
