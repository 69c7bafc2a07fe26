"""The sums behind the reports, kept by the database: whatever happens, they say what a slow and truthful query says."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from rft.database.audit import Finding
from rft.reports.rules import LEADS
from tests.builders import (
    Db,
    Row,
    a_booking,
    a_course,
    a_payment,
    a_schedule,
    a_user,
    a_venue,
    an_instructor,
    confirm,
    update,
)
from tests.races.audited import broken

ACTS = 60
SUMS = {
    "revenue_days": "day, course_id, venue_id, instructor_id, received, returned",
    "revenue_months": "month, course_id, venue_id, instructor_id, received, returned",
    "occupancy_months": "month, course_id, venue_id, instructor_id, sum(dates), sum(seats), sum(taken)",
    "customer_figures": "*",
    "customer_days": "day, sum(customers), sum(came_back), sum(received_first_day), sum(received), sum(returned)",
}


class Company:
    """Does one thing after another by plain SQL, as chance will have it; what a rule refuses is left undone."""

    def __init__(self, db: Db, seed: int) -> None:
        self.db = db
        self.chance = random.Random(seed)
        self.people = [a_user(db) for _ in range(3)]
        self.teachers = [an_instructor(db) for _ in range(2)]
        self.courses = [a_course(db) for _ in range(2)]
        self.venues = [a_venue(db) for _ in range(2)]
        self.schedules = [a_schedule(db, course=self.any(self.courses), venue=self.any(self.venues)) for _ in range(4)]

    def any(self, rows: list[Row]) -> Row:
        return self.chance.choice(rows)

    def bookings(self) -> list[Row]:
        return self.db.execute("select * from bookings").fetchall()

    def a_time(self) -> datetime:
        return datetime(2026, 1, 1, 23, 30) + timedelta(hours=self.chance.randrange(24 * 400))  # noqa: DTZ001 (UTC, as kept)

    def act(self) -> None:
        acts = [
            self.book,
            self.book,
            self.pay,
            self.pay,
            self.repay,
            self.cancel,
            self.move,
            self.teach,
            self.merge,
            self.resize,
            self.redate,
        ]
        try:
            with self.db.transaction():
                self.chance.choice(acts)()
        except (psycopg.errors.CheckViolation, psycopg.errors.ExclusionViolation, IndexError):
            return

    def book(self) -> None:
        booking = a_booking(
            self.db, self.any(self.schedules), user=self.any(self.people), payment_amount=Decimal("75.01")
        )
        if self.chance.random() < 0.5:
            confirm(self.db, booking)

    def pay(self) -> None:
        a_payment(
            self.db, self.any(self.bookings()), Decimal(self.chance.randrange(1, 9999)) / 100, created_at=self.a_time()
        )

    def repay(self) -> None:
        part = Decimal(self.chance.randrange(1, 9999)) / 100
        a_payment(self.db, self.any(self.bookings()), part, status="refunded", created_at=self.a_time())

    def cancel(self) -> None:
        update(self.db, "bookings", self.any(self.bookings()), status="cancelled")

    def move(self) -> None:
        update(self.db, "bookings", self.any(self.bookings()), course_schedule_id=self.any(self.schedules)["id"])

    def merge(self) -> None:
        update(self.db, "bookings", self.any(self.bookings()), user_id=self.any(self.people)["id"])

    def redate(self) -> None:
        update(self.db, "bookings", self.any(self.bookings()), created_at=self.a_time())

    def teach(self) -> None:
        changes: list[dict[str, Any]] = [
            {"venue_id": self.any(self.venues)["id"]},
            {"instructor_id": self.any(self.teachers)["id"]},
            {"course_id": self.any(self.courses)["id"]},
            {"status": "cancelled"},
        ]
        update(self.db, "course_schedules", self.any(self.schedules), **self.chance.choice(changes))

    def resize(self) -> None:
        if self.chance.random() < 0.5:
            update(self.db, "venues", self.any(self.venues), capacity=self.chance.randrange(4, 15))
        else:
            update(self.db, "courses", self.any(self.courses), max_capacity=self.chance.randrange(4, 15))


def sums(db: Db) -> dict[str, list[Row]]:
    """Each table's rows that say something, shards together."""
    found = {}
    for table, columns in SUMS.items():
        grouped = f"select {columns} from {table}" + (
            " group by " + columns.split(", sum")[0] if "sum(" in columns else ""
        )
        rows = db.execute(f"select * from ({grouped}) as told order by told.*".encode()).fetchall()
        found[table] = [
            row
            for row in rows
            if any(
                isinstance(value, Decimal | int) and value for name, value in row.items() if not name.endswith("_id")
            )
        ]
    return found


def wrong_sums(url: str) -> list[Finding]:
    """The audit's word on the sums alone: chance pays too much, and too early, which other invariants tell."""
    return [finding for finding in broken(url) if finding.id in {"I90", "I91", "I92", "I93"}]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_happens_the_sums_equal_the_truth(db: Db, database_url: str, seed: int) -> None:
    company = Company(db, seed)
    for _ in range(ACTS):
        company.act()
    assert db.execute("select count(*) as n from payment_transactions").fetchone()["n"] > 5  # type: ignore[index]
    assert wrong_sums(database_url) == []
    kept = sums(db)
    db.execute("select rebuild_figures()")
    assert sums(db) == kept
    assert wrong_sums(database_url) == []


def test_money_at_half_past_midnight_in_summer_belongs_to_the_london_day(db: Db) -> None:
    booking = a_booking(db, a_schedule(db))
    a_payment(db, booking, created_at=datetime(2026, 6, 30, 23, 30))  # noqa: DTZ001 (UTC, as kept)
    assert [row["day"] for row in db.execute("select day from revenue_days")] == [date(2026, 7, 1)]
    assert [row["month"] for row in db.execute("select month from revenue_months")] == [date(2026, 7, 1)]


def test_a_date_that_gets_another_teacher_takes_its_money_along(db: Db) -> None:
    schedule, ben = a_schedule(db), an_instructor(db)
    confirm(db, a_booking(db, schedule))
    update(db, "course_schedules", schedule, instructor_id=ben["id"])
    counted = db.execute("select instructor_id, received from revenue_days where received <> 0").fetchall()
    assert counted == [{"instructor_id": ben["id"], "received": Decimal("75.00")}]


def test_the_brackets_of_the_database_are_those_that_reports_have_words_for(db: Db) -> None:
    told = db.execute("select days, lead_bracket(days) as bracket from generate_series(-3, 150) as days").fetchall()
    assert all(row["bracket"] == max(least for least in LEADS if least <= max(row["days"], 0)) for row in told)
