"""Keeps registers: takes marks from devices, closes a course, opens it again, and shows access needs to those who may read them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

import psycopg
from psycopg.types.json import Jsonb

from rft import jobs
from rft.attendance.errors import RegisterClosed, RegisterNotYet
from rft.attendance.queries import Person, Register, Session, list_sessions, read_register
from rft.attendance.rules import is_about_the_course
from rft.attendance.schemas import MarkRequest
from rft.audit.service import Actor, record
from rft.database.pool import Connection
from rft.database.translate import refusal_from
from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import from_london, london_today, to_london


@dataclass(frozen=True, slots=True)
class Completion:
    """One place of a date; `missing` is what keeps it from being completed, in words; empty: nothing."""

    reference: str
    name: str
    status: str
    missing: list[str]


@dataclass(frozen=True, slots=True)
class Closed:
    completed: list[str] = field(default_factory=list)
    no_show: list[str] = field(default_factory=list)
    held: dict[str, list[str]] = field(default_factory=dict)


def require_teaches(sessions: Sequence[Session], user_id: int, role: str) -> None:
    """Raises NotFound unless they are an admin's to see, or one of the sessions is the user's own: others are told of nothing."""
    if role != "admin" and user_id not in {session.instructor_id for session in sessions}:
        raise NotFound("There is no such session.", code="session_not_found")


def require_day_begun(session: Session, now: datetime) -> None:
    """Raises RegisterNotYet before the session's London day."""
    if now < from_london(london_today(session.starts_at), time.min):
        raise RegisterNotYet


async def require_open(db: Connection, schedule_id: int) -> None:
    """For whoever has just taken a place on the date: that took the lock under which a register is closed. Raises RegisterClosed."""
    cursor = await db.execute(
        "select from register_closures where course_schedule_id = %s and reopened_at is null", (schedule_id,)
    )
    if cursor.rowcount:
        raise RegisterClosed


async def keep_marks(
    db: Connection, actor: Actor, session: Session, marks: Sequence[MarkRequest], *, now: datetime
) -> dict[str, str]:
    """Writes down what is new. Answers what could not be taken, mark id → why: the rest of the batch is kept all the same.

    Raises RegisterNotYet before the session's day.
    """
    require_day_begun(session, now)
    refused = {}
    for mark in marks:
        try:
            async with db.transaction():
                await _write(db, actor, session, mark)
        except psycopg.IntegrityError as cause:
            refusal = refusal_from(cause)
            if not isinstance(refusal, Refusal):
                raise
            refused[str(mark.id)] = refusal.detail
        except NotFound as refusal:
            refused[str(mark.id)] = refusal.detail
    return refused


async def _write(db: Connection, actor: Actor, session: Session, mark: MarkRequest) -> None:
    cursor = await db.execute("select id from bookings where booking_reference = %s", (mark.booking,))
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such booking.", code="booking_not_found")
    await db.execute(
        """
        insert into register_marks (id, course_schedule_id, session_id, booking_id, kind, value, replaces, device, made_by, made_at)
        values (%(id)s, %(schedule_id)s, %(session_id)s, %(booking_id)s, %(kind)s, %(value)s, %(replaces)s, %(device)s, %(made_by)s,
                %(made_at)s)
        on conflict (id) do nothing
        """,
        {
            "id": mark.id, "schedule_id": session.schedule_id,
            "session_id": None if is_about_the_course(mark.kind) else session.session_id, "booking_id": row["id"],
            "kind": mark.kind, "value": Jsonb(mark.value), "replaces": mark.replaces, "device": mark.device,
            "made_by": actor.user_id, "made_at": mark.made_at,
        },
    )  # fmt: skip


async def list_completion(db: Connection, schedule_id: int) -> list[Completion]:
    """Every live place of a date with what it lacks. Raises NotFound."""
    return completion_of(await read_register(db, schedule_id))


def completion_of(register: Register) -> list[Completion]:
    return [
        Completion(person.reference, person.called, person.status, register.lacks(person)) for person in register.people
    ]


async def close_register(db: Connection, actor: Actor, schedule_id: int, *, now: datetime) -> Closed:
    """Signs a date off: completes whom the register says completed it, notes who never came, and holds the others with the reasons.

    Raises NotFound, RegisterNotYet before the end of the course, RegisterClosed.
    """
    sessions = await list_sessions(db, schedule_id)
    if sessions[0].course_ends_at > now:
        raise RegisterNotYet(
            f"The course ends at {to_london(sessions[0].course_ends_at):%H:%M}; its register is closed after that."
        )
    await _lock(db, schedule_id)
    # Read under the lock: what a device sent until now counts, what comes later waits.
    register = await read_register(db, schedule_id)
    if register.is_closed:
        raise RegisterClosed
    closed = Closed()
    for person in register.people:
        await _settle(db, register, person, closed, closed_by=actor.user_id)
    await db.execute(
        """
        insert into register_closures (course_schedule_id, closed_by, closed_at, held) values (%s, %s, utc_clock(), %s)
        """,
        (schedule_id, actor.user_id, Jsonb(closed.held)),
    )
    new = {"status": "closed", "seats": len(closed.completed), "state": f"{len(closed.held)} held"}
    await record(db, actor, "register.close", "schedule", schedule_id, new=new)
    return closed


async def _lock(db: Connection, schedule_id: int) -> None:
    """The one lock order: the schedule's queue, its bookings, the schedule's row."""
    await db.execute("select pg_advisory_xact_lock(7301, %s)", (schedule_id,))
    await db.execute("select from bookings where course_schedule_id = %s order by id for no key update", (schedule_id,))
    await db.execute("update course_schedules set updated_at = updated_at where id = %s", (schedule_id,))


async def _settle(db: Connection, register: Register, person: Person, closed: Closed, *, closed_by: int) -> None:
    if person.status in ("confirmed", "no_show") and not person.missing:
        await _move(db, person, "completed")
        closed.completed.append(person.reference)
        if person.is_make_up:
            await jobs.enqueue(db, "attendance.complete_made_up", in_booking_id=person.booking_id, closed_by=closed_by)
    elif (
        person.status in ("confirmed", "completed") and not person.certificate_issued and _never_came(register, person)
    ):
        await _move(db, person, "no_show")
        closed.no_show.append(person.reference)
    elif person.missing and person.status != "no_show":
        closed.held[person.reference] = register.lacks(person)


def _never_came(register: Register, person: Person) -> bool:
    seen = [register.field(person, day.session_id, "attendance") for day in register.sessions]
    if person.is_make_up:
        return any(field is not None and field.shown.kind == "absent" for field in seen)
    return all(field is not None and not field.others and field.shown.kind == "absent" for field in seen)


async def _move(db: Connection, person: Person, status: str) -> None:
    await db.execute("update bookings set status = %s where id = %s", (status, person.booking_id))


async def reopen_register(db: Connection, actor: Actor, schedule_id: int, because: str) -> None:
    """Marks count again, those too that arrived since. Raises NotValid without a reason, RegisterClosed where none is closed."""
    if not because.strip():
        sentence = "Say why the register is opened again."
        raise NotValid(sentence, code="reason_missing", errors={"because": sentence})
    await _lock(db, schedule_id)
    cursor = await db.execute(
        """
        update register_closures set reopened_at = utc_clock(), reopened_by = %s, reopened_because = %s
         where course_schedule_id = %s and reopened_at is null
        """,
        (actor.user_id, because.strip()[:500], schedule_id),
    )
    if cursor.rowcount == 0:
        raise RegisterClosed("This register is open already.")
    await record(db, actor, "register.reopen", "schedule", schedule_id, new={"reason": because.strip()[:500]})


async def write_access_needs(db: Connection, booking_id: int, needs: str) -> None:
    """What the attendee says that they need, in the place of what was said before; an empty text takes it back."""
    if needs.strip():
        await db.execute(
            """
            insert into access_needs (booking_id, needs) values (%(booking_id)s, %(needs)s)
            on conflict (booking_id) do update set needs = excluded.needs, written_at = current_timestamp
            """,
            {"booking_id": booking_id, "needs": needs.strip()},
        )
    else:
        await db.execute("delete from access_needs where booking_id = %s", (booking_id,))


async def open_access_needs(db: Connection, actor: Actor, schedule_id: int, reference: str) -> tuple[str, str]:
    """Whose, and what they need; that they were read, and by whom, is written down with it. Raises NotFound."""
    register = await read_register(db, schedule_id)
    person = next((person for person in register.people if person.reference == reference and person.has_needs), None)
    if person is None:
        raise NotFound("Nothing is noted here.", code="access_needs_not_found")
    await db.execute(
        "insert into access_need_readings (booking_id, read_by) values (%s, %s)", (person.booking_id, actor.user_id)
    )
    cursor = await db.execute("select needs from access_needs where booking_id = %s", (person.booking_id,))
    row = await cursor.fetchone()
    return person.called, str(row["needs"]) if row is not None else "It has been deleted meanwhile."


async def forget_access_needs(db: Connection, *, before: datetime) -> int:
    """Deletes those of courses that ended before then; answers how many."""
    cursor = await db.execute(
        """
        delete from access_needs as needs
         using bookings as booking, course_schedules as schedule
         where booking.id = needs.booking_id and schedule.id = booking.course_schedule_id and schedule.end_datetime < %s
        """,
        (before,),
    )
    return cursor.rowcount
