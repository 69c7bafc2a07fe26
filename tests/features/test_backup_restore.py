"""Backups that come back: whole, true by every rule, ahead of their numbers, and silent until they are armed."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from psycopg.rows import dict_row
from typer.testing import CliRunner

from rft import jobs
from rft.app import create_app
from rft.cli import app
from rft.database.arming import is_armed
from rft.database.audit import run_audit
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.operations import jobs as operations_jobs
from rft.operations.backup import BackupError, make_backup, nightly_name, remove_old
from rft.operations.restore import arm, describe, restore
from rft.settings import Settings
from tests.builders import Db, a_booking, a_schedule, a_user
from tests.clusters import Cluster
from tests.features.mailing import an_order


@pytest.fixture
def only(database_url: str) -> Iterator[Db]:
    """The one connection to the database, which a test may close."""
    with closing(psycopg.connect(database_url, autocommit=True, row_factory=dict_row, options="-c timezone=UTC")) as db:
        yield db


def rft(url: str, *arguments: str) -> Result:
    environment = {"DATABASE_URL": url, "RFT_SECRET_KEY": "k7Wq-9zLp_2xVb5nMt8rYc3sHd6fJg1a"}
    return CliRunner().invoke(app, list(arguments), env=environment)


def ask(url: str, query: str) -> Any:
    with psycopg.connect(url, options="-c timezone=UTC") as db:
        row = db.execute(query.encode()).fetchone()
        return row[0] if row else None


def test_a_backup_comes_back_beside_what_was_there_and_is_disarmed(
    only: Db, database_url: str, server: Cluster, tmp_path: Path
) -> None:
    order = an_order(only)
    file = tmp_path / "rft.dump"
    made = rft(database_url, "backup", str(file))
    assert (made.exit_code, file.stat().st_mode & 0o777) == (0, 0o600), made.output
    later = a_user(only, email="later@example.com")
    name = only.info.dbname
    only.close()
    refused = rft(database_url, "restore", str(file), "--database", "another")
    assert "Nothing was done" in str(refused.exception)
    done = rft(database_url, "restore", str(file), "--database", name)
    assert done.exit_code == 0, done.output
    kept = f"{name[:40]}_before_" + done.stdout.split("_before_")[1].split("'")[0]
    try:
        assert ask(database_url, "select reference from orders") == order["reference"]
        assert ask(database_url, "select count(*) from users where email = 'later@example.com'") == 0
        assert ask(server.url(kept), "select count(*) from users where email = 'later@example.com'") == 1
        assert ask(database_url, "select current_setting('timezone')") == "UTC"
        assert [found.id for found in asyncio.run(run_audit(database_url)) if found.count] == []
        with psycopg.connect(database_url, row_factory=dict_row, autocommit=True, options="-c timezone=UTC") as db:
            assert a_user(db)["id"] >= later["id"]
            assert a_booking(db, a_schedule(db))
        assert not ask(database_url, "select is_armed from system_state")
        assert rft(database_url, "arm").stdout.startswith("Armed")
        assert ask(database_url, "select is_armed from system_state")
    finally:
        server.drop_database(kept)


async def test_a_disarmed_copy_sends_charges_and_runs_nothing(database: Database, settings: Settings, db: Db) -> None:
    db.execute("update system_state set is_armed = false")
    live = replace(settings, smtp_url="smtp://mail.example", stripe_secret_key="sk_live_1", jobs=True)
    site = create_app(live, database)
    async with site.router.lifespan_context(site):
        found = site.state.settings
        assert (found.smtp_url, found.stripe_secret_key, found.jobs) == ("", "", False)
    arm(database.url)
    assert await is_armed(database)


def test_a_database_that_somebody_uses_is_not_replaced(only: Db, database_url: str, tmp_path: Path) -> None:
    make_backup(database_url, tmp_path / "rft.dump")
    before = ask(database_url, "select count(*) from pg_database")
    with pytest.raises(BackupError, match="connected"):
        restore(database_url, tmp_path / "rft.dump", now=utc_now())
    assert ask(database_url, "select count(*) from pg_database") == before
    assert describe(database_url).is_empty


@pytest.mark.parametrize("content", [b"", b"hello", b"PGDMP but broken"])
def test_what_is_no_backup_is_refused_before_anything_is_made(
    database_url: str, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "wrong").write_bytes(content)
    with pytest.raises(BackupError):
        restore(database_url, tmp_path / "wrong", now=utc_now())


async def test_the_night_job_keeps_the_newest_and_those_of_so_many_days(
    database: Database, settings: Settings, db: Db, tmp_path: Path
) -> None:
    now = utc_now()
    for days in (1, 2, 30, 40, 50):
        (tmp_path / nightly_name(now - timedelta(days=days))).write_bytes(b"")
    (tmp_path / "mine.dump").write_bytes(b"")
    context = jobs.Context(database, replace(settings, backup_dir=tmp_path, backup_keep_days=14))
    await operations_jobs.back_up(context)
    left = os.listdir(tmp_path)
    assert (len(left), "mine.dump" in left) == (4, True)
    assert db.execute("select bytes > 1000 as whole from backups").fetchall() == [{"whole": True}]
    assert remove_old(database.url, tmp_path, keep_days=1, now=now + timedelta(days=99)) == []
