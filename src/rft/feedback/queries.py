"""Reads feedback: whom to ask, what a link is for, and the results."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.feedback.rules import FEWEST_SHOWN, QUESTIONS, Result
from rft.kit.references import hash_token

_TO_ASK = statement(__file__, "to_ask.sql")
_AVERAGES = ", ".join(f"round(avg(answer.{name}), 1) as {name}" for name in QUESTIONS)
_RESULTS = statement(__file__, "results.sql").replace("{averages}", _AVERAGES)
_COMMENTS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ToAsk:
    """Somebody who attended, and where the mail goes."""

    booking_id: int
    name: str | None
    email: str
    course_name: str
    ended_on: date


@dataclass(frozen=True, slots=True)
class Asked:
    """What the link of a mail is for."""

    booking_id: int
    course_schedule_id: int
    course_name: str
    ended_on: date
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """Written without a name, under a course; the office also sees which date it was."""

    id: str
    course_name: str
    schedule_id: int
    text: str


async def list_to_ask(db: Connection, since: datetime, until: datetime, *, most: int) -> list[ToAsk]:
    """Of the dates that ended from `since` until before `until`."""
    async with db.cursor(row_factory=class_row(ToAsk)) as cursor:
        await cursor.execute(_TO_ASK, {"since": since, "until": until, "most": most})
        return await cursor.fetchall()


async def get_asked(db: Connection, token: str) -> Asked:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(Asked)) as cursor:
        await cursor.execute(
            """
            select invitation.booking_id, booking.course_schedule_id, course.name as course_name,
                   london_day(schedule.end_datetime) as ended_on, invitation.is_answered
              from feedback_invitations as invitation
              join bookings as booking on booking.id = invitation.booking_id
              join course_schedules as schedule on schedule.id = booking.course_schedule_id
              join courses as course on course.id = schedule.course_id
             where invitation.token_hash = %s
            """,
            (hash_token(token),),
        )
        asked = await cursor.fetchone()
    if asked is None:
        raise NotFound
    return asked


async def read_results(db: Connection, *, instructor_id: int | None = None) -> dict[str, list[Result]]:
    """`course` and `instructor` → their results, those with most answers first; of one instructor's dates where that is said."""
    cursor = await db.execute(_RESULTS, {"instructor_id": instructor_id})
    found: dict[str, list[Result]] = {"course": [], "instructor": []}
    for row in await cursor.fetchall():
        found[row["kind"]].append(_result(row))
    return found


async def count_asked(db: Connection) -> tuple[int, int]:
    """How many were asked, and how many of them have answered."""
    cursor = await db.execute(
        "select count(*) as asked, count(*) filter (where is_answered) as answered from feedback_invitations"
    )
    row = await cursor.fetchone()
    assert row is not None, "a count is one row"
    return row["asked"], row["answered"]


async def list_comments(db: Connection, *, instructor_id: int | None = None) -> list[Comment]:
    """The newest first; to an instructor in no order of time, and only under courses with answers enough."""
    async with db.cursor(row_factory=class_row(Comment)) as cursor:
        await cursor.execute(
            """
            select commented.id, commented.course_name, commented.schedule_id, commented.text
              from (select answer.id::text, course.name as course_name, answer.course_schedule_id as schedule_id,
                           answer.comment as text, answer.answered_on, count(*) over (partition by course.id) as answers
                      from feedback_answers as answer
                      join course_schedules as schedule on schedule.id = answer.course_schedule_id
                      join courses as course on course.id = schedule.course_id
                     where %(instructor_id)s::integer is null or answer.instructor_id = %(instructor_id)s) as commented
             where commented.text is not null and (%(instructor_id)s::integer is null or commented.answers >= %(fewest)s)
             order by case when %(instructor_id)s::integer is null then commented.answered_on end desc, commented.id
             limit %(most)s
            """,
            {"instructor_id": instructor_id, "fewest": FEWEST_SHOWN, "most": _COMMENTS_SHOWN},
        )
        return await cursor.fetchall()


def _result(row: dict[str, Any]) -> Result:
    return Result(row["name"], row["answers"], tuple(row[name] for name in QUESTIONS))
