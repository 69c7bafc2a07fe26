"""Restoring: a backup is brought back beside the database, looked at there, and only then put in its place; what was there stays."""

import asyncio
import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from rft.database import migrate
from rft.database.audit import run_audit
from rft.database.programs import find_pg_dump
from rft.operations.backup import BackupError, run_client

# What makes a file one of ours.
_NEEDED = ("alembic_version", "users", "bookings", "payment_transactions", "admin_activity_logs")
_OTHERS = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
_LOOKS = 10
_PAUSE = 0.3
_STATE = """
update system_state set is_armed = false, restored_at = %(now)s, restored_from = %(file)s;
"""
_SEQUENCES = """
select format('%I.%I', space.nspname, tab.relname) as owner, format('%I', col.attname) as col,
       format('%I.%I', seq_space.nspname, seq.relname) as sequence
  from pg_depend as dep
  join pg_class as seq on seq.oid = dep.objid and seq.relkind = 'S'
  join pg_namespace as seq_space on seq_space.oid = seq.relnamespace
  join pg_class as tab on tab.oid = dep.refobjid and tab.relkind in ('r', 'p')
  join pg_namespace as space on space.oid = tab.relnamespace
  join pg_attribute as col on col.attrelid = tab.oid and col.attnum = dep.refobjsubid
 where dep.classid = 'pg_class'::regclass and dep.refclassid = 'pg_class'::regclass and dep.deptype in ('a', 'i')
"""


@dataclass(frozen=True, slots=True)
class Target:
    """What stands in the database that a backup would take the place of."""

    server: str
    database: str
    company: str
    users: int
    bookings: int
    newest_booking: datetime | None

    @property
    def is_empty(self) -> bool:
        return not self.users and not self.bookings


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept_as` is the name under which the database that was there before stays; empty where there was nothing to keep."""

    database: str
    kept_as: str
    revision: str
    bookings: int


def describe(url: str) -> Target:
    """What is in the database that the address names, so that a person can see whether it is the one that is meant."""
    with psycopg.connect(url) as db:
        where = f"{db.info.host or 'this machine'}:{db.info.port}"
        name = db.info.dbname
        if _one(db, "select to_regclass('public.bookings')") is None:
            return Target(where, name, "nothing", 0, 0, None)
        company = _one(db, "select name from company_profile") if _has(db, "company_profile") else None
        people = int(_one(db, "select count(*) from users where email <> 'system@rft.invalid'"))
        found = db.execute("select count(*), max(created_at) from bookings").fetchone()
    assert found is not None, "a count is one row"
    return Target(where, name, company or "nothing", people, found[0], found[1])


def restore(url: str, file: Path, *, now: datetime) -> Restored:
    """Raises BackupError where the file is no backup of ours, breaks a rule, or somebody is connected to the database."""
    with psycopg.connect(url) as target:
        name, major = target.info.dbname, target.info.server_version // 10000
    pg_restore = find_pg_dump(major).with_name("pg_restore")
    _require_backup(pg_restore, file)
    fresh = f"{name[:40]}_restoring_{secrets.token_hex(4)}"
    with _server(url) as server:
        server.execute(sql.SQL("create database {} template template0").format(sql.Identifier(fresh)))
        try:
            copy = make_conninfo(url, dbname=fresh)
            run_client(
                [
                    str(pg_restore),
                    "--no-owner",
                    "--no-privileges",
                    "--exit-on-error",
                    "--single-transaction",
                    str(file),
                ],
                copy,
            )
            bookings = _settle(copy, file, now)
            kept_as = _swap(server, url, name, fresh, now)
        except BaseException:
            server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(fresh)))
            raise
    return Restored(name, kept_as, migrate.current(url) or "", bookings)


def arm(url: str) -> bool:
    """From now on this database writes to the world; whether it did not before."""
    with psycopg.connect(url, options="-c timezone=UTC") as db:
        found = db.execute("update system_state set is_armed = true where not is_armed returning 1").fetchone()
    return found is not None


def _require_backup(pg_restore: Path, file: Path) -> None:
    hint = "Name a file that `rft backup` made, whole and not changed since."
    if not file.is_file():
        raise BackupError(f"There is no file {file}.", hint)
    with file.open("rb") as opened:
        if opened.read(5) != b"PGDMP":
            raise BackupError(f"{file} is not a backup of PostgreSQL's custom format.", hint)
    listed = subprocess.run(  # noqa: S603 (a program of PostgreSQL's, which only reads the file)
        [str(pg_restore), "--list", str(file)], capture_output=True, text=True, check=False
    )
    missing = [table for table in _NEEDED if not re.search(rf"\bTABLE public {table}\b", listed.stdout)]
    if listed.returncode != 0 or missing:
        raise BackupError(f"{file} is not a backup of this system.", hint)


def _settle(copy: str, file: Path, now: datetime) -> int:
    """Brings the copy to this code's schema, disarms it, and looks whether all of it is true; how many bookings it has."""
    with psycopg.connect(copy, autocommit=True) as db:
        db.execute(sql.SQL("alter database {} set timezone = 'UTC'").format(sql.Identifier(db.info.dbname)))
    migrate.upgrade(copy)
    with psycopg.connect(copy, options="-c timezone=UTC") as db:
        db.execute(_STATE, {"now": now, "file": str(file.absolute())})
        for owner, column, sequence in db.execute(_SEQUENCES).fetchall():
            # Names out of the catalogue, quoted there.
            db.execute(
                f"select setval('{sequence}', greatest((select max({column}) from {owner}), (select last_value from {sequence})))".encode()  # noqa: S608
            )
        db.execute("analyze")
        bookings = int(_one(db, "select count(*) from bookings"))
    broken = [finding for finding in asyncio.run(run_audit(copy)) if finding.count and not finding.alarm]
    if broken:
        raise BackupError(
            f"What the backup holds breaks {len(broken)} of the rules: {broken[0].title}.",
            "Nothing was replaced. Use an older backup, or restore with pg_restore and look with `rft audit`.",
        )
    return bookings


def _swap(server: psycopg.Connection[Any], url: str, name: str, fresh: str, now: datetime) -> str:
    """Nobody may be connected: a system that runs would write to the one and then to the other."""
    with psycopg.connect(url) as target:
        for _ in range(_LOOKS):
            others = int(_one(target, _OTHERS))
            if not others:
                break
            time.sleep(_PAUSE)
        else:
            raise BackupError(
                f"{others} others are connected to {name!r}.", "Stop the site and the workers first; then try again."
            )
    is_empty = describe(url).is_empty
    kept_as = f"{name[:40]}_before_{now:%Y%m%d_%H%M%S}"
    for old, new in ((name, kept_as), (fresh, name)):
        _rename(server, old, new)
    if not is_empty:
        return kept_as
    server.execute(sql.SQL("drop database {}").format(sql.Identifier(kept_as)))
    return ""


def _rename(server: psycopg.Connection[Any], old: str, new: str) -> None:
    rename = sql.SQL("alter database {} rename to {}").format(sql.Identifier(old), sql.Identifier(new))
    for attempt in range(_LOOKS):
        try:
            server.execute(rename)
        except psycopg.errors.ObjectInUse as cause:
            if attempt == _LOOKS - 1:
                raise BackupError(f"Somebody is connected to {old!r}.", "Stop what uses it; then try again.") from cause
            time.sleep(_PAUSE)
        else:
            return


@contextmanager
def _server(url: str) -> Iterator[psycopg.Connection[Any]]:
    try:
        with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as server:
            yield server
    except psycopg.errors.InsufficientPrivilege as cause:
        raise BackupError(
            "The role may not create or rename databases.",
            "Give it CREATEDB and let it own the database, or use one that does.",
        ) from cause


def _has(db: psycopg.Connection[Any], table: str) -> bool:
    return db.execute("select to_regclass(%s)", (f"public.{table}",)).fetchone() != (None,)


def _one(db: psycopg.Connection[Any], query: str) -> Any:
    row = db.execute(query.encode()).fetchone()
    return row[0] if row else None
