"""Puts an existing date and its days elsewhere, step by step, so that no step clashes where the whole does not.

The database refuses each statement that lets two dates hold one place, also for a moment. The days therefore move while the date
has no instructor, each with its new place spelled out, and in an order in which none lands on another one's old time. A day keeps
its row: registers and calendar entries refer to it.
"""

from collections.abc import Sequence
from datetime import datetime

from rft.database.pool import Connection, Row
from rft.schedules.schemas import Hold, ScheduleRequest


async def rearrange(db: Connection, schedule_id: int, asked: ScheduleRequest) -> None:
    """The caller holds the schedule's lock. Whatever is not free is refused by the database."""
    cursor = await db.execute(
        "select id, starts_at, ends_at from schedule_sessions where course_schedule_id = %s order by starts_at",
        (schedule_id,),
    )
    rows = await cursor.fetchall()
    await db.execute(
        "update course_schedules set instructor_id = null where id = %s and instructor_id is not null", (schedule_id,)
    )
    if rows or asked.sessions:
        await _move_sessions(db, schedule_id, rows, sorted(asked.holds, key=lambda hold: hold.start))
    await db.execute(
        """
        update course_schedules
           set course_id = %(course_id)s, venue_id = %(venue_id)s, instructor_id = %(instructor_id)s,
               start_datetime = %(start)s, end_datetime = %(end)s, notes = %(notes)s, updated_at = utc_clock()
         where id = %(id)s
        """,
        {**asked.model_dump(exclude={"sessions", "plan"}), "id": schedule_id},
    )
    await _spell_out(db, schedule_id, asked)


async def _move_sessions(db: Connection, schedule_id: int, rows: Sequence[Row], holds: Sequence[Hold]) -> None:
    for row in rows[len(holds) :]:
        await db.execute("delete from schedule_sessions where id = %s", (row["id"],))
    where = {row["id"]: (row["starts_at"], row["ends_at"]) for row in rows[: len(holds)]}
    waiting = dict(zip(where, holds, strict=False))
    while waiting:
        session_id = next((each for each in waiting if not _lands_on_another(each, waiting[each], where)), min(waiting))
        hold = waiting.pop(session_id)
        await db.execute(
            """
            update schedule_sessions
               set starts_at = %(start)s, ends_at = %(end)s, venue_id = %(venue_id)s, instructor_id = %(instructor_id)s
             where id = %(id)s
            """,
            _columns(hold) | {"id": session_id},
        )
        where[session_id] = (hold.start, hold.end)
    for hold in holds[len(rows) :]:
        await db.execute(
            """
            insert into schedule_sessions (course_schedule_id, starts_at, ends_at, venue_id, instructor_id)
            values (%(schedule_id)s, %(start)s, %(end)s, %(venue_id)s, %(instructor_id)s)
            """,
            _columns(hold) | {"schedule_id": schedule_id},
        )


async def _spell_out(db: Connection, schedule_id: int, asked: ScheduleRequest) -> None:
    """Leaves to each day only what it has of its own."""
    if not asked.sessions:
        await db.execute("delete from schedule_sessions where course_schedule_id = %s", (schedule_id,))
    for session in asked.sessions:
        await db.execute(
            """
            update schedule_sessions set venue_id = %(venue_id)s, instructor_id = %(instructor_id)s
             where course_schedule_id = %(schedule_id)s and starts_at = %(start)s
            """,
            session.model_dump() | {"schedule_id": schedule_id},
        )


def _lands_on_another(session_id: int, hold: Hold, where: dict[int, tuple[datetime, datetime]]) -> bool:
    return any(
        other != session_id and hold.start < ends_at and starts_at < hold.end
        for other, (starts_at, ends_at) in where.items()
    )


def _columns(hold: Hold) -> dict[str, object]:
    return {"start": hold.start, "end": hold.end, "venue_id": hold.venue_id, "instructor_id": hold.instructor_id}
