"""What is kept and how: UTC on every write, nothing deleted, agreed terms frozen, one spelling of each name, NULL no way around."""

from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.builders import (
    Db,
    a_booking,
    a_course,
    a_discount_code,
    a_payment,
    a_schedule,
    a_user,
    a_venue,
    confirmed_booking,
    insert,
    reload,
    update,
)
from tests.cast import amina, carol
from tests.conftest import Connect
from tests.rules.refusing import FOREIGN_KEY, UNIQUE, refused

KEPT = ("users", "bookings", "payment_transactions", "admin_activity_logs", "email_logs")


@pytest.fixture
def lived_in(db: Db) -> Db:
    """A database with a row in each table that is kept."""
    booking = confirmed_booking(db, a_schedule(db), user=amina(db))
    insert(db, "admin_activity_logs", admin_id=carol(db)["id"], action="booking.confirmed")
    insert(
        db,
        "email_logs",
        recipient_email="amina@example.com",
        email_type="booking_confirmation",
        booking_id=booking["id"],
    )
    return db


@pytest.mark.parametrize("table", KEPT)
def test_nothing_is_deleted_from_what_is_kept(lived_in: Db, table: str) -> None:
    with refused("never_deleted"):
        lived_in.execute(f"delete from {table}")
    for emptying in (f"truncate {table} cascade", f"truncate only {table}, email_logs restart identity cascade"):
        with refused("never_deleted"):
            lived_in.execute(emptying)


@pytest.mark.parametrize("table", ["courses", "venues", "course_schedules", "discount_codes"])
def test_the_catalogue_is_not_truncated_from_under_the_bookings(lived_in: Db, table: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=r"nothing is deleted|cannot be written by hand"):
        lived_in.execute(f"truncate {table} cascade")


@pytest.mark.parametrize("table", ["payment_transactions", "admin_activity_logs"])
def test_ledger_and_activity_log_only_grow(lived_in: Db, table: str) -> None:
    with refused("append_only"):
        lived_in.execute(f"update {table} set created_at = created_at - interval '1 day'")


def test_an_upsert_does_not_change_the_ledger(db: Db) -> None:
    payment = a_payment(db, a_booking(db, a_schedule(db)))
    with refused("append_only"):
        db.execute(
            "insert into payment_transactions (id, booking_id, amount, payment_method, status)"
            " values (%(id)s, %(booking_id)s, 1, 'cash', 'failed')"
            " on conflict (id) do update set amount = 1",
            payment,
        )


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Tokyo", "+01:00", "America/New_York"])
def test_a_session_in_another_time_zone_writes_nothing(connect: Connect, zone: str) -> None:
    db = connect(options=f"-c timezone={zone}")
    with refused("written_in_utc") as refusal:
        amina(db)
    assert "set timezone to 'UTC'" in str(refusal.value)
    db.execute("set timezone to 'UTC'")
    amina(db)


@pytest.mark.parametrize("zone", ["UTC", "utc", "Etc/UTC", "GMT", "Zulu"])
def test_every_name_of_utc_is_utc(connect: Connect, zone: str) -> None:
    assert amina(connect(options=f"-c timezone={zone}"))["role"] == "customer"


def test_a_session_that_names_no_zone_keeps_time_in_utc(database_url: str) -> None:
    with psycopg.connect(database_url) as session:
        assert session.execute("show timezone").fetchone() == ("UTC",)


@pytest.mark.parametrize(
    "table", ["course_schedules", "courses", "bookings", "discount_codes", "schedule_occupancies", "users"]
)
def test_a_temporary_table_does_not_stand_in_for_a_real_one(db: Db, table: str) -> None:
    schedule, code = a_schedule(db, seats=1), a_discount_code(db, usage_limit=0)
    customer = amina(db)
    a_booking(db, schedule, user=customer)
    db.execute(f"create temp table {table} (like public.{table} including defaults)")
    db.execute("set search_path = pg_temp, public")
    columns = "user_id, course_schedule_id, booking_reference, payment_amount, discount_applied, discount_code_id"
    booking = f"insert into public.bookings ({columns})"
    with refused("bookings_within_capacity"):
        db.execute(f"{booking} values (%s, %s, 'RFT-1', 75, 0, null)", [customer["id"], schedule["id"]])
    db.execute("update public.venues set capacity = 2")
    with refused("bookings_discount_valid"):
        db.execute(f"{booking} values (%s, %s, 'RFT-1', 75, 0, %s)", [customer["id"], schedule["id"], code["id"]])


@pytest.mark.parametrize(
    "change",
    [
        {"booking_reference": "RFT-OTHER"},
        {"created_at": "2020-01-01"},
        {"payment_amount": 1},
        {"discount_applied": 1},
        {"payment_amount": 60, "discount_applied": 16},
    ],
    ids=str,
)
def test_what_was_agreed_stays(db: Db, change: dict[str, Any]) -> None:
    booking = a_booking(db, a_schedule(db))
    with refused("bookings_terms_frozen"):
        update(db, "bookings", booking, **change)


def test_a_booking_keeps_its_id(db: Db) -> None:
    booking = a_booking(db, a_schedule(db))
    with refused("bookings_terms_frozen"):
        db.execute("update bookings set id = id + 1000 where id = %s", [booking["id"]])


def test_a_booking_stays_with_who_made_it(db: Db) -> None:
    booking = a_booking(db, a_schedule(db))
    with refused("bookings_terms_frozen"):
        update(db, "bookings", booking, user_id=a_user(db)["id"])


def test_a_booking_is_not_made_in_the_future(db: Db) -> None:
    with refused("bookings_made_in_the_past"):
        a_booking(db, a_schedule(db), created_at="2040-01-01")


def test_a_booking_was_never_changed_before_it_was_made(db: Db) -> None:
    imported = a_booking(db, a_schedule(db), created_at="2026-03-01", updated_at="2026-02-01")
    ahead = a_booking(db, a_schedule(db), created_at=in_a_minute(db))
    assert imported["updated_at"] >= imported["created_at"]
    assert ahead["updated_at"] >= ahead["created_at"]


def test_updated_at_is_the_databases_and_a_touch_is_no_edit(db: Db) -> None:
    course = a_course(db)
    touched = update(db, "courses", course, name=course["name"])
    assert touched["updated_at"] == course["updated_at"]
    renamed = update(db, "courses", course, name="Other", updated_at="2020-01-01")
    assert renamed["updated_at"] > course["updated_at"]


def test_a_seat_sold_is_no_edit_of_the_date(db: Db) -> None:
    schedule = a_schedule(db)
    a_booking(db, schedule, code=a_discount_code(db))
    assert reload(db, "course_schedules", schedule)["updated_at"] == schedule["updated_at"]


@pytest.mark.parametrize("again", ["AMINA@example.com", "Amina@Example.Com"])
def test_one_person_has_one_account_whatever_the_case(db: Db, again: str) -> None:
    amina(db)
    with refused("users_email_unique_whatever_case", UNIQUE):
        a_user(db, email=again)


def test_one_reference_has_one_spelling(db: Db) -> None:
    schedule = a_schedule(db)
    a_booking(db, schedule, booking_reference="RFT-ABC")
    with refused("bookings_reference_unique_whatever_case", UNIQUE):
        a_booking(db, schedule, booking_reference="rft-abc")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("users", "role"), ("users", "is_active"), ("courses", "is_active"), ("courses", "certification_validity_years"),
        ("venues", "is_active"), ("venues", "facilities"), ("course_schedules", "status"), ("course_schedules", "current_capacity"),
    ],
)  # fmt: skip
def test_a_default_is_not_switched_off_by_null(db: Db, table: str, column: str) -> None:
    build = {"users": a_user, "courses": a_course, "venues": a_venue, "course_schedules": a_schedule}[table]
    with refused(f"{table}_defaults_present"):
        build(db, **{column: None})


@pytest.mark.parametrize(
    ("rule", "columns"),
    [
        ("price_not_negative", {"price": "-0.01"}),
        ("price_not_negative", {"price": "NaN"}),
        ("duration_positive", {"duration_hours": 0}),
        ("duration_positive", {"duration_hours": "NaN"}),
        ("validity_positive", {"certification_validity_years": 0}),
        ("course_type_check", {"course_type": "Fire safety"}),
    ],
    ids=str,
)
def test_a_nonsense_course_is_refused(db: Db, rule: str, columns: dict[str, Any]) -> None:
    with refused(f"courses_{rule}"):
        a_course(db, **columns)


def test_a_course_may_cost_nothing(db: Db) -> None:
    assert a_course(db, price=0)["price"] == 0


def test_a_confirmation_is_sent_once(lived_in: Db) -> None:
    log = (
        "insert into email_logs (recipient_email, email_type, booking_id, status)"
        " select 'a@example.com', 'booking_confirmation', id, %s from bookings"
    )
    lived_in.execute(log, ["failed"])
    with refused("email_logs_sent_once", UNIQUE):
        lived_in.execute(log, ["sent"])


def test_the_system_user_is_there_disabled_and_without_a_password(db: Db) -> None:
    system = db.execute("select * from users where email = 'system@rft.invalid'").fetchone()
    assert system is not None
    assert (system["is_active"], system["password_hash"], system["role"]) == (False, "!", "admin")
    with refused("admin_activity_logs_admin_id_fkey", FOREIGN_KEY):
        insert(db, "admin_activity_logs", admin_id=999_999, action="nothing")


def in_a_minute(db: Db) -> datetime:
    row = db.execute("select clock_timestamp() at time zone 'UTC' as now").fetchone()
    assert row is not None
    later: datetime = row["now"] + timedelta(minutes=1)
    return later
