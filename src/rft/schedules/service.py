"""Makes, publishes and cancels schedules."""

from datetime import datetime

from rft.audit.service import Actor, record
from rft.database.edit import insert
from rft.database.pool import Connection, Row
from rft.errors import NotFound, Refusal
from rft.schedules.errors import VenueTaken
from rft.schedules.schemas import ScheduleRequest


class ScheduleStateRefused(Refusal):
    status = 409
    title = "Not possible for this date"


async def create_schedule(db: Connection, actor: Actor, asked: ScheduleRequest) -> int:
    """Adds a draft; answers its id. Raises VenueTaken (with the row in the way), InstructorTaken, NotAnInstructor."""
    await require_venue_free(db, asked.venue_id, _spans(asked))
    schedule_id = await insert(
        db,
        "course_schedules",
        {
            "course_id": asked.course_id,
            "venue_id": asked.venue_id,
            "instructor_id": asked.instructor_id,
            "start_datetime": asked.start,
            "end_datetime": asked.end,
            "notes": asked.notes,
            "created_by": actor.user_id,
            # A schedule that spells out its sessions holds only those: it is written as cancelled (holding nothing) until they are there.
            "status": "cancelled" if asked.sessions else "draft",
        },
    )
    for session in asked.sessions:
        await insert(
            db,
            "schedule_sessions",
            {
                "course_schedule_id": schedule_id,
                "starts_at": session.start,
                "ends_at": session.end,
                "venue_id": session.venue_id,
                "instructor_id": session.instructor_id,
            },
        )
    if asked.sessions:
        await db.execute("update course_schedules set status = 'draft' where id = %s", (schedule_id,))
    await record(db, actor, "schedule.create", "schedule", schedule_id, new=asked.model_dump(mode="json"))
    return schedule_id


def _spans(asked: ScheduleRequest) -> list[tuple[datetime, datetime]]:
    """When the schedule's own venue is needed."""
    if not asked.sessions:
        return [(asked.start, asked.end)]
    return [(session.start, session.end) for session in asked.sessions if session.venue_id in (None, asked.venue_id)]


async def require_venue_free(db: Connection, venue_id: int, spans: list[tuple[datetime, datetime]]) -> None:
    """Asks before the database decides, to name the date in the way. Raises VenueTaken."""
    for start, end in spans:
        cursor = await db.execute(
            """
            select schedule.id, course.name, schedule.start_datetime
              from schedule_occupancies as held
              join course_schedules as schedule on schedule.id = held.course_schedule_id
              join courses as course on course.id = schedule.course_id
             where held.venue_id = %s and held.during && tsrange(%s, %s, '[)')
             order by held.during
             limit 1
            """,
            (venue_id, start, end),
        )
        taken = await cursor.fetchone()
        if taken is not None:
            raise VenueTaken(
                f"{taken['name']} (date {taken['id']}) already holds this venue at that time.",
                facts={"schedule_id": taken["id"]},
            )


async def publish_schedule(db: Connection, actor: Actor, schedule_id: int) -> None:
    """From draft to open for booking; a second time changes nothing. Raises NotFound or ScheduleStateRefused."""
    before = await _locked(db, schedule_id)
    if before["status"] == "cancelled":
        raise ScheduleStateRefused("This date was cancelled and cannot be published.")
    if before["status"] == "draft":
        await db.execute("update course_schedules set status = 'published' where id = %s", (schedule_id,))
        await record(
            db, actor, "schedule.publish", "schedule", schedule_id, old={"status": "draft"}, new={"status": "published"}
        )


async def cancel_schedule(db: Connection, actor: Actor, schedule_id: int) -> None:
    """Cancels a date on which no seat is taken; a second time changes nothing.

    Raises NotFound, ScheduleStateRefused while seats are taken, or HistoryKept once it was held.
    """
    before = await _locked(db, schedule_id)
    if before["status"] == "cancelled":
        return
    if before["current_capacity"] > 0:
        raise ScheduleStateRefused(
            f"{before['current_capacity']} seats are taken on this date. Cancel or move those bookings first.",
            code="schedule_has_bookings",
            facts={"seats_taken": before["current_capacity"]},
        )
    await db.execute("update course_schedules set status = 'cancelled' where id = %s", (schedule_id,))
    await record(
        db,
        actor,
        "schedule.cancel",
        "schedule",
        schedule_id,
        old={"status": before["status"]},
        new={"status": "cancelled"},
    )


async def _locked(db: Connection, schedule_id: int) -> Row:
    await db.execute("select pg_advisory_xact_lock(7301, %s)", (schedule_id,))
    cursor = await db.execute(
        "select status, current_capacity from course_schedules where id = %s for no key update", (schedule_id,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such date.", code="schedule_not_found")
    return row
