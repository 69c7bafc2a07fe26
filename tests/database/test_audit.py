"""The audit: each invariant can fire, and all are silent on a fresh and on a busy database."""

import asyncio
import re
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

import rft.database
from rft.database.audit import list_invariants, run_audit
from tests.builders import (
    Db,
    Row,
    a_booking,
    a_discount_code,
    a_payment,
    a_schedule,
    a_user,
    an_invoice,
    an_invoice_line,
    completed_booking,
    confirmed_booking,
    insert,
    move_schedule_to_past,
    update,
)
from tests.cast import amina, ben, carol
from tests.conftest import Connect
from tests.races.audited import broken

LEDGER = "insert into payment_transactions (booking_id, amount, payment_method, status) "
REFUND = (
    "insert into refunds (booking_id, amount, method, reason, state, settled_at, idempotency_key)"
    " select id, 1000, 'cash', 'goodwill', '{state}', localtimestamp, 'refund ' || id from bookings"
)
A_BANK_MATCH = """
insert into bank_statements (file_name, format, lines, new_lines, imported_by) values ('bank.csv', 'csv', 1, 1, 1);
insert into bank_lines (statement_id, content_hash, ordinal, booked_on, amount) select id, '', 1, '2026-12-01', 1 from bank_statements;
insert into bank_matches (line_id, order_id, amount, matched_by) select line.id, placed.id, 2, 1 from bank_lines as line, orders as placed;
"""
# invariant → how to break it, once no trigger and no constraint stands in the way. The rows of `a_busy_day` are there.
BREAKS = {
    "I01": "update venues set capacity = 0",
    "I02": "update course_schedules set current_capacity = current_capacity + 1",
    "I03": "update course_schedules set status = 'full' where current_capacity < 2",
    "I04": "update course_schedules set venue_id = 1, start_datetime = '2031-01-01 09:00', end_datetime = '2031-01-01 10:00'",
    "I05": "update course_schedules set venue_id = 1, start_datetime = '2031-01-01 09:00', end_datetime = '2031-01-01 10:00'",
    "I06": "update course_schedules set end_datetime = start_datetime",
    "I07": "update course_schedules set instructor_id = 2, start_datetime = '2031-01-01 09:00', end_datetime = '2031-01-01 10:00'",
    "I08": "update users set role = 'customer' where email = 'ben@example.com'",
    "I09": "update bookings set payment_status = 'pending' where status = 'confirmed'",
    "I10": LEDGER + "select id, 1, 'cash', 'refunded' from bookings where status = 'confirmed'",
    "I11": "update bookings set payment_status = 'refunded' where status = 'confirmed'",
    "I11b": "update bookings set payment_status = 'failed', updated_at = updated_at - interval '6 minutes' where status = 'cancelled'",
    "I12": "update payment_transactions set amount = -amount",
    "I13": "update payment_transactions set stripe_payment_intent_id = 'pi_1' where status = 'succeeded'",
    "I14": "update payment_transactions set amount = amount + 1 where status = 'succeeded'",
    "I15": "update bookings set status = 'pending' where status = 'confirmed';"
    " update payment_transactions set created_at = created_at - interval '6 minutes'",
    "I16": "update payment_transactions set currency = 'EUR'",
    "I17": "update discount_codes set times_used = 5, usage_limit = 4",
    "I18": "update discount_codes set times_used = 5",
    "I19": "update discount_codes set valid_until = '2020-01-01'",
    "I20": "update discount_codes set course_type_restriction = 'FAW'",
    "I21": "update bookings set discount_applied = 1 where discount_code_id is not null",
    "I22": "update discount_codes set discount_value = 101",
    "I23": "update bookings set certificate_issued = true where status = 'confirmed'",
    "I24": "update course_schedules set end_datetime = '2040-01-01'",
    "I25": "update course_schedules set status = 'draft'",
    "I25b": "update course_schedules set status = 'cancelled', updated_at = updated_at - interval '61 minutes'",
    "I26": "update bookings set created_at = created_at - interval '36 minutes' where status = 'pending'",
    "I27": "update email_logs set status = null",
    "I28": "update courses set price = 'NaN'",
    "I29": "update users set email = 'same@example.com'",
    "I30": "update attendees set email = 'amina@example.com'",
    "I31": "update bookings set confirmation_sent = true where status = 'pending'",
    "I32": "update bookings set updated_at = created_at - interval '1 second'",
    "I33": """update admin_activity_logs set old_values = '{"password": "hunter2"}', new_values = '{"password": "***"}'""",
    "I34": "update payment_transactions set payment_method = 'card'",
    "I35": "delete from schedule_occupancies",
    "I36": "insert into schedule_sessions (course_schedule_id, starts_at, ends_at)"
    " select id, '2040-01-01', '2040-01-02' from course_schedules",
    "I37": "update orders set total = total + 1",
    "I38": "update orders set seats = seats + 1",
    "I39": "delete from settled_stripe_objects",
    "I40": REFUND.format(state="returned"),
    "I41": REFUND.format(state="due"),
    "I50": "update invoices set sequence = sequence + 1",
    "I51": "update invoice_lines set total = total + 1, net = net + 1",
    "I52": "update invoice_lines set total = 1000 where credits_line_id is not null",
    "I53": "update orders set payment_method = 'invoice'; update bookings set status = 'pending' where status = 'confirmed'",
    "I54": A_BANK_MATCH,
    "I55": A_BANK_MATCH,
    "I56": "update bookings set payment_amount = payment_amount + 1 where status = 'confirmed'",
    "I60": "insert into reconciliation_differences (object, stripe_id, at_stripe, first_seen_at, last_seen_at)"
    " values ('charge', 'pi_1', 75, '2026-01-01', '2026-01-01')",
    "I61": "insert into reconciliation_runs (day, since, until, ran_at, state, compared, received_at_stripe, received_in_ledger,"
    " returned_at_stripe, returned_in_ledger, paid_out, paid_out_parts, differences, differing)"
    " values ('2026-01-01', '2026-01-01', '2040-01-01', '2040-01-01', 'agrees', 0, 0, 0, 0, 0, 0, 0, 0, 0)",
    "I70": "insert into register_marks (id, course_schedule_id, booking_id, kind, device, made_by, made_at)"
    " select gen_random_uuid(), course_schedule_id, id, 'absent', 'phone', user_id, '2026-01-01' from bookings where certificate_issued",
    "I71": "insert into access_needs (booking_id, needs) select id, 'A ramp' from bookings where certificate_issued;"
    " update course_schedules set start_datetime = '2020-01-01', end_datetime = '2020-01-02'",
    "I80": "insert into venue_closures (venue_id, starts_at, ends_at, reason) select id, '2020-01-01', '2060-01-01', 'Floor' from venues",
    "I81": "insert into erasures (user_id, reason) select id, 'asked' from users",
    "I90": "update revenue_days set received = received + 0.01",
    "I91": "update booking_days set bookings = bookings + 1",
    "I92": "update occupancy_months set seats = seats - 1",
    "I93": "update customer_days set returned = returned + 0.01",
}


@pytest.fixture
def a_busy_day(db: Db) -> Db:
    """A bit of everything that is as it should be."""
    customer, teacher, office = amina(db), ben(db), carol(db)
    attended = a_schedule(db, seats=3, instructor_id=teacher["id"])
    certified = completed_booking(db, attended, user=customer)
    update(db, "bookings", certified, certificate_issued=True, certificate_issued_date=_london_today(db))
    dated = a_schedule(db, instructor_id=teacher["id"], seats=5)
    with db.transaction():
        for hours in (0, 2):
            start = dated["start_datetime"] + timedelta(hours=hours)
            insert(
                db,
                "schedule_sessions",
                course_schedule_id=dated["id"],
                starts_at=start,
                ends_at=start + timedelta(hours=1),
            )
    confirmed = confirmed_booking(db, dated, user=customer)
    a_booking(db, dated, user=customer, code=a_discount_code(db, usage_limit=3))
    refunded = confirmed_booking(db, dated, user=customer)
    with db.transaction():
        a_payment(db, refunded, status="refunded")
        update(db, "bookings", refunded, status="cancelled", payment_status="refunded")
    paid_back_later = confirmed_booking(db, dated, user=customer)
    update(db, "bookings", paid_back_later, status="cancelled")
    an_order(db, dated, customer)
    for _ in range(2):
        a_schedule(db, status="draft")
    a_schedule(db, status="cancelled", venue_id=attended["venue_id"], start_datetime=dated["start_datetime"])
    insert(
        db,
        "admin_activity_logs",
        admin_id=office["id"],
        action="booking.confirmed",
        old_values="{}",
        new_values='{"status": "confirmed"}',
    )
    insert(
        db,
        "email_logs",
        recipient_email=customer["email"],
        email_type="booking_confirmation",
        booking_id=confirmed["id"],
    )
    update(db, "bookings", confirmed, confirmation_sent=True)
    return db


def an_order(db: Db, schedule: Row, customer: Row) -> None:
    order = insert(
        db, "orders", reference="ORD-1", access_token_hash=b"", user_id=customer["id"], course_schedule_id=schedule["id"],
        booker_name="Amina Khan", booker_email=customer["email"], payment_method="card", seats=2, total=150, vat=0,
        terms_version="1", policy_version="1", hold_expires_at="2040-01-01",
    )  # fmt: skip
    for position, name in enumerate(("amina", "dev"), 1):
        booking = a_booking(db, schedule, user=customer)
        insert(db, "order_bookings", booking_id=booking["id"], order_id=order["id"], position=position)
        insert(
            db, "attendees", booking_id=booking["id"], first_name=name, last_name="Khan", email=f"{name}@example.com"
        )
        a_payment(db, booking, payment_method="card", stripe_payment_intent_id="pi_order")
        update(db, "bookings", booking, status="confirmed", payment_status="paid")
    with db.transaction():
        asked = an_invoice_line(db, an_invoice(db, order, total=75), booking, total=75)
    with db.transaction():
        note = an_invoice(
            db, order, total=50, kind="credit_note", credits_id=asked["invoice_id"], reason="Ill", source="refund 1"
        )
        an_invoice_line(db, note, booking, total=50, credits_line_id=asked["id"])


def disarm(db: Db) -> None:
    """Takes every trigger, CHECK, exclusion and unique index of the tables away, so that anything can be written."""
    db.execute("set session_replication_role = 'replica'")
    constraints = (
        "select conrelid::regclass::text as tbl, conname as name from pg_constraint"
        " where contype in ('c', 'x', 'u') and connamespace = 'public'::regnamespace"
    )
    for row in db.execute(constraints).fetchall():
        db.execute(f"alter table {row['tbl']} drop constraint {row['name']} cascade")  # type: ignore[arg-type]
    indexes = (
        "select indexrelid::regclass::text as name from pg_index join pg_class on pg_class.oid = indrelid"
        " where indisunique and not indisprimary and relnamespace = 'public'::regnamespace"
    )
    for row in db.execute(indexes).fetchall():
        db.execute(f"drop index {row['name']}")  # type: ignore[arg-type]


def test_every_invariant_has_a_way_to_break_it_here() -> None:
    assert list(BREAKS) == [kept.id for kept in list_invariants()]


def test_all_are_silent_on_a_fresh_database(database_url: str) -> None:
    assert broken(database_url) == []


def test_all_are_silent_on_a_busy_database(a_busy_day: Db, database_url: str) -> None:
    assert broken(database_url) == []


def test_each_fires_when_it_is_broken(a_busy_day: Db, database_url: str) -> None:
    disarm(a_busy_day)
    for kept in list_invariants():
        with a_busy_day.transaction(force_rollback=True):
            a_busy_day.execute(BREAKS[kept.id].encode())
            assert a_busy_day.execute(kept.query.encode()).fetchall(), f"{kept.id} {kept.title}"


def test_a_finding_counts_and_shows_the_first_rows(db: Db, database_url: str) -> None:
    for _ in range(7):
        a_schedule(db)
    disarm(db)
    db.execute("update course_schedules set current_capacity = 1")
    (finding,) = broken(database_url)
    assert (finding.id, finding.alarm, finding.count, len(finding.rows)) == ("I02", False, 7, 5)
    assert {"current_capacity": 1, "taken": 0}.items() <= finding.rows[0].items()


def test_the_audit_sees_one_moment_and_writes_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = list_invariants()[0]
    monkeypatch.setattr(
        "rft.database.audit.list_invariants",
        lambda: (type(writing)("I01", "writes", alarm=False, query="delete from email_logs returning id"),),
    )
    with pytest.raises(psycopg.Error):
        asyncio.run(run_audit(database_url))


def test_alarms_are_those_that_may_last_some_minutes() -> None:
    assert [kept.id for kept in list_invariants() if kept.alarm] == ["I11b", "I15", "I25b", "I26"]


def test_no_query_of_the_file_is_left_out() -> None:
    text = (Path(rft.database.__file__).parent / "audit.sql").read_text("utf-8")
    statements = [part for part in re.sub(r"--.*", "", text).split(";") if part.strip()]
    assert len(statements) == len(list_invariants())


def test_a_seat_on_an_accepted_purchase_order_is_no_hold_past_its_life(db: Db, database_url: str) -> None:
    schedule, customer = a_schedule(db), amina(db)
    order = insert(
        db, "orders", reference="ORD-2", access_token_hash=b"", user_id=customer["id"], course_schedule_id=schedule["id"],
        booker_name="Amina Khan", booker_email=customer["email"], payment_method="invoice", purchase_order="PO 7", seats=1,
        total=75, vat=0, terms_version="1", policy_version="1",
    )  # fmt: skip
    booking = a_booking(db, schedule, user=customer, created_at="2026-01-01")
    assert [finding.id for finding in broken(database_url)] == ["I26", "I38"]
    insert(db, "order_bookings", booking_id=booking["id"], order_id=order["id"], position=1)
    assert broken(database_url) == []


def test_a_second_session_reads_while_the_audit_runs(db: Db, connect: Connect, database_url: str) -> None:
    other = connect(autocommit=False)
    a_booking(other, a_schedule(other), user=a_user(other))
    assert broken(database_url) == []
    other.commit()
    move_schedule_to_past(db, {"id": 1, **_span(db)})
    assert broken(database_url) == []


def _span(db: Db) -> Row:
    row = db.execute("select start_datetime, end_datetime from course_schedules where id = 1").fetchone()
    assert row is not None
    return row


def _london_today(db: Db) -> date:
    row = db.execute("select (now() at time zone 'Europe/London')::date as today").fetchone()
    assert row is not None
    today: date = row["today"]
    return today
