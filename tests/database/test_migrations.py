"""The migrations: every way down is a way back, rows outlive them, ten processes at once run them once."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

import rft
from rft.database import migrate, revisions
from rft.database.scratch import dump_schema
from tests.builders import a_booking, a_payment, a_schedule, completed_booking
from tests.conftest import Connect, Db

REVISIONS = [step.revision for step in ScriptDirectory.from_config(migrate.configuration()).walk_revisions()][::-1]
FIRST = REVISIONS[0]
NARROW = """
create table users (id serial primary key, email varchar(255) unique not null, first_name varchar(100));
insert into users (email, first_name) values ('amina@example.com', 'Amina'), ('dev@example.com', 'Dev');
"""
# One program that becomes ten once everything is imported, so that they meet at the database.
TEN_AT_ONCE = """
import os, sys
from rft.database import migrate

children = []
for _ in range(10):
    child = os.fork()
    if child == 0:
        migrate.upgrade(sys.argv[1])
        os._exit(0)
    children.append(child)
for child in children:
    print(os.waitpid(child, 0)[1])
"""


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alembic would read all the files again for every step; they do not change meanwhile."""
    script = ScriptDirectory.from_config(migrate.configuration())
    monkeypatch.setattr(ScriptDirectory, "from_config", lambda _: script)


@pytest.mark.one_version
@pytest.mark.usefixtures("read_once")
def test_each_step_down_leads_back_to_where_the_step_up_began(empty_url: str) -> None:
    landings = [dump_schema(empty_url)]
    for revision in REVISIONS:
        migrate.upgrade(empty_url, revision)
        landings.append(dump_schema(empty_url))
    assert len(set(landings)) >= len(REVISIONS) - 2  # pinning the zone and adding a user change no schema
    for revision, landing in zip(["base", *REVISIONS[:-1]][::-1], landings[:-1][::-1], strict=True):
        migrate.downgrade(empty_url, revision)
        assert dump_schema(empty_url) == landing, revision
    migrate.upgrade(empty_url)
    assert dump_schema(empty_url) == landings[-1]


def test_the_rules_go_and_come_back_over_a_database_in_use(db: Db, database_url: str) -> None:
    completed_booking(db, a_schedule(db))
    a_payment(db, a_booking(db, a_schedule(db)))
    before, schema = _rows(db), dump_schema(database_url)
    first_rule = next(revision for revision in REVISIONS if revision >= "20261122091900")
    migrate.downgrade(database_url, REVISIONS[REVISIONS.index(first_rule) - 1])
    assert "create function" not in dump_schema(database_url).partition("CREATE SCHEMA jobs")[0].lower()
    migrate.upgrade(database_url)
    assert (_rows(db), dump_schema(database_url)) == (before, schema)


def test_from_nothing_to_nothing_and_back_changes_nothing(empty_url: str) -> None:
    nothing = dump_schema(empty_url)
    migrate.upgrade(empty_url)
    everything = dump_schema(empty_url)
    migrate.downgrade(empty_url, "base")
    assert dump_schema(empty_url) == nothing
    migrate.upgrade(empty_url)
    assert dump_schema(empty_url) == everything


def test_the_way_down_leaves_no_table_but_the_one_that_counts(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, "base")
    with psycopg.connect(empty_url) as session:
        left = session.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        ).fetchall()
        assert left == [("alembic_version",)]
        assert session.execute("select count(*) from alembic_version").fetchone() == (0,)


def test_one_table_a_file_named_by_the_time() -> None:
    folder = Path(migrate.__file__).parent / "migrations/versions"
    names = sorted(path.stem for path in folder.glob("*.py"))
    assert [name.split("_")[0] for name in names] == REVISIONS
    assert all(len(name.split("_")[0]) == 14 for name in names)


def test_ten_processes_at_once_migrate_once(empty_url: str) -> None:
    source = Path(rft.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", TEN_AT_ONCE, empty_url],
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (["0"] * 10, "")
    assert migrate.current(empty_url) == revisions.newest()


def test_a_migration_killed_halfway_is_run_again(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as other:
        other.execute("create table venues (id integer)")  # in the way of the third revision
        with pytest.raises(Exception, match="already exists"):
            migrate.upgrade(empty_url)
        assert migrate.current(empty_url) == REVISIONS[1]
        other.execute("drop table venues")
    migrate.upgrade(empty_url)
    assert migrate.current(empty_url) == revisions.newest()


def test_a_narrower_users_table_is_adopted_and_given_back_with_its_rows(empty_url: str) -> None:
    with psycopg.connect(empty_url, autocommit=True) as session:
        session.execute(NARROW.encode())
        before = dump_schema(empty_url)
        migrate.upgrade(empty_url, FIRST)
        adopted = session.execute(
            "select email, first_name, password_hash, role, is_active from users order by id"
        ).fetchall()
        assert adopted == [
            ("amina@example.com", "Amina", "!", "customer", True),
            ("dev@example.com", "Dev", "!", "customer", True),
        ]
        migrate.upgrade(empty_url)
        migrate.downgrade(empty_url, "base")
        assert session.execute("select id, email, first_name from users order by id").fetchall() == [
            (1, "amina@example.com", "Amina"),
            (2, "dev@example.com", "Dev"),
        ]
        assert dump_schema(empty_url) == before


def test_an_adopted_table_keeps_every_constraint_of_a_new_one(
    server: object, empty_url: str, database_url: str
) -> None:
    query = (
        "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'users'::regclass and contype in ('c', 'u', 'p')"
        " union all select indexname, indexdef from pg_indexes where tablename = 'users'"
        " union all select column_name, concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)"
        " from information_schema.columns where table_schema = 'public' and table_name = 'users'"
    )
    with psycopg.connect(empty_url, autocommit=True) as adopted, psycopg.connect(database_url) as made:
        adopted.execute(NARROW.encode())
        migrate.upgrade(empty_url)
        assert set(adopted.execute(query)) == set(made.execute(query))


def test_a_migration_gives_up_early_where_a_reader_holds_the_table(
    connect: Connect, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_LOCK_TIMEOUT", "100ms")
    reader = connect(autocommit=False)
    reader.execute("select * from bookings")
    with pytest.raises((psycopg.errors.LockNotAvailable, OperationalError), match="lock timeout"):
        migrate.downgrade(database_url, FIRST)
    reader.rollback()
    migrate.downgrade(database_url, FIRST)
    assert migrate.pending(database_url) == REVISIONS[1:]


def test_what_is_pending_is_listed_oldest_first(empty_url: str) -> None:
    assert migrate.pending(empty_url) == REVISIONS
    migrate.upgrade(empty_url, REVISIONS[3])
    assert migrate.pending(empty_url) == REVISIONS[4:]


def _rows(db: Db) -> dict[str, list[dict[str, object]]]:
    # The system user goes and comes back with its migration.
    tables = (
        "users where email <> 'system@rft.invalid'",
        "courses",
        "venues",
        "course_schedules",
        "bookings",
        "payment_transactions",
        "schedule_occupancies",
    )
    return {table: db.execute(f"select * from {table} order by 1").fetchall() for table in tables}  # type: ignore[arg-type]


def test_the_newest_file_is_the_head_that_alembic_finds() -> None:
    assert ScriptDirectory.from_config(migrate.configuration()).get_heads() == [revisions.newest()]
