"""Reads those who teach: the list, one person with papers, absences and hours, and what is in the way of a date."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.instructors.rules import KINDS, State, paper_state
from rft.kit.clock import from_london, london_today
from rft.kit.pages import Window
from rft.kit.references import hash_token

_LIST = statement(__file__, "list_instructors.sql")
_TAUGHT = statement(__file__, "list_taught.sql")
_KEY = ("account.id",)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """`kinds` are valid today, `expired` are those without a newer paper; `soonest` is when the first of the valid ones ends."""

    id: int
    name: str
    email: str
    phone: str | None
    is_active: bool
    has_profile: bool
    home_town: str | None
    kinds: list[str] | None
    soonest: date | None
    expired: list[str] | None
    next_schedule_id: int | None
    next_starts_at: datetime | None
    next_course: str | None
    next_city: str | None
    hours: Decimal
    away_until: datetime | None


@dataclass(frozen=True, slots=True)
class Instructor:
    id: int
    name: str
    email: str
    phone: str | None
    is_active: bool
    has_profile: bool
    home_town: str | None
    postcode_area: str | None
    bio: str


@dataclass(frozen=True, slots=True)
class Paper:
    id: int
    kind: str
    awarding_body: str
    number: str | None
    issued_on: date
    expires_on: date | None
    withdrawn_on: date | None

    @property
    def name(self) -> str:
        return KINDS[self.kind]

    def state_on(self, today: date) -> State:
        return paper_state(self.issued_on, self.expires_on, self.withdrawn_on, today)


@dataclass(frozen=True, slots=True)
class Absence:
    """`starts_at` and `ends_at` are stored times, `[start, end)`; `touched` dates of the person's lie in it."""

    id: int
    kind: str
    starts_at: datetime
    ends_at: datetime
    note: str | None
    touched: int

    @property
    def first(self) -> date:
        return london_today(self.starts_at)

    @property
    def last(self) -> date:
        return london_today(self.ends_at - _SECOND)


@dataclass(frozen=True, slots=True)
class WeekHours:
    weekday: int
    opens: time
    closes: time


async def list_instructors(db: Connection, window: Window, *, now: datetime, inactive: bool = False) -> list[Listed]:
    """Those of the role, and admins of whom papers are kept; the latest to join first."""
    today = london_today(now)
    month = today.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    values = {
        "today": today,
        "now": now,
        "month": from_london(month, time.min),
        "month_end": from_london(next_month, time.min),
        "inactive": inactive,
    }
    query = _LIST.format(condition=window.condition(_KEY), order=window.order(_KEY))
    async with db.cursor(row_factory=class_row(Listed)) as cursor:
        await cursor.execute(query, values | window.values())
        return await cursor.fetchall()


async def get_instructor(db: Connection, user_id: int, *, locked: bool = False) -> Instructor:
    """`locked`: the office changes nobody's profile at the same moment. Raises NotFound for whom nobody could put on a date."""
    if locked:
        # A statement of its own: the one below then sees what was saved before the lock was given.
        await db.execute("select from users where id = %s for no key update", (user_id,))
    async with db.cursor(row_factory=class_row(Instructor)) as cursor:
        await cursor.execute(
            """
            select account.id, name_of(account.id) as name, account.email, account.phone, account.is_active,
                   profile.user_id is not null as has_profile, profile.home_town, profile.postcode_area,
                   coalesce(profile.bio, '') as bio
              from users as account
              left join instructor_profiles as profile on profile.user_id = account.id
             where account.id = %s and account.role in ('instructor', 'admin')
            """,
            (user_id,),
        )
        person = await cursor.fetchone()
    if person is None:
        raise NotFound("There is no such instructor.")
    return person


async def list_papers(db: Connection, user_id: int) -> list[Paper]:
    """Those that count first, then by kind and age."""
    async with db.cursor(row_factory=class_row(Paper)) as cursor:
        await cursor.execute(
            """
            select id, kind, awarding_body, number, issued_on, expires_on, withdrawn_on
              from instructor_qualifications
             where user_id = %s
             order by withdrawn_on is not null, kind, expires_on desc nulls first, id desc
            """,
            (user_id,),
        )
        return await cursor.fetchall()


async def list_absences(db: Connection, user_id: int, since: datetime) -> list[Absence]:
    """Those that are not over at that time, the next first."""
    async with db.cursor(row_factory=class_row(Absence)) as cursor:
        await cursor.execute(
            """
            select absence.id, absence.kind, lower(absence.during) as starts_at, upper(absence.during) as ends_at, absence.note,
                   (select count(distinct held.course_schedule_id) from schedule_occupancies as held
                     where held.instructor_id = absence.user_id and held.during && absence.during) as touched
              from instructor_absences as absence
             where absence.user_id = %s and upper(absence.during) > %s
             order by absence.during
            """,
            (user_id, since),
        )
        return await cursor.fetchall()


async def list_hours(db: Connection, user_id: int) -> list[WeekHours]:
    async with db.cursor(row_factory=class_row(WeekHours)) as cursor:
        await cursor.execute(
            "select weekday, opens, closes from instructor_availability where user_id = %s order by weekday", (user_id,)
        )
        return await cursor.fetchall()


async def find_unqualified(db: Connection, schedule_id: int) -> str | None:
    """The rule's own sentence about the first person on the date without a paper for it."""
    return await _sentence(db, "select sentence from unqualified_for(%s) limit 1", schedule_id)


async def find_away(db: Connection, schedule_id: int) -> str | None:
    """The rule's own sentence about the first person on the date who is away then."""
    return await _sentence(db, "select sentence from away_for(%s) limit 1", schedule_id)


async def _sentence(db: Connection, query: str, schedule_id: int) -> str | None:
    row = await (await db.execute(query, (schedule_id,))).fetchone()
    return row["sentence"] if row else None


@dataclass(frozen=True, slots=True)
class Taught:
    """A day on which somebody teaches, and what is wrong with it by now: no paper for it, or an absence over it; `place` is the address."""

    schedule_id: int
    course_name: str
    venue_name: str
    city: str
    status: str
    place: str
    starts_at: datetime
    ends_at: datetime
    is_unqualified: bool
    is_away: bool


async def list_taught(db: Connection, user_id: int, since: datetime, until: datetime) -> list[Taught]:
    """In order of time."""
    async with db.cursor(row_factory=class_row(Taught)) as cursor:
        await cursor.execute(_TAUGHT, {"user_id": user_id, "since": since, "until": until})
        return await cursor.fetchall()


async def find_feed(db: Connection, user_id: int) -> datetime | None:
    """When the person's address was made."""
    row = await (await db.execute("select created_at from instructor_feeds where user_id = %s", (user_id,))).fetchone()
    return row["created_at"] if row else None


async def find_feeds_owner(db: Connection, token: str) -> int | None:
    """Whose dates the address shows; None where it was ended, or the person has left."""
    cursor = await db.execute(
        """
        select feed.user_id from instructor_feeds as feed join users as account on account.id = feed.user_id
         where feed.token_hash = %s and account.is_active and account.role in ('instructor', 'admin')
        """,
        (hash_token(token),),
    )
    row = await cursor.fetchone()
    return row["user_id"] if row else None
