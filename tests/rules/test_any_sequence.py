"""Whatever a client of plain SQL does, in whatever order: after each step that the database accepts, every invariant holds."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from psycopg import sql

from rft.database.audit import list_invariants
from tests.builders import (
    FIRST_MONDAY,
    Db,
    Row,
    a_booking,
    a_course,
    a_discount_code,
    a_payment,
    a_schedule,
    a_user,
    a_venue,
    confirm,
    insert,
    move_schedule_to_past,
    reload,
    update,
)
from tests.clusters import Cluster
from tests.conftest import Connect

# What the ledger records is a fact that no rule refuses, even when it is a fault of whoever moved the money.
FACTS = {"I10", "I14"}
NUMBER = st.integers(0, 20)
STATUS = st.sampled_from(["pending", "confirmed", "cancelled", "completed", "no_show"])
PAID = st.sampled_from(["pending", "paid", "refunded", "failed"])
MONEY = st.sampled_from([Decimal(0), Decimal("7.50"), Decimal("67.50"), Decimal(75), Decimal("74.99"), Decimal("NaN")])


class AnyClient(RuleBasedStateMachine):
    """Acts on a small world; `session` and `kinds` are set by the test, which gives each example an empty database."""

    open_world: Callable[[], Db]

    @initialize()
    def make_world(self) -> None:
        self.db = type(self).open_world()
        courses = [a_course(self.db, max_capacity=2), a_course(self.db, course_type="FAW", max_capacity=3, price=100)]
        venues = [a_venue(self.db, capacity=2), a_venue(self.db, capacity=1)]
        self.rows: dict[str, list[Row]] = {
            "courses": courses,
            "venues": venues,
            "course_schedules": [a_schedule(self.db, course=c, venue=v) for c in courses for v in venues],
            "discount_codes": [
                a_discount_code(self.db, usage_limit=1),
                a_discount_code(self.db, course_type_restriction="FAW"),
            ],
            "bookings": [],
        }
        self.customer = a_user(self.db)

    def pick(self, table: str, number: int) -> Row:
        return self.rows[table][number % len(self.rows[table])]

    def attempt(self, act: Callable[[], Any]) -> Any:
        """The database may refuse; it never breaks."""
        try:
            with self.db.transaction():
                return act()
        except (psycopg.IntegrityError, psycopg.errors.NumericValueOutOfRange):
            return None

    @rule(schedule=NUMBER, code=NUMBER, with_code=st.booleans(), born=STATUS)
    def book(self, schedule: int, code: int, with_code: bool, born: str) -> None:
        chosen = self.pick("discount_codes", code) if with_code else None
        date = self.pick("course_schedules", schedule)
        made = self.attempt(lambda: a_booking(self.db, date, user=self.customer, code=chosen, status=born))
        self.rows["bookings"] += [made] if made else []

    @rule(booking=NUMBER, status=STATUS, paid=PAID)
    def set_status(self, booking: int, status: str, paid: str) -> None:
        self.change("bookings", booking, status=status, payment_status=paid)

    @rule(booking=NUMBER, status=STATUS)
    def set_status_alone(self, booking: int, status: str) -> None:
        self.change("bookings", booking, status=status)

    @rule(booking=NUMBER)
    def pay_and_confirm(self, booking: int) -> None:
        if self.rows["bookings"]:
            self.attempt(lambda: confirm(self.db, reload(self.db, "bookings", self.pick("bookings", booking))))

    @rule(
        booking=NUMBER,
        amount=MONEY,
        status=st.sampled_from(["pending", "succeeded", "failed", "refunded"]),
        intent=NUMBER,
    )
    def record_money(self, booking: int, amount: Decimal, status: str, intent: int) -> None:
        if self.rows["bookings"]:
            columns = {"status": status, "payment_method": "card", "stripe_payment_intent_id": f"pi_{intent}"}
            self.attempt(lambda: a_payment(self.db, self.pick("bookings", booking), amount, **columns))

    @rule(booking=NUMBER, schedule=NUMBER, price=MONEY)
    def move(self, booking: int, schedule: int, price: Decimal) -> None:
        self.change(
            "bookings", booking, course_schedule_id=self.pick("course_schedules", schedule)["id"], payment_amount=price
        )

    @rule(booking=NUMBER, amount=MONEY, off=MONEY)
    def reprice(self, booking: int, amount: Decimal, off: Decimal) -> None:
        self.change("bookings", booking, payment_amount=amount, discount_applied=off)

    @rule(booking=NUMBER, code=NUMBER, amount=MONEY, off=MONEY, remove=st.booleans())
    def put_code(self, booking: int, code: int, amount: Decimal, off: Decimal, remove: bool) -> None:
        chosen = None if remove else self.pick("discount_codes", code)["id"]
        self.change("bookings", booking, discount_code_id=chosen, payment_amount=amount, discount_applied=off)

    @rule(booking=NUMBER, days=st.integers(-2, 1), issued=st.booleans())
    def issue(self, booking: int, days: int, issued: bool) -> None:
        row = self.db.execute("select (now() at time zone 'Europe/London')::date as today").fetchone()
        assert row is not None
        self.change(
            "bookings", booking, certificate_issued=issued, certificate_issued_date=row["today"] + timedelta(days=days)
        )

    @rule(schedule=NUMBER, weeks=st.integers(0, 3), venue=NUMBER)
    def put_elsewhere(self, schedule: int, weeks: int, venue: int) -> None:
        start = FIRST_MONDAY + timedelta(weeks=weeks)
        place = {"venue_id": self.pick("venues", venue)["id"]}
        self.change(
            "course_schedules", schedule, start_datetime=start, end_datetime=start + timedelta(hours=7), **place
        )

    @rule(schedule=NUMBER)
    def hold_the_course(self, schedule: int) -> None:
        self.attempt(
            lambda: move_schedule_to_past(
                self.db, reload(self.db, "course_schedules", self.pick("course_schedules", schedule))
            )
        )

    @rule(schedule=NUMBER, status=st.sampled_from(["draft", "published", "full", "cancelled"]))
    def set_schedule(self, schedule: int, status: str) -> None:
        self.change("course_schedules", schedule, status=status)

    @rule(schedule=NUMBER, hours=st.integers(0, 8))
    def spell_out(self, schedule: int, hours: int) -> None:
        date = reload(self.db, "course_schedules", self.pick("course_schedules", schedule))
        start = date["start_datetime"] + timedelta(hours=hours)
        columns = {"course_schedule_id": date["id"], "starts_at": start, "ends_at": start + timedelta(hours=2)}
        self.attempt(lambda: insert(self.db, "schedule_sessions", **columns))

    @rule(table=st.sampled_from(["courses", "venues"]), number=NUMBER, seats=st.integers(-1, 4))
    def resize(self, table: str, number: int, seats: int) -> None:
        self.change(table, number, **{"max_capacity" if table == "courses" else "capacity": seats})

    @rule(code=NUMBER, limit=st.sampled_from([None, 0, 1, 3]), active=st.booleans(), value=st.sampled_from([10, 50]))
    def edit_code(self, code: int, limit: int | None, active: bool, value: int) -> None:
        self.change("discount_codes", code, usage_limit=limit, is_active=active, discount_value=value)

    @rule(
        table=st.sampled_from(["bookings", "course_schedules", "discount_codes", "courses", "schedule_sessions"]),
        number=NUMBER,
    )
    def delete(self, table: str, number: int) -> None:
        # What is deleted is put back, so that later steps find their rows: only the triggers on the way are of interest.
        statement = sql.SQL("delete from {} where id = %(id)s").format(sql.Identifier(table))
        with self.db.transaction(force_rollback=True):
            self.attempt(lambda: self.db.execute(statement, {"id": number}))

    def change(self, table: str, number: int, **columns: Any) -> None:
        if self.rows[table]:
            self.attempt(lambda: update(self.db, table, self.pick(table, number), **columns))

    @invariant()
    def audit_is_silent(self) -> None:
        if hasattr(self, "db"):
            for kept in list_invariants():
                found = [] if kept.id in FACTS else self.db.execute(kept.query.encode()).fetchall()
                assert found == [], kept.title


def test_every_invariant_survives_any_sequence(server: Cluster, template: str, connect: Connect) -> None:
    session = connect()
    tables = session.execute(
        "select string_agg(format('%I', tablename), ', ') as names from pg_tables"
        " where schemaname = 'public' and tablename <> 'alembic_version'"
    ).fetchone()
    assert tables is not None

    class OnThisServer(AnyClient):
        @staticmethod
        def open_world() -> Db:
            # Truncating is what the rules refuse; the superuser of a test steps around them between two examples.
            session.execute("set session_replication_role = 'replica'")
            session.execute(f"truncate {tables['names']} restart identity")  # type: ignore[arg-type]
            session.execute("set session_replication_role = 'origin'")
            return session

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        OnThisServer,
        settings=settings(
            max_examples=10, stateful_step_count=20, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 2])
def test_the_machine_would_notice_a_rule_that_is_missing(server: Cluster, connect: Connect, size: int) -> None:
    session = connect()
    session.execute("drop trigger bookings_within_capacity_insert on bookings")
    schedule = a_schedule(session, seats=size)
    for _ in range(size):
        a_booking(session, schedule)
    i02 = next(kept for kept in list_invariants() if kept.id == "I02")
    assert len(session.execute(i02.query.encode()).fetchall()) == 1
