"""Asks people to teach a date, and takes their answers: who accepts first has it."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from rft import jobs
from rft.audit.service import Actor, record
from rft.database.pool import Connection
from rft.errors import NotFound, NotValid
from rft.planning.errors import RequestClosed
from rft.schedules.plans import get_planned
from rft.schedules.service import change_schedule
from rft.settings import Settings

# Long enough for a weekend; the office must know in time to ask somebody else.
_ANSWER_WITHIN = timedelta(days=5)
_SELECT = """
select request.id, request.course_schedule_id as schedule_id, request.instructor_id, request.state, request.note, request.asked_at,
       request.answer_by, request.answered_at, request.answer_note, name_of(request.instructor_id) as name,
       course.name as course_name, venue.name as venue_name, venue.city, schedule.start_datetime as starts_at,
       schedule.end_datetime as ends_at
  from teaching_requests as request
  join course_schedules as schedule on schedule.id = request.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
"""
_CLOSED = {
    "accepted": "You have accepted this date already.",
    "declined": "You have declined this date already.",
    "withdrawn": "Somebody else teaches this date now. Thank you all the same.",
    "expired": "The time to answer is over. Please telephone the office.",
}


@dataclass(frozen=True, slots=True)
class TeachingRequest:
    id: int
    schedule_id: int
    instructor_id: int
    state: str
    note: str | None
    asked_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    answer_note: str | None
    name: str
    course_name: str
    venue_name: str
    city: str
    starts_at: datetime
    ends_at: datetime

    def closed_on(self, now: datetime) -> str | None:
        """Why it can no longer be answered; None while it can."""
        state = "expired" if self.state == "asked" and self.answer_by <= now else self.state
        return _CLOSED.get(state)


def answer_token(settings: Settings, request_id: int) -> str:
    """Opens one request for an answer; stands in the mail to whom it was asked of, and nowhere else."""
    said = f"teaching-request\n{request_id}".encode()
    return base64.urlsafe_b64encode(hmac.digest(settings.secret_key.encode(), said, "sha256"))[:43].decode()


def is_answer_token(settings: Settings, request_id: int, token: str) -> bool:
    return hmac.compare_digest(answer_token(settings, request_id).encode(), token.encode("utf-8", "replace"))


async def get_request(db: Connection, request_id: int) -> TeachingRequest:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(TeachingRequest)) as cursor:
        await cursor.execute(f"{_SELECT} where request.id = %s", (request_id,))
        found = await cursor.fetchone()
    if found is None:
        raise NotFound
    return found


async def list_for_schedule(db: Connection, schedule_id: int) -> list[TeachingRequest]:
    return await _list(db, "request.course_schedule_id = %s order by request.id desc limit 100", schedule_id)


async def list_for_instructor(db: Connection, user_id: int) -> list[TeachingRequest]:
    """Open ones first, then the latest."""
    return await _list(
        db,
        "request.instructor_id = %s order by request.state <> 'asked', schedule.start_datetime desc limit 50",
        user_id,
    )


async def _list(db: Connection, condition: str, value: int) -> list[TeachingRequest]:
    async with db.cursor(row_factory=class_row(TeachingRequest)) as cursor:
        await cursor.execute(f"{_SELECT} where {condition}", (value,))
        return await cursor.fetchall()


async def ask(
    db: Connection, actor: Actor, schedule_id: int, people: Sequence[int], note: str | None, now: datetime
) -> int:
    """Asks each who has not an open request for it; answers how many. Raises NotValid where none is chosen, NotFound, RequestClosed."""
    if not people:
        raise NotValid(errors={"people": "Choose at least one person to ask."})
    await _lock(db, schedule_id)
    planned = await get_planned(db, schedule_id)
    if planned.status == "cancelled" or planned.asked.start <= now:
        raise RequestClosed("This date is over or was cancelled: nobody can be asked to teach it.")
    asked = 0
    for user_id in sorted(set(people)):
        cursor = await db.execute(
            """
            insert into teaching_requests (course_schedule_id, instructor_id, note, asked_by, answer_by)
            values (%s, %s, %s, %s, %s)
            on conflict (course_schedule_id, instructor_id) where state = 'asked' do nothing
            returning id
            """,
            (schedule_id, user_id, note, actor.user_id, min(now + _ANSWER_WITHIN, planned.asked.start)),
        )
        row = await cursor.fetchone()
        if row is None:
            continue
        asked += 1
        await jobs.enqueue(db, "notifications.send_teaching_request", request_id=row["id"])
        await record(db, actor, "schedule.ask", "schedule", schedule_id, new={"instructor_id": user_id})
    return asked


async def accept(db: Connection, actor: Actor, request_id: int, now: datetime) -> None:
    """The date is theirs, and whoever else was asked is told no longer to answer.

    Raises RequestClosed, and what change_schedule raises: a rule may have got in the way since they were asked.
    """
    found = await _open(db, request_id, now)
    planned = await get_planned(db, found.schedule_id)
    if planned.asked.instructor_id not in (None, found.instructor_id):
        raise RequestClosed(_CLOSED["withdrawn"])
    await _answer(db, request_id, "accepted", None, now)
    asked = planned.asked.model_copy(update={"instructor_id": found.instructor_id})
    await change_schedule(db, actor, found.schedule_id, asked)
    await db.execute(
        "update teaching_requests set state = 'withdrawn', answered_at = %s where course_schedule_id = %s and state = 'asked'",
        (now, found.schedule_id),
    )
    await record(
        db, actor, "schedule.accept", "schedule", found.schedule_id, new={"instructor_id": found.instructor_id}
    )


async def decline(db: Connection, actor: Actor, request_id: int, note: str | None, now: datetime) -> None:
    """Raises RequestClosed."""
    found = await _open(db, request_id, now)
    await _answer(db, request_id, "declined", note, now)
    await record(
        db,
        actor,
        "schedule.decline",
        "schedule",
        found.schedule_id,
        new={"instructor_id": found.instructor_id, "reason": note},
    )


async def expire(db: Connection, now: datetime) -> None:
    await db.execute(
        "update teaching_requests set state = 'expired', answered_at = %(now)s where state = 'asked' and answer_by <= %(now)s",
        {"now": now},
    )


async def _open(db: Connection, request_id: int, now: datetime) -> TeachingRequest:
    """Under the date's lock: of two who accept at once, the second finds it closed."""
    await _lock(db, (await get_request(db, request_id)).schedule_id)
    found = await get_request(db, request_id)
    if (why := found.closed_on(now)) is not None:
        raise RequestClosed(why)
    return found


async def _lock(db: Connection, schedule_id: int) -> None:
    await db.execute("select pg_advisory_xact_lock(7301, %s)", (schedule_id,))


async def _answer(db: Connection, request_id: int, state: str, note: str | None, now: datetime) -> None:
    await db.execute(
        "update teaching_requests set state = %s, answered_at = %s, answer_note = %s where id = %s",
        (state, now, note, request_id),
    )
