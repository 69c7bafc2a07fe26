"""The mails of the waiting list: that somebody is on it, and that places are held for them."""

from typing import Any

from rft.database.pool import Connection
from rft.kit.clock import day_in_words, london_today
from rft.notifications import outbox
from rft.notifications.compose import Mail, moment_in_words, one_line, render
from rft.notifications.facts import Session, get_company, list_sessions
from rft.notifications.texts import write_words
from rft.waiting.queries import Entry, find_entry


async def write_waiting_joined(db: Connection, entry_id: int, *, base_url: str) -> int | None:
    """Queues the mail with the link to see how one stands, and to leave; None where the entry no longer waits."""
    entry = await find_entry(db, entry_id)
    if entry is None or entry.state != "waiting":
        return None
    days = await list_sessions(db, entry.schedule_ids)
    return await _put(db, entry, days, "waiting_joined", "You are on the waiting list", base_url=base_url, facts={})


async def write_waiting_offer(db: Connection, entry_id: int, *, base_url: str) -> int | None:
    """Queues the mail with the offer, once; None where the offer is over or taken before the mail was written."""
    entry = await find_entry(db, entry_id)
    if entry is None or entry.state != "offered" or entry.offered_until is None or entry.offered_schedule_id is None:
        return None
    cursor = await db.execute(
        """
        select placed.total, booking.id as booking_id
          from orders as placed
          join order_bookings as seat on seat.order_id = placed.id
          join bookings as booking on booking.id = seat.booking_id
         where placed.reference = %s and booking.status = 'pending'
        """,
        (entry.order_reference,),
    )
    seats = await cursor.fetchall()
    days = await list_sessions(db, [entry.offered_schedule_id])
    facts = {"until": moment_in_words(entry.offered_until), "total": seats[0]["total"]}
    booking_ids = [seat["booking_id"] for seat in seats]
    return await _put(
        db,
        entry,
        days,
        "waiting_offer",
        "There is room for you",
        base_url=base_url,
        facts=facts,
        booking_ids=booking_ids,
    )


async def _put(
    db: Connection,
    entry: Entry,
    days: list[Session],
    kind: str,
    title: str,
    *,
    base_url: str,
    facts: dict[str, Any],
    booking_ids: list[int] | None = None,
) -> int | None:
    cursor = await db.execute("select name from courses where id = %s", (entry.course_id,))
    course = await cursor.fetchone()
    assert course is not None, "an entry waits for a course"
    # Each date once, by its first day.
    first_days = list({day.course_schedule_id: day for day in reversed(days)}.values())[::-1]
    company, day = await get_company(db), day_in_words(london_today(first_days[0].starts_at))
    said = {"name": entry.name, "course": course["name"], "date": day, "company": company.name}
    introduction, subject = await write_words(db, kind, said, f"{title}: {course['name']}, {day}")
    context = {
        "title": title,
        "entry": entry,
        "company": company,
        "introduction": introduction,
        "course_name": course["name"],
        "dates": first_days,
        "link": f"{base_url}/waiting/{entry.reference}",
        **facts,
    }
    text, html = render(kind, context)
    return await outbox.put(
        db,
        Mail(
            dedupe_key=f"{kind.replace('_', '-')}:{entry.id}",
            email_type=kind,
            recipient=entry.email,
            subject=one_line(subject)[:255],
            text_body=text,
            html_body=html,
            calendar=None,
            booking_ids=booking_ids or [],
        ),
    )
