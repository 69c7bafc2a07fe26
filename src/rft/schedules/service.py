"""Makes, changes, publishes and cancels schedules."""

from datetime import datetime
from typing import Any

from rft import jobs
from rft.audit.service import Actor, record
from rft.database.edit import insert
from rft.database.pool import Connection, Row
from rft.errors import NotFound, NotValid
from rft.instructors.service import require_fit_to_teach
from rft.kit.clock import span_in_words
from rft.schedules.clashes import require_instructor_free, require_venue_free
from rft.schedules.errors import QualificationNotMet, ScheduleChangedMeanwhile, ScheduleStateRefused
from rft.schedules.moving import rearrange
from rft.schedules.plans import get_planned, keep_plan, list_shortfalls
from rft.schedules.schemas import Hold, PlanRequest, ScheduleRequest


async def create_schedule(db: Connection, actor: Actor, asked: ScheduleRequest) -> int:
    """Adds a draft; answers its id. Raises VenueTaken or InstructorTaken (with the date in the way), NotAnInstructor."""
    await require_venue_free(db, asked.holds)
    await require_instructor_free(db, asked.holds)
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
    if asked.plan is not None:
        await keep_plan(db, schedule_id, asked.plan)
    await record(db, actor, "schedule.create", "schedule", schedule_id, new=_logged(asked))
    return schedule_id


async def change_schedule(
    db: Connection, actor: Actor, schedule_id: int, asked: ScheduleRequest, *, seen: datetime | None = None
) -> bool:
    """Makes the date what is asked; answers whether days or place moved, so that everybody booked is told.

    `seen` is the updated_at that the change was made upon. Raises NotFound, ScheduleChangedMeanwhile, ScheduleStateRefused for a
    cancelled date, HistoryKept, InstructorNotQualified or InstructorAway for a live one, and what create_schedule raises.
    """
    before = await _locked(db, schedule_id)
    planned = await get_planned(db, schedule_id)
    if seen is not None and seen != planned.updated_at:
        raise ScheduleChangedMeanwhile
    if before["status"] == "cancelled":
        raise ScheduleStateRefused("This date was cancelled; add another one in its place.")
    await require_venue_free(db, asked.holds, schedule_id)
    await require_instructor_free(db, asked.holds, schedule_id)
    await rearrange(db, schedule_id, asked)
    await keep_plan(db, schedule_id, asked.plan or planned.asked.plan or PlanRequest())
    if before["status"] != "draft":
        await require_fit_to_teach(db, schedule_id)
    old, new = _logged(planned.asked), _logged(asked)
    changed = [name for name in new if new[name] != old.get(name)]
    await record(
        db, actor, "schedule.change", "schedule", schedule_id,
        old={name: old.get(name) for name in changed}, new={name: new[name] for name in changed},
    )  # fmt: skip
    if before["status"] == "draft" or planned.asked.holds == asked.holds:
        return False
    return await _tell_concerned(db, actor, schedule_id, planned.asked, asked)


async def _tell_concerned(
    db: Connection, actor: Actor, schedule_id: int, before: ScheduleRequest, after: ScheduleRequest
) -> bool:
    """Who teaches is told what changed for them; whoever booked, where days or place did. Answers whether the latter are told."""
    move_id = await insert(
        db,
        "schedule_moves",
        {
            "course_schedule_id": schedule_id,
            "told_before": await _days_in_words(db, before, after),
            "moved_by": actor.user_id,
        },
    )
    is_moved = _where_and_when(before.holds) != _where_and_when(after.holds)
    if is_moved:
        await jobs.enqueue(db, "notifications.send_schedule_changed", move_id=move_id)
    for person in sorted({hold.instructor_id for hold in before.holds + after.holds if hold.instructor_id is not None}):
        taught, teach = ([hold for hold in asked.holds if hold.instructor_id == person] for asked in (before, after))
        if taught != teach:
            change = "moved" if taught and teach else "given" if teach else "taken"
            await jobs.enqueue(
                db, "notifications.send_teaching_changed", move_id=move_id, user_id=person, change=change
            )
    return is_moved


def _where_and_when(holds: list[Hold]) -> list[tuple[int, datetime, datetime]]:
    """What whoever booked knows of the days."""
    return [(hold.venue_id, hold.start, hold.end) for hold in holds]


async def _days_in_words(db: Connection, before: ScheduleRequest, after: ScheduleRequest) -> str:
    """The days as they were, each with its place where a place changes."""
    venues = {hold.venue_id for hold in before.holds}
    if venues == {hold.venue_id for hold in after.holds}:
        return "; ".join(span_in_words(hold.start, hold.end) for hold in before.holds)
    cursor = await db.execute("select id, name || ', ' || city as name from venues where id = any(%s)", (list(venues),))
    names = {row["id"]: row["name"] for row in await cursor.fetchall()}
    return "; ".join(f"{span_in_words(hold.start, hold.end)}, at {names[hold.venue_id]}" for hold in before.holds)


async def publish_schedule(db: Connection, actor: Actor, schedule_id: int, *, waiver: str | None = None) -> None:
    """From draft to open for booking; a second time changes nothing.

    Raises NotFound, ScheduleStateRefused, InstructorNotQualified, InstructorAway, or QualificationNotMet where the days fall short and
    no reason (`waiver`) is given for it.
    """
    before = await _locked(db, schedule_id)
    if before["status"] == "cancelled":
        raise ScheduleStateRefused("This date was cancelled and cannot be published.")
    if before["status"] != "draft":
        return
    missing = await list_shortfalls(db, schedule_id)
    if missing:
        await _waive(db, actor, schedule_id, missing, waiver)
    await db.execute("update course_schedules set status = 'published' where id = %s", (schedule_id,))
    await require_fit_to_teach(db, schedule_id)
    new = {"status": "published"} | ({"reason": waiver} if missing else {})
    await record(db, actor, "schedule.publish", "schedule", schedule_id, old={"status": "draft"}, new=new)


async def _waive(db: Connection, actor: Actor, schedule_id: int, missing: list[str], reason: str | None) -> None:
    if reason is None:
        raise QualificationNotMet(" ".join(missing), facts={"missing": missing})
    if not reason.strip():
        raise NotValid(errors={"reason": "Give the reason why this date may run all the same."})
    await db.execute(
        """
        insert into schedule_waivers (course_schedule_id, missing, reason, waived_by)
        values (%s, %s, %s, %s) on conflict do nothing
        """,
        (schedule_id, " ".join(missing), reason.strip(), actor.user_id),
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


def _logged(asked: ScheduleRequest) -> dict[str, Any]:
    said = asked.model_dump(mode="json", exclude={"plan"})
    return said | (asked.plan.model_dump(mode="json") if asked.plan is not None else {})


async def _locked(db: Connection, schedule_id: int) -> Row:
    await db.execute("select pg_advisory_xact_lock(7301, %s)", (schedule_id,))
    cursor = await db.execute(
        "select status, current_capacity from course_schedules where id = %s for no key update", (schedule_id,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such date.", code="schedule_not_found")
    return row
