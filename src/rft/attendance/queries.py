"""Reads registers: the days somebody teaches, who is on a date, what is marked and what is still missing."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from psycopg.rows import class_row

from rft.attendance.rules import Field, Mark, merge, missing_in_words
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.clock import day_in_words, london_today

_SESSIONS = statement(__file__, "sessions.sql")
_PEOPLE = statement(__file__, "people.sql")
_WHOLE = "date-"


@dataclass(frozen=True, slots=True)
class Session:
    """One day of a date that is taught, where and by whom. `position` of `days`; `session_id` is None where no days are spelled out."""

    schedule_id: int
    session_id: int | None
    starts_at: datetime
    ends_at: datetime
    instructor_id: int | None
    course_starts_at: datetime
    course_ends_at: datetime
    status: str
    course_id: int
    course_name: str
    course_type: str
    venue_name: str
    address: str
    postcode: str
    parking_info: str | None
    taken: int
    seats: int
    notes: str | None
    position: int
    days: int
    instructor_name: str | None
    closed_at: datetime | None
    closed_by: str | None

    @property
    def key(self) -> str:
        """What it is called in an address: `12`, or `date-7` for a date whose days are not spelled out."""
        return f"{_WHOLE}{self.schedule_id}" if self.session_id is None else str(self.session_id)

    @property
    def map_address(self) -> str:
        place = f"{self.venue_name}, {self.address}, {self.postcode}"
        return "https://www.openstreetmap.org/search?" + urlencode({"query": place})


@dataclass(frozen=True, slots=True)
class Person:
    """A place on the register. `missing` is in the names of register_missing."""

    booking_id: int
    reference: str
    status: str
    payment_status: str
    name: str | None
    booked_by: str
    has_needs: bool
    is_make_up: bool
    certificate_issued: bool
    missing: list[str]

    @property
    def called(self) -> str:
        return self.name or f"Not named yet, booked by {self.booked_by}"


@dataclass(frozen=True, slots=True)
class Register:
    """All that is known of a date: its days, its people, and how each thing stands."""

    sessions: list[Session]
    people: list[Person]
    fields: dict[tuple[str, int | None, str], Field]
    outcomes: dict[str, str]

    def field(self, person: Person, session_id: int | None, name: str) -> Field | None:
        return self.fields.get((person.reference, session_id, name))

    @property
    def is_closed(self) -> bool:
        return self.sessions[0].closed_at is not None

    @property
    def days(self) -> dict[str, str]:
        """Session id → the day in words."""
        if len(self.sessions) == 1:
            return {}
        return {str(day.session_id): day_in_words(london_today(day.starts_at)) for day in self.sessions}

    def lacks(self, person: Person) -> list[str]:
        """What keeps the person from having completed the course, in words."""
        return missing_in_words(person.missing, self.days, self.outcomes)


async def list_taught(db: Connection, instructor_id: int, *, ends_after: datetime, most: int = 60) -> list[Session]:
    """The days that somebody teaches from then on, in their order."""
    schedules = """
        (schedule.instructor_id = %(instructor_id)s
         or exists (select from schedule_sessions as mine
                     where mine.course_schedule_id = schedule.id and mine.instructor_id = %(instructor_id)s))
        and schedule.end_datetime > %(after)s
    """
    days = "day.instructor_id = %(instructor_id)s and day.ends_at > %(after)s"
    query = _SESSIONS.format(schedules=schedules, days=days) + " limit %(most)s"
    async with db.cursor(row_factory=class_row(Session)) as cursor:
        await cursor.execute(query, {"instructor_id": instructor_id, "after": ends_after, "most": most})
        return await cursor.fetchall()


async def list_unclosed(db: Connection, instructor_id: int, *, now: datetime) -> list[Session]:
    """Dates of theirs that are over, on which somebody is still neither completed nor away: the last day of each, the newest first."""
    schedules = "schedule.end_datetime <= %(now)s and schedule.end_datetime > %(now)s - interval '60 days'"
    days = """
        day.position = day.days and closure.id is null
        and (schedule.instructor_id = %(instructor_id)s or day.instructor_id = %(instructor_id)s)
        and exists (select from bookings as booking where booking.course_schedule_id = day.schedule_id and booking.status = 'confirmed')
    """
    async with db.cursor(row_factory=class_row(Session)) as cursor:
        await cursor.execute(
            _SESSIONS.format(schedules=schedules, days=days), {"instructor_id": instructor_id, "now": now}
        )
        return list(reversed(await cursor.fetchall()))


async def list_sessions(db: Connection, schedule_id: int) -> list[Session]:
    """The days of a date that is not a draft and was not cancelled. Raises NotFound."""
    query = _SESSIONS.format(schedules="schedule.id = %(schedule_id)s", days="true")
    async with db.cursor(row_factory=class_row(Session)) as cursor:
        await cursor.execute(query, {"schedule_id": schedule_id})
        found = await cursor.fetchall()
    if not found:
        raise NotFound("There is no such date.", code="schedule_not_found")
    return found


async def get_session(db: Connection, key: str) -> Session:
    """By its name in an address. Raises NotFound."""
    number = key.removeprefix(_WHOLE)
    if number.isascii() and number.isdecimal() and len(number) < 10:
        whole = key.startswith(_WHOLE)
        condition = (
            "schedule.id = %(id)s"
            if whole
            else "schedule.id = (select course_schedule_id from schedule_sessions where id = %(id)s)"
        )
        days = "day.session_id is null" if whole else "day.session_id = %(id)s"
        async with db.cursor(row_factory=class_row(Session)) as cursor:
            await cursor.execute(_SESSIONS.format(schedules=condition, days=days), {"id": int(number)})
            session = await cursor.fetchone()
        if session is not None:
            return session
    raise NotFound("There is no such session.", code="session_not_found")


async def read_register(db: Connection, schedule_id: int) -> Register:
    """Raises NotFound."""
    sessions = await list_sessions(db, schedule_id)
    async with db.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(_PEOPLE, {"schedule_id": schedule_id})
        people = await cursor.fetchall()
    marks = await list_marks(db, schedule_id)
    cursor_of_outcomes = await db.execute(
        "select code, title from assessment_outcomes where course_type = %s order by position",
        (sessions[0].course_type,),
    )
    outcomes = {row["code"]: row["title"] for row in await cursor_of_outcomes.fetchall()}
    return Register(sessions, people, merge(marks), outcomes)


async def list_marks(db: Connection, schedule_id: int) -> list[Mark]:
    """Those that count: the ones that came after the register was closed wait."""
    async with db.cursor(row_factory=class_row(Mark)) as cursor:
        await cursor.execute(
            """
            select mark.id::text, booking.booking_reference as booking, mark.session_id, mark.field, mark.kind, mark.value,
                   mark.replaces::text[], mark.device, mark.made_at,
                   coalesce(nullif(concat_ws(' ', maker.first_name, maker.last_name), ''), maker.email) as made_by
              from register_counted as mark
              join bookings as booking on booking.id = mark.booking_id
              join users as maker on maker.id = mark.made_by
             where mark.course_schedule_id = %s
             order by mark.received_at, mark.id
            """,
            (schedule_id,),
        )
        return await cursor.fetchall()


@dataclass(frozen=True, slots=True)
class Closure:
    """The last time a register was closed. `held` is booking reference → what it lacked then; `waiting` marks have come since."""

    closed_at: datetime
    closed_by: str
    held: dict[str, list[str]]
    reopened_at: datetime | None
    reopened_because: str | None
    waiting: int


async def find_last_closure(db: Connection, schedule_id: int) -> Closure | None:
    async with db.cursor(row_factory=class_row(Closure)) as cursor:
        await cursor.execute(
            """
            select closure.closed_at, closure.held, closure.reopened_at, closure.reopened_because,
                   coalesce(nullif(concat_ws(' ', closer.first_name, closer.last_name), ''), closer.email) as closed_by,
                   (select count(*) from register_marks as mark
                     where mark.course_schedule_id = closure.course_schedule_id and closure.reopened_at is null
                       and mark.received_at > closure.closed_at) as waiting
              from register_closures as closure join users as closer on closer.id = closure.closed_by
             where closure.course_schedule_id = %s
             order by closure.id desc limit 1
            """,
            (schedule_id,),
        )
        return await cursor.fetchone()
