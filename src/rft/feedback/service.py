"""Asks those who attended, takes each answer once, and takes a comment out that names somebody."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import partial

from rft.audit.service import Actor, record
from rft.database.pool import Connection, Database
from rft.errors import NotFound, NotValid
from rft.feedback.errors import FeedbackGiven
from rft.feedback.queries import ToAsk, get_asked, list_to_ask
from rft.feedback.rules import QUESTIONS, SCALE
from rft.kit.clock import from_london, london_today
from rft.kit.references import hash_token, new_token
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line, render
from rft.notifications.facts import get_company
from rft.settings import Settings

EMAIL_TYPE = "feedback_request"
LONGEST_COMMENT = 2000
# Who completes later than this has forgotten how it was.
_ASKED_WITHIN = timedelta(days=21)
_A_BATCH = 200


async def ask_all(database: Database, settings: Settings, *, now: datetime) -> int:
    """Writes to those whose course ended before London's today, each in a transaction of its own; answers how many."""
    until = from_london(london_today(now), time.min)
    written = 0
    while True:
        async with database.connection() as db:
            batch = await list_to_ask(db, now - _ASKED_WITHIN, until, most=_A_BATCH)
        for person in batch:
            written += await database.run(partial(_ask, settings=settings, person=person))
        if len(batch) < _A_BATCH:
            return written


async def answer(db: Connection, token: str, typed: Mapping[str, str]) -> None:
    """Takes what was typed. Raises NotFound, FeedbackGiven, or NotValid with a sentence for each field."""
    asked = await get_asked(db, token)
    said: dict[str, object] = dict(_read(typed))
    cursor = await db.execute(
        "update feedback_invitations set is_answered = true where booking_id = %s and not is_answered returning booking_id",
        (asked.booking_id,),
    )
    if await cursor.fetchone() is None:
        raise FeedbackGiven
    await db.execute(
        """
        insert into feedback_answers (course_schedule_id, instructor_id, confidence, trainer, practice, venue, recommend, comment)
        select schedule.id,
               coalesce(schedule.instructor_id,
                        (select min(session.instructor_id)
                           from schedule_sessions as session
                          where session.course_schedule_id = schedule.id)),
               %(confidence)s, %(trainer)s, %(practice)s, %(venue)s, %(recommend)s, %(comment)s
          from course_schedules as schedule
         where schedule.id = %(schedule_id)s
        """,
        {**said, "schedule_id": asked.course_schedule_id},
    )


async def take_out_comment(db: Connection, actor: Actor, answer_id: str) -> None:
    """The figures stay. Raises NotFound."""
    cursor = await db.execute(
        "update feedback_answers set comment = null where id::text = %s and comment is not null returning course_schedule_id",
        (answer_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound
    await record(db, actor, "feedback.take_out_comment", "schedule", row["course_schedule_id"])


def _read(typed: Mapping[str, str]) -> dict[str, int | str | None]:
    errors = {
        name: "Choose a number from 1 to 5."
        for name in QUESTIONS
        if typed.get(name) not in {str(step) for step in SCALE}
    }
    comment = typed.get("comment", "").strip()
    if len(comment) > LONGEST_COMMENT:
        errors["comment"] = f"Use at most {LONGEST_COMMENT} characters."
    if errors:
        raise NotValid(errors=errors)
    return {name: int(typed[name]) for name in QUESTIONS} | {"comment": comment or None}


async def _ask(db: Connection, *, settings: Settings, person: ToAsk) -> bool:
    """Whether this was the first to ask."""
    token = new_token()
    cursor = await db.execute(
        "insert into feedback_invitations (booking_id, token_hash) values (%s, %s) on conflict do nothing returning booking_id",
        (person.booking_id, hash_token(token)),
    )
    if await cursor.fetchone() is None:
        return False
    context = {"person": person, "company": await get_company(db), "link": f"{settings.base_url}/feedback/{token}"}
    text, html = render("feedback_request", context)
    mail = Mail(
        dedupe_key=f"feedback:{person.booking_id}",
        email_type=EMAIL_TYPE,
        recipient=person.email,
        subject=one_line(f"How was your course? {person.course_name}")[:255],
        text_body=text,
        html_body=html,
        calendar=None,
        booking_ids=[person.booking_id],
    )
    return await outbox.put(db, mail) is not None
