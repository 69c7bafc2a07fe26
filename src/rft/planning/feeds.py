"""The office's calendar for other calendars: an address that nobody can guess, and what stands behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from rft.database.pool import Connection
from rft.kit.references import hash_token, new_token
from rft.planning.queries import Entry, list_entries

_BACK, _AHEAD = timedelta(days=60), timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Feed:
    created_at: datetime


async def find_feed(db: Connection, user_id: int) -> Feed | None:
    cursor = await db.execute("select created_at from calendar_feeds where user_id = %s", (user_id,))
    row = await cursor.fetchone()
    return Feed(row["created_at"]) if row else None


async def make_feed(db: Connection, user_id: int) -> str:
    """A new token, shown once; the address before it stops working."""
    token = new_token()
    await db.execute(
        """
        insert into calendar_feeds (user_id, token_hash) values (%s, %s)
        on conflict (user_id) do update set token_hash = excluded.token_hash, created_at = utc_clock()
        """,
        (user_id, hash_token(token)),
    )
    return token


async def end_feed(db: Connection, user_id: int) -> None:
    await db.execute("delete from calendar_feeds where user_id = %s", (user_id,))


async def is_feed(db: Connection, token: str) -> bool:
    """Whether somebody reads by this token who still works in the office."""
    cursor = await db.execute(
        """
        select from calendar_feeds as feed join users as account on account.id = feed.user_id
         where feed.token_hash = %s and account.is_active and account.role = 'admin'
        """,
        (hash_token(token),),
    )
    return await cursor.fetchone() is not None


async def list_for_feed(db: Connection, now: datetime) -> list[Entry]:
    return await list_entries(db, now - _BACK, now + _AHEAD, venue_id=None, instructor_id=None)


def write_feed(entries: Sequence[Entry], *, name: str, base_url: str, now: datetime) -> bytes:
    """iCalendar text: an entry a day, with how full it is and the way to its page. Drafts are tentative."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{name}//Office//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(_event(entry, base_url, now))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Entry, base_url: str, now: datetime) -> Event:
    href = f"{base_url}/office/schedules/{entry.schedule_id}"
    part = f", day {entry.number} of {entry.days}" if entry.days > 1 else ""
    event = Event()
    event.add("uid", f"office-{entry.schedule_id}-{entry.number}@{base_url.partition('//')[2]}")
    event.add("dtstamp", now.replace(tzinfo=UTC))
    event.add("dtstart", entry.starts_at.replace(tzinfo=UTC))
    event.add("dtend", entry.ends_at.replace(tzinfo=UTC))
    event.add("summary", f"{entry.course_name}{part} ({entry.taken}/{entry.seats})")
    event.add("location", f"{entry.venue_name}, {entry.city}")
    event.add("description", f"{entry.instructor_name or 'Nobody teaches it yet'}. {href}")
    event.add("url", href)
    event.add("status", "TENTATIVE" if entry.status == "draft" else "CONFIRMED")
    return event
