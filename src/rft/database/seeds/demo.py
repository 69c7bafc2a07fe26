"""A demonstration: a few weeks of dates around today with people in them, the same each time on the same day."""

import random
from datetime import date, datetime, time, timedelta

import holidays
import psycopg
from psycopg.rows import DictRow

from rft.database.seeds.catalogue import seed_catalogue
from rft.database.seeds.demo_plans import monday_of, plan_ahead
from rft.database.seeds.demo_teaching import give_papers
from rft.kit.clock import from_london
from rft.kit.references import new_reference

# email, first name, last name, role
PEOPLE = [
    ("carol@demo.example", "Carol", "Whitfield", "admin"),
    ("ben@demo.example", "Ben", "Ashworth", "instructor"),
    ("farah@demo.example", "Farah", "Siddiqui", "instructor"),
    ("tom@demo.example", "Tom", "Eastwood", "instructor"),
    ("amina@demo.example", "Amina", "Yusuf", "customer"),
]
_FIRST = [
    "Aisha", "Callum", "Priya", "Dylan", "Megan", "Tomasz", "Grace", "Hamza", "Ellie", "Marcus",
    "Nia", "Owen", "Sofia", "Jack", "Leila", "Connor", "Ruth", "Samir", "Holly", "Pete",
]  # fmt: skip
_LAST = [
    "Khan", "Barker", "Patel", "Hughes", "Nowak", "Wright", "Okafor", "Lister", "Doyle",
    "Marsh", "Sutton", "Begum", "Fox", "Grainger", "Holt", "Ibrahim", "Shaw", "Walsh",
]  # fmt: skip

# course, number of days, start, end of each day
_PATTERNS = [
    ("Emergency First Aid at Work", 1, time(9, 30), time(16, 30)),
    ("First Aid at Work", 3, time(9, 0), time(16, 30)),
    ("Paediatric First Aid", 2, time(9, 30), time(16, 30)),
    ("Emergency First Aid at Work", 1, time(9, 30), time(16, 30)),
    ("CPR and AED", 1, time(9, 30), time(13, 30)),
    ("Emergency Paediatric First Aid", 1, time(9, 30), time(16, 30)),
    ("First Aid at Work: requalification", 2, time(9, 0), time(16, 30)),
    ("Annual Skills Refresher", 1, time(13, 0), time(17, 0)),
]
_WEEKS_BACK, _WEEKS_AHEAD = 4, 12


class PeopleAlready(Exception):
    """The database is somebody's own, and a hint what to do instead."""

    def __init__(self, database: str) -> None:
        super().__init__(f"The database {database!r} has people in it already: it is no demonstration.")
        self.hint = "Leave DATABASE_URL unset to have one of its own; a real system is started with `rft serve`."


def require_no_strangers(url: str) -> None:
    """Accounts with a published password do not come among real people. Raises PeopleAlready."""
    with psycopg.connect(url) as db:
        if db.execute("select to_regclass('public.users')").fetchone() == (None,):
            return
        ours = tuple(email for email, *_ in PEOPLE)
        found = db.execute(
            "select bool_or(email = any (%(ours)s)), count(*) from users where email <> 'system@rft.invalid'",
            {"ours": list(ours)},
        ).fetchone()
        if found is not None and found[1] and not found[0]:
            raise PeopleAlready(db.info.dbname)


def seed_demo(db: psycopg.Connection[DictRow], *, today: date, password_hash: str) -> bool:
    """Fills an empty system; answers whether it did. Every demo account gets the given password hash."""
    if db.execute("select 1 from users where email = 'carol@demo.example'").fetchone():
        return False
    chance = random.Random(2026)  # noqa: S311 (a demonstration, not a secret)
    seed_catalogue(db)
    with db.transaction():
        people = {
            email: _one(
                db,
                "insert into users (email, first_name, last_name, role, password_hash) values (%s, %s, %s, %s, %s) returning id",
                (email, first, last, role, password_hash),
            )
            for email, first, last, role in PEOPLE
        }
        give_papers(db, today)
        instructors = [people[email] for email, _, _, role in PEOPLE if role == "instructor"]
        _one(
            db,
            """
            insert into discount_codes (code, description, discount_type, discount_value, valid_from, valid_until, usage_limit)
            values ('WELCOME10', 'Ten percent for a first booking', 'percentage', 10, %s, %s, 500) returning id
            """,
            (today - timedelta(days=60), today + timedelta(days=365)),
        )
        schedules = _schedules(db, today, instructors, people["carol@demo.example"])
        customers = _customers(db, chance, password_hash)
        for schedule in schedules:
            _bookings(db, chance, schedule, customers, today)
        plan_ahead(db, first=monday_of(today) + timedelta(weeks=_WEEKS_AHEAD), author=people["carol@demo.example"])
    return True


def _schedules(db: psycopg.Connection[DictRow], today: date, instructors: list[int], author: int) -> list[DictRow]:
    """Each venue and instructor pair works through the patterns, week by week, never two at once."""
    courses = {row["name"]: row for row in db.execute("select id, name, price from courses").fetchall()}
    venues = [row["id"] for row in db.execute("select id from venues order by id").fetchall()]
    monday = monday_of(today) - timedelta(weeks=_WEEKS_BACK)
    closed = holidays.country_holidays("GB", subdiv="ENG", years=(today.year - 1, today.year, today.year + 1))
    made = []
    turn = 0
    for week in range(_WEEKS_BACK + _WEEKS_AHEAD):
        for slot, instructor in enumerate(instructors):
            name, days, opens, closes = _PATTERNS[turn % len(_PATTERNS)]
            turn += 1
            first = monday + timedelta(weeks=week, days=(slot + week) % (6 - days))
            if any(first + timedelta(days=day) in closed for day in range(days)):
                continue
            made.append(
                _schedule(
                    db,
                    courses[name],
                    venues[(week + slot) % len(venues)],
                    instructor,
                    author,
                    first,
                    days,
                    opens,
                    closes,
                )
            )
    return made


def _schedule(
    db: psycopg.Connection[DictRow], course: DictRow, venue: int, instructor: int, author: int,
    first: date, days: int, opens: time, closes: time,
) -> DictRow:  # fmt: skip
    last = first + timedelta(days=days - 1)
    start, end = from_london(first, opens), from_london(last, closes)
    schedule_id = _one(
        db,
        """
        insert into course_schedules (course_id, venue_id, instructor_id, start_datetime, end_datetime, status, created_by)
        values (%s, %s, %s, %s, %s, 'draft', %s) returning id
        """,
        (course["id"], venue, instructor, start, end, author),
    )
    if days > 1:
        for day in (first + timedelta(days=offset) for offset in range(days)):
            db.execute(
                "insert into schedule_sessions (course_schedule_id, starts_at, ends_at) values (%s, %s, %s)",
                (schedule_id, from_london(day, opens), from_london(day, closes)),
            )
    db.execute("update course_schedules set status = 'published' where id = %s", (schedule_id,))
    return {"id": schedule_id, "price": course["price"], "start": start, "end": end}


def _customers(db: psycopg.Connection[DictRow], chance: random.Random, password_hash: str) -> list[int]:
    made = []
    for number in range(60):
        first, last = chance.choice(_FIRST), chance.choice(_LAST)
        made.append(
            _one(
                db,
                "insert into users (email, first_name, last_name, password_hash) values (%s, %s, %s, '!') returning id",
                (f"{first}.{last}.{number}@people.example".lower(), first, last),
            )
        )
    return made


def _bookings(
    db: psycopg.Connection[DictRow], chance: random.Random, schedule: DictRow, customers: list[int], today: date
) -> None:
    """Seats paid for by bank transfer; on dates that are over, completed or missed."""
    now: datetime = from_london(today, time(6))
    limit = _one(
        db,
        """
        select least(course.max_capacity, venue.capacity) as id
          from course_schedules as schedule join courses as course on course.id = schedule.course_id
          join venues as venue on venue.id = schedule.venue_id where schedule.id = %s
        """,
        (schedule["id"],),
    )
    ahead = max((schedule["start"] - now).days, 0)
    wanted = min(limit, max(1, round(limit * chance.uniform(0.4, 1.15) - ahead / 12)))
    for customer in chance.sample(customers, wanted):
        made = min(now, schedule["start"]) - timedelta(days=chance.randint(1, 25), minutes=chance.randint(0, 900))
        booking = _one(
            db,
            """
            insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount, created_at, updated_at)
            values (%s, %s, %s, %s, %s, %s) returning id
            """,
            (customer, schedule["id"], new_reference("RFT"), schedule["price"], made, made),
        )
        db.execute(
            """
            insert into payment_transactions (booking_id, amount, payment_method, status, created_at)
            values (%s, %s, 'bank_transfer', 'succeeded', %s)
            """,
            (booking, schedule["price"], made + timedelta(hours=3)),
        )
        db.execute("update bookings set status = 'confirmed', payment_status = 'paid' where id = %s", (booking,))
        if schedule["end"] < now:
            came = chance.random() > 0.06
            db.execute("update bookings set status = %s where id = %s", ("completed" if came else "no_show", booking))


def _one(db: psycopg.Connection[DictRow], query: str, values: tuple[object, ...]) -> int:
    row = db.execute(query, values).fetchone()
    assert row is not None, "every statement here answers a row"
    return int(row["id"])
