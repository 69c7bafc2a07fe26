"""Tries the pending revisions on a copy of the target beside it: up, down, up, with the copy's schema compared after each."""

import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.exc import SQLAlchemyError

from rft.database import migrate
from rft.database.programs import ScratchError, find_pg_dump

# Above this a copy with all rows takes too long; the schema alone is tried then.
_LARGEST_COPY = 512 * 1024 * 1024
_DIFFERENCES_SHOWN = 12
# PostgreSQL would wait five seconds for whoever is connected before it says no.
_CAN_COPY = """
select pg_database_size(current_database()) <= %(largest)s
       and not exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid())
"""
# What pg_dump writes for psql, or for a newer server than the one it came from.
_NOT_FOR_EVERY_SERVER = re.compile(r"^(\\.*|SET transaction_timeout.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """What a trial showed. `before` is the target's revision, None for none; `faults` are sentences, none when all is well."""

    before: str | None
    pending: tuple[str, ...]
    with_rows: bool
    faults: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not self.faults


def check(url: str) -> Report:
    """Copies the target (its rows too, where it is small and nobody is connected), tries what is pending there, drops the copy.

    Writes nothing to the target. Raises ScratchError where the server allows no copy.
    """
    before, pending = migrate.current(url), tuple(migrate.pending(url))
    if not pending:
        return Report(before, (), with_rows=False, faults=())
    with _copy_of(url) as (copy, with_rows):
        return Report(before, pending, with_rows, tuple(_try_out(copy, before or "base")))


def dump_schema(url: str, *, with_bookkeeping: bool = False) -> str:
    """The whole schema as SQL, by pg_dump; equal schemas give equal texts. Bookkeeping is the table of Alembic's own."""
    with psycopg.connect(url) as target:
        major = target.info.server_version // 10000
    program = find_pg_dump(major)
    without = [] if with_bookkeeping else ["--exclude-table=public.alembic_version"]
    done = subprocess.run(  # noqa: S603 (a program of PostgreSQL's, with an address that rft itself connects to)
        [program, "--schema-only", "--no-owner", "--no-privileges", *without, f"--dbname={url}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ScratchError(
            f"pg_dump failed: {done.stderr.strip()}", "Look at what it says; the database was not changed."
        )
    return _NOT_FOR_EVERY_SERVER.sub("", done.stdout)


def _try_out(copy: str, before: str) -> Iterator[str]:
    untouched = dump_schema(copy)
    try:
        step = "up"
        migrate.upgrade(copy)
        upgraded = dump_schema(copy)
        step = "down"
        migrate.downgrade(copy, before)
        yield from _differences(untouched, dump_schema(copy), "After up and down the schema is not what it was")
        step = "up again"
        migrate.upgrade(copy)
        yield from _differences(upgraded, dump_schema(copy), "After up, down and up the schema is not that of one up")
    except (SQLAlchemyError, psycopg.Error) as error:
        yield f"Going {step} failed: {str(error).splitlines()[0]}"


def _differences(expected: str, found: str, sentence: str) -> Iterator[str]:
    lines = list(unified_diff(expected.splitlines(), found.splitlines(), n=0, lineterm=""))[2:]
    if lines:
        yield f"{sentence}:\n" + "\n".join(lines[:_DIFFERENCES_SHOWN])


@contextmanager
def _copy_of(url: str) -> Iterator[tuple[str, bool]]:
    name = f"rft_scratch_{secrets.token_hex(6)}"
    try:
        with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as server:
            try:
                with_rows = _make_database(server, name, url)
                copy = make_conninfo(url, dbname=name)
                if not with_rows:
                    _restore_schema(url, copy)
                yield copy, with_rows
            finally:
                server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise ScratchError(
            "The role may not create a database to try the revisions in.", "Give it CREATEDB, or use one that has it."
        ) from error


def _make_database(server: psycopg.Connection[Any], name: str, url: str) -> bool:
    """Whether the rows came along: not from a large database, and not from one that somebody else is connected to."""
    with psycopg.connect(url) as target:
        target_name = target.info.dbname
        can_copy = target.execute(_CAN_COPY, {"largest": _LARGEST_COPY}).fetchone() == (True,)
    new, old = sql.Identifier(name), sql.Identifier(target_name)
    if can_copy:
        with suppress(psycopg.errors.ObjectInUse):
            server.execute(sql.SQL("create database {} template {}").format(new, old))
            return True
    server.execute(sql.SQL("create database {} template template0").format(new))
    return False


def _restore_schema(url: str, copy: str) -> None:
    with psycopg.connect(copy, options="-c timezone=UTC") as scratch:
        scratch.execute(dump_schema(url, with_bookkeeping=True).encode())
        revision = migrate.current(url)
        if revision is not None:
            scratch.execute("insert into public.alembic_version values (%s)", [revision])
