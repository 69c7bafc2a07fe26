"""Joins and leaves the waiting list, and opens what was offered from it."""

from datetime import datetime

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.service import renew_access
from rft.database.pool import Connection
from rft.kit.references import new_reference
from rft.schedules.queries import Schedule, get_schedule
from rft.waiting.errors import NothingToWaitFor, OfferOver, WaitingClosed
from rft.waiting.queries import Entry, get_entry
from rft.waiting.rules import offer_until
from rft.waiting.schemas import WaitingRequest


async def join(
    db: Connection, asked: WaitingRequest, *, now: datetime, user_id: int | None = None, actor: Actor | None = None
) -> str | None:
    """Puts somebody on the list; answers the entry's reference, None where this address waits for the course already.

    Raises NotFound, WaitingClosed, and NothingToWaitFor where one of the dates has room for all.
    """
    dates = [await get_schedule(db, schedule_id) for schedule_id in dict.fromkeys(asked.schedule_ids)]
    for date in dates:
        _require_worth_waiting(date, asked.places, course_id=dates[0].course_id, now=now)
    await _end_what_is_over(db, asked.person.email, dates[0].course_id, now)
    cursor = await db.execute(
        """
        insert into waiting_entries (reference, course_id, user_id, first_name, last_name, email, phone, places, added_by)
        values (%(reference)s, %(course_id)s, %(user_id)s, %(first_name)s, %(last_name)s, %(email)s, %(phone)s, %(places)s, %(added_by)s)
        on conflict (lower(email), course_id) where order_id is null and left_at is null do nothing
        returning id, reference
        """,
        {
            "reference": new_reference("WL"),
            "course_id": dates[0].course_id,
            "user_id": user_id,
            "places": asked.places,
            "added_by": actor.user_id if actor else None,
            **asked.person.model_dump(),
        },
    )
    entry = await cursor.fetchone()
    if entry is None:
        return None
    await db.execute(
        "insert into waiting_dates (entry_id, course_schedule_id) select %s, unnest(%s::integer[])",
        (entry["id"], [date.id for date in dates]),
    )
    if actor is not None:
        new = {"email": asked.person.email, "seats": asked.places, "course_id": dates[0].course_id}
        await record(db, actor, "waiting.join", "waiting_entry", entry["id"], new=new)
    await jobs.enqueue(db, "notifications.send_waiting_joined", entry_id=entry["id"])
    return str(entry["reference"])


def _require_worth_waiting(date: Schedule, places: int, *, course_id: int, now: datetime) -> None:
    closed = date.status not in ("published", "full") or date.course_id != course_id
    if closed or offer_until(now, date.start_datetime) is None:
        raise WaitingClosed
    if date.seats_left >= places:
        raise NothingToWaitFor


async def _end_what_is_over(db: Connection, email: str, course_id: int, now: datetime) -> None:
    """Waiting for dates that have all begun is over, and does not stand in the way of waiting anew."""
    await db.execute(
        """
        update waiting_entries as entry set left_at = %(now)s
         where lower(entry.email) = lower(%(email)s) and entry.course_id = %(course_id)s
           and entry.order_id is null and entry.left_at is null
           and not exists (select from waiting_dates as dated
                             join course_schedules as schedule on schedule.id = dated.course_schedule_id
                            where dated.entry_id = entry.id and schedule.status in ('published', 'full')
                              and schedule.start_datetime > %(now)s)
        """,
        {"email": email, "course_id": course_id, "now": now},
    )


async def leave(db: Connection, reference: str, *, now: datetime, actor: Actor | None = None) -> Entry:
    """Takes somebody off the list; nothing happens to whoever has an offer or has left. Raises NotFound."""
    cursor = await db.execute(
        "update waiting_entries set left_at = %s where reference = %s and order_id is null and left_at is null returning id",
        (now, reference),
    )
    left = await cursor.fetchone()
    if left is not None and actor is not None:
        await record(db, actor, "waiting.leave", "waiting_entry", left["id"], new={"status": "left"})
    return await get_entry(db, reference)


async def open_offer(db: Connection, reference: str) -> tuple[str, str]:
    """The offered order's reference and a new token that opens it in this browser. Raises NotFound, OfferOver."""
    entry = await get_entry(db, reference)
    if entry.order_reference is None or entry.state == "lapsed":
        raise OfferOver
    found = await renew_access(db, entry.order_reference, entry.email)
    if found is None:
        raise OfferOver
    return found


async def forget_entries(db: Connection, *, before: datetime) -> int:
    """Deletes who waited only for dates that were over by then; answers how many. What was booked from an offer stays."""
    cursor = await db.execute(
        """
        delete from waiting_entries as entry
         where entry.joined_at < %(before)s
           and not exists (select from waiting_dates as dated
                             join course_schedules as schedule on schedule.id = dated.course_schedule_id
                            where dated.entry_id = entry.id and schedule.end_datetime >= %(before)s)
        """,
        {"before": before},
    )
    return cursor.rowcount
