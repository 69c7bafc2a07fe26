"""As many bookings as a test of scale wants, by COPY: consistent with every rule, which `rft audit` then shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from rft.database.seeds.catalogue import seed_catalogue
from rft.kit.clock import utc_now

_SEATS = 10
_TABLES = ("users", "venues", "course_schedules", "schedule_occupancies", "bookings", "payment_transactions")
_PRICE = Decimal("100.00")


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where each row goes: schedule `i` is at venue `i % venues` on the day `i // venues`, so that none overlap."""

    schedules: int
    venues: int
    course: int
    first_user: int
    first_venue: int
    first_schedule: int
    first_booking: int
    first_transaction: int
    today: datetime

    @property
    def users(self) -> int:
        """Everybody books three times."""
        return max(1, self.schedules * _SEATS // 3)

    def start(self, number: int) -> datetime:
        """Two thirds of the dates are over, one third is to come; all at 09:30."""
        days = self.schedules // self.venues + 1
        return self.today + timedelta(days=number // self.venues - days * 2 // 3, hours=9, minutes=30)

    def end(self, number: int) -> datetime:
        return self.start(number) + timedelta(hours=7)


def seed_scale(db: psycopg.Connection[DictRow], bookings: int, *, advance: Callable[[int], None]) -> int:
    """Adds at least so many bookings in one transaction; answers how many. `advance` is told of rows written.

    The triggers rest meanwhile (the rows are made to obey them); foreign keys and checks do not. Needs the tables' owner.
    """
    seed_catalogue(db)
    with db.transaction():
        for table in _TABLES:
            db.execute(f"alter table {table} disable trigger user")
        plan = _plan(db, bookings)
        for table, columns, rows in _sources(plan):
            with db.cursor().copy(f"copy {table} ({columns}) from stdin") as copy:
                for number, row in enumerate(rows, 1):
                    copy.write_row(row)
                    if number % 1000 == 0:
                        advance(1000)
        for table in _TABLES:
            if table != "schedule_occupancies":
                db.execute(
                    sql.SQL("select setval(pg_get_serial_sequence({}, 'id'), (select max(id) from {}))").format(
                        table, sql.Identifier(table)
                    )
                )
            db.execute(f"alter table {table} enable trigger user")
        db.execute("set local statement_timeout = 0")
        db.execute("select rebuild_figures()")
    db.execute("analyze")
    return plan.schedules * _SEATS


def rows_for(bookings: int) -> int:
    """About how many rows seed_scale writes, for a progress bar."""
    return bookings * 2 + bookings // 3 + bookings // _SEATS * 2


def _plan(db: psycopg.Connection[DictRow], bookings: int) -> _Plan:
    row = db.execute(
        """
        select (select coalesce(max(id), 0) + 1 from users) as first_user, (select coalesce(max(id), 0) + 1 from venues) as first_venue,
               (select coalesce(max(id), 0) + 1 from course_schedules) as first_schedule,
               (select coalesce(max(id), 0) + 1 from bookings) as first_booking,
               (select coalesce(max(id), 0) + 1 from payment_transactions) as first_transaction,
               (select min(id) from courses where price = 100) as course
        """
    ).fetchone()
    assert row is not None, "a row of one select list"
    assert row["course"] is not None, "the catalogue has a course at this price"
    schedules = -(-bookings // _SEATS)
    today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    return _Plan(schedules=schedules, venues=max(4, schedules // 900), today=today, **row)


def _sources(plan: _Plan) -> Iterator[tuple[str, str, Iterator[tuple[object, ...]]]]:
    """Table, columns and rows, in an order in which every reference is there already."""
    schedules, bookings = range(plan.schedules), range(plan.schedules * _SEATS)
    yield "users", "id, email, password_hash, first_name, last_name", (_user(plan, each) for each in range(plan.users))
    yield (
        "venues",
        "id, name, address_line1, city, postcode, capacity",
        (_venue(plan, each) for each in range(plan.venues)),
    )
    columns = "id, course_id, venue_id, start_datetime, end_datetime, status, current_capacity"
    yield "course_schedules", columns, (_schedule(plan, each) for each in schedules)
    yield "schedule_occupancies", "course_schedule_id, venue_id, during", (_occupancy(plan, each) for each in schedules)
    columns = "id, user_id, course_schedule_id, booking_reference, status, payment_status, payment_amount, created_at, updated_at"
    yield "bookings", columns, (_booking(plan, each) for each in bookings)
    columns = "id, booking_id, amount, payment_method, status, created_at"
    yield "payment_transactions", columns, (_transaction(plan, each) for each in bookings)


def _user(plan: _Plan, number: int) -> tuple[object, ...]:
    user_id = plan.first_user + number
    return user_id, f"scale.{user_id}@people.example", "!", "Sam", f"Scale{number}"


def _venue(plan: _Plan, number: int) -> tuple[object, ...]:
    venue_id = plan.first_venue + number
    return venue_id, f"Hall {venue_id}", f"{number + 1} High Street", f"Town {number % 60 + 1}", "LS1 1AA", 12


def _schedule(plan: _Plan, number: int) -> tuple[object, ...]:
    venue = plan.first_venue + number % plan.venues
    return plan.first_schedule + number, plan.course, venue, plan.start(number), plan.end(number), "published", _SEATS


def _occupancy(plan: _Plan, number: int) -> tuple[object, ...]:
    during = f"[{plan.start(number)},{plan.end(number)})"
    return plan.first_schedule + number, plan.first_venue + number % plan.venues, during


def _transaction(plan: _Plan, number: int) -> tuple[object, ...]:
    made = _made(plan, number)
    return plan.first_transaction + number, plan.first_booking + number, _PRICE, "bank_transfer", "succeeded", made


def _booking(plan: _Plan, number: int) -> tuple[object, ...]:
    schedule = number // _SEATS
    over = plan.end(schedule) < plan.today
    status = "confirmed" if not over else "no_show" if number % 17 == 0 else "completed"
    made = _made(plan, number)
    return (
        plan.first_booking + number, plan.first_user + number % plan.users, plan.first_schedule + schedule,
        f"RFT-S{plan.first_booking + number:011d}", status, "paid", _PRICE, made, made,
    )  # fmt: skip


def _made(plan: _Plan, number: int) -> datetime:
    """Some days before the course, and never in the future."""
    before = min(plan.start(number // _SEATS), plan.today)
    return before - timedelta(days=number % 45 + 1, minutes=number % 700)
