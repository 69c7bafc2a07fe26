"""Reminds the holders of certificates that run out, each once a step, and takes no for an answer."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from rft.database.pool import Connection, Database
from rft.kit.clock import london_today
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line, render
from rft.notifications.facts import get_company
from rft.requalification.links import hash_of, renewal_address
from rft.requalification.queries import Due, Expiring, find_course_for, get_expiring, list_due
from rft.requalification.rules import Way, way_on
from rft.schedules.queries import OPEN, Filter, Schedule, list_schedules
from rft.settings import Settings

EMAIL_TYPE = "requalification_reminder"
_DATES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Renewal:
    """What the holder is offered on a day: the course to take, and its open dates, those in their own town first."""

    expiring: Expiring
    way: Way
    course_id: int
    dates: list[Schedule]


async def read_renewal(db: Connection, number: str, *, now: datetime) -> Renewal:
    """Raises NotFound."""
    expiring = await get_expiring(db, number=number)
    way = way_on(london_today(now), expires=expiring.expires_on, grace_days=expiring.grace_days)
    qualification = expiring.renewed_by if way == "requalification" else expiring.begins_with
    course_id = await find_course_for(db, qualification) or expiring.course_id
    dates = await _list_dates(db, course_id, now)
    if way == "requalification":
        dates = [one for one in dates if _is_in_time(one, expiring)]
    dates.sort(key=lambda one: one.city.lower() != expiring.town.lower())
    return Renewal(expiring, way, course_id, dates[:_DATES_SHOWN])


async def remind_all(database: Database, settings: Settings, *, now: datetime) -> int:
    """Writes the mails of London's today, each in a transaction of its own; answers how many there were."""
    today, written, after = london_today(now), 0, 0
    while True:
        async with database.connection() as db:
            batch = await list_due(db, today, after=after)
        if not batch:
            return written
        for due in batch:
            written += await database.run(partial(_remind, settings=settings, due=due, today=today))
        after = batch[-1].id


async def opt_out(db: Connection, number: str) -> None:
    """No more reminders to the certificate's address, whichever certificate they are about. Raises NotFound."""
    expiring = await get_expiring(db, number=number)
    await db.execute(
        "insert into requalification_opt_outs (email_hash) values (%s) on conflict do nothing",
        (hash_of(expiring.email),),
    )


async def _remind(db: Connection, *, settings: Settings, due: Due, today: date) -> bool:
    """Whether this was the first to write it."""
    cursor = await db.execute(
        """
        insert into requalification_reminders (certificate_id, days_before) values (%s, %s)
        on conflict do nothing
        returning certificate_id
        """,
        (due.id, due.days_before),
    )
    if await cursor.fetchone() is None:
        return False
    expiring = await get_expiring(db, certificate_id=due.id)
    context = {
        "expiring": expiring,
        "days": (expiring.expires_on - today).days,
        "company": await get_company(db),
        "link": renewal_address(settings, expiring.number),
        "quiet": renewal_address(settings, expiring.number, "/reminders"),
    }
    text, html = render("requalification_reminder", context)
    mail = Mail(
        dedupe_key=f"requalification-{due.days_before}:{due.id}",
        email_type=EMAIL_TYPE,
        recipient=expiring.email,
        subject=one_line(f"Your certificate runs out: {expiring.course_name}")[:255],
        text_body=text,
        html_body=html,
        calendar=None,
        booking_ids=[expiring.booking_id],
    )
    return await outbox.put(db, mail) is not None


async def _list_dates(db: Connection, course_id: int, now: datetime) -> list[Schedule]:
    return await list_schedules(db, Filter(starts_from=now, course_id=course_id, statuses=OPEN, limit=_DATES_SHOWN * 5))


def _is_in_time(schedule: Schedule, expiring: Expiring) -> bool:
    first_day = london_today(schedule.start_datetime)
    return way_on(first_day, expires=expiring.expires_on, grace_days=expiring.grace_days) == "requalification"
