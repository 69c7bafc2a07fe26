"""What the office plans beside a date: breaks, the fewest people by when, whose people it is for; and what its qualification lacks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.clock import to_iso
from rft.schedules.schemas import PlanRequest, ScheduleRequest


@dataclass(frozen=True, slots=True)
class Planned:
    """A date as it could be asked for again (`said` as a client would write it), and when it was last changed."""

    asked: ScheduleRequest
    said: dict[str, Any]
    status: str
    taken: int
    updated_at: datetime


async def keep_plan(db: Connection, schedule_id: int, plan: PlanRequest) -> None:
    await db.execute(
        """
        insert into schedule_plans (course_schedule_id, breaks_minutes, minimum_seats, decide_by, in_house_for)
        values (%(schedule_id)s, %(breaks_minutes)s, %(minimum_seats)s, %(decide_by)s, %(in_house_for)s)
        on conflict (course_schedule_id) do update
           set breaks_minutes = excluded.breaks_minutes, minimum_seats = excluded.minimum_seats,
               decide_by = excluded.decide_by, in_house_for = excluded.in_house_for
        """,
        plan.model_dump() | {"schedule_id": schedule_id},
    )


async def get_planned(db: Connection, schedule_id: int) -> Planned:
    """Raises NotFound."""
    cursor = await db.execute(
        """
        select schedule.course_id, schedule.venue_id, schedule.instructor_id, schedule.start_datetime as start,
               schedule.end_datetime as end, schedule.notes, schedule.status, schedule.current_capacity, schedule.updated_at,
               plan.breaks_minutes, plan.minimum_seats, plan.decide_by, plan.in_house_for
          from course_schedules as schedule
          left join schedule_plans as plan on plan.course_schedule_id = schedule.id
         where schedule.id = %s
        """,
        (schedule_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such date.", code="schedule_not_found")
    sessions = await db.execute(
        """
        select starts_at as start, ends_at as end, venue_id, instructor_id
          from schedule_sessions where course_schedule_id = %s order by starts_at
        """,
        (schedule_id,),
    )
    said: dict[str, Any] = {name: row[name] for name in ("course_id", "venue_id", "instructor_id", "notes")}
    said |= _times(row) | {"sessions": [session | _times(session) for session in await sessions.fetchall()]}
    said["plan"] = None
    if row["breaks_minutes"] is not None:
        said["plan"] = {name: row[name] for name in ("breaks_minutes", "minimum_seats", "in_house_for")}
        said["plan"]["decide_by"] = row["decide_by"] and row["decide_by"].isoformat()
    asked = ScheduleRequest.model_validate(said)
    return Planned(asked, said, row["status"], row["current_capacity"], row["updated_at"])


def _times(row: dict[str, Any]) -> dict[str, str]:
    return {"start": to_iso(row["start"]), "end": to_iso(row["end"])}


async def list_shortfalls(db: Connection, schedule_id: int) -> list[str]:
    """What the date lacks of its qualification, a sentence each; the rule's own figures."""
    cursor = await db.execute("select sentence from schedule_shortfalls(%s)", (schedule_id,))
    return [row["sentence"] for row in await cursor.fetchall()]
