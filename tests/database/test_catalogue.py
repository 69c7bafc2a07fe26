"""The migrated database against the document: everything of it is there to the letter, and only safety stands beside it."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from rft.database.constraints import FIELDS
from rft.database.rules_page import import_refusals
from tests.conftest import Db

DOCUMENT = (Path(__file__).parent / "document.sql").read_text("utf-8")
TABLES = (
    "users", "courses", "venues", "course_schedules", "discount_codes", "bookings", "payment_transactions", "analytics_events",
    "admin_activity_logs", "email_logs",
)  # fmt: skip
# Beside the document's idx_*: what serves a page or a job, and constrains nothing.
FOR_SPEED = {
    "course_schedules_published_by_date", "course_schedules_published_by_venue", "bookings_by_discount_code", "bookings_pending_by_age",
    "bookings_confirmed_by_schedule", "bookings_without_certificate", "payment_transactions_by_time",
    "users_by_name", "users_by_last_name", "users_by_email_beginning", "users_by_phone", "users_search",
}  # fmt: skip

COLUMNS = """
select table_name, ordinal_position, column_name, data_type, udt_name, character_maximum_length, numeric_precision, numeric_scale,
       is_nullable, column_default
  from information_schema.columns where table_schema = 'public' and table_name = any(%s)
"""
CONSTRAINTS = """
select conrelid::regclass::text as table_name, conname as name, pg_get_constraintdef(oid) as definition
  from pg_constraint where conrelid::regclass::text = any(%s) and contype not in ('n', 't')
"""
INDEXES = "select tablename as table_name, indexname as name, indexdef as definition from pg_indexes where tablename = any(%s)"

Facts = set[tuple[Any, ...]]


def facts(db: psycopg.Connection[Any], query: str) -> Facts:
    return {tuple(row.values()) if isinstance(row, dict) else row for row in db.execute(query.encode(), [list(TABLES)])}


@pytest.fixture
def document(empty_url: str) -> psycopg.Connection[Any]:
    """A database made by the document's own DDL."""
    with psycopg.connect(empty_url, autocommit=True) as session:
        session.execute(DOCUMENT.encode())
        yield session


def test_the_columns_are_the_documents_and_no_other(document: psycopg.Connection[Any], db: Db) -> None:
    assert facts(db, COLUMNS) == facts(document, COLUMNS)
    assert len(facts(db, COLUMNS)) == 117


@pytest.mark.parametrize("query", [CONSTRAINTS, INDEXES], ids=["constraints", "indexes"])
def test_every_constraint_and_index_of_the_document_is_there(
    document: psycopg.Connection[Any], db: Db, query: str
) -> None:
    assert facts(document, query) <= facts(db, query)


def test_what_was_added_is_a_check_or_exclusion_with_a_sentence(document: psycopg.Connection[Any], db: Db) -> None:
    added = facts(db, CONSTRAINTS) - facts(document, CONSTRAINTS)
    assert {name for _, name, _ in added} <= FIELDS.keys() | import_refusals().keys()
    assert {definition.split()[0] for _, _, definition in added} <= {"CHECK", "EXCLUDE"}


def test_added_indexes_are_unique_ones_with_a_sentence_or_known_ones_for_speed(
    document: psycopg.Connection[Any], db: Db
) -> None:
    added = facts(db, INDEXES) - facts(document, INDEXES)
    unique = {name for _, name, definition in added if "CREATE UNIQUE INDEX" in definition}
    assert unique <= FIELDS.keys() | import_refusals().keys()
    assert {name for _, name, _ in added} - unique == FOR_SPEED


def test_the_counter_is_in_no_index(db: Db) -> None:
    assert [name for _, name, definition in facts(db, INDEXES) if "current_capacity" in definition] == []


def test_every_foreign_key_has_an_index_that_begins_with_it(db: Db) -> None:
    # Without one a delete or an audit of the parent reads the whole child table.
    unindexed = db.execute(
        "select conname from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace"
        " and conrelid::regclass::text in ('bookings', 'payment_transactions', 'order_bookings', 'attendees', 'checkout_attempts')"
        " and not exists (select from pg_index where indrelid = conrelid and indkey[0] = conkey[1])"
    ).fetchall()
    assert unindexed == []


def test_the_database_keeps_time_in_utc(db: Db) -> None:
    pinned = db.execute(
        "select setconfig from pg_db_role_setting join pg_database on oid = setdatabase where datname = current_database()"
    )
    assert pinned.fetchall() == [{"setconfig": ["TimeZone=UTC"]}]
