"""Backups: the whole database in pg_dump's own format, readable by nobody else, written whole or not at all."""

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rft.database.programs import find_pg_dump
from rft.kit.clock import utc_now

# Sign-ins and counters belong to the running system; a copy of it starts without.
_LEFT_OUT = ("user_sessions", "account_steps", "rate_limits")
_NIGHTLY = re.compile(r"rft-\d{8}-\d{6}\.dump")
# However old they are, so many stay: a clock that runs ahead must not remove everything.
_FEWEST_KEPT = 3
LATE_AFTER = timedelta(hours=24)


class BackupError(Exception):
    """Why there is no backup, and a hint how to mend that."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Backup:
    file: Path
    bytes: int
    sha256: str
    seconds: float


def make_backup(url: str, file: Path, *, seconds: float | None = None) -> Backup:
    """Writes the file, over an older one of that name only when it is whole, and notes it in the database.

    Raises BackupError, also after `seconds`.
    """
    began = utc_now()
    part = file.with_name(file.name + ".part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Made here, so that it is nobody else's to read from its first byte.
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with psycopg.connect(url) as target:
            major = target.info.server_version // 10000
        without = [f"--exclude-table-data=public.{table}" for table in _LEFT_OUT]
        dump = [
            str(find_pg_dump(major)),
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            *without,
            f"--file={part}",
        ]
        run_client(dump, url, seconds=seconds)
        digest = _digest(part)
        size = part.stat().st_size
        part.replace(file)
    except OSError as cause:
        raise BackupError(
            f"{file} cannot be written: {cause.strerror}.", "Choose a folder that can be written to, with room in it."
        ) from cause
    finally:
        part.unlink(missing_ok=True)
    made = utc_now()
    _note(url, file, size, digest, began, made)
    return Backup(file, size, digest.hex(), (made - began).total_seconds())


def nightly_name(now: datetime) -> str:
    return f"rft-{now:%Y%m%d-%H%M%S}.dump"


def remove_old(url: str, folder: Path, *, keep_days: int, now: datetime) -> list[str]:
    """Removes nightly backups that are older, but never the newest three; other files are not ours. The names removed."""
    ours = sorted((path for path in folder.iterdir() if _NIGHTLY.fullmatch(path.name)), reverse=True)
    oldest = nightly_name(now - timedelta(days=keep_days))
    removed = [path for path in ours[_FEWEST_KEPT:] if path.name < oldest]
    for path in removed:
        path.unlink(missing_ok=True)
    if removed:
        with psycopg.connect(url, options="-c timezone=UTC") as db:
            db.execute(
                "update backups set removed_at = %s where file = any (%s)", (now, [str(path) for path in removed])
            )
    return [path.name for path in removed]


def run_client(command: list[str], url: str, *, seconds: float | None = None) -> str:
    """Runs one of PostgreSQL's programs on the database; what it printed. The password goes by the environment: a command line
    can be read by everybody on the machine. Raises BackupError.
    """
    address, environment = _without_password(url)
    try:
        done = subprocess.run(  # noqa: S603 (a program of PostgreSQL's, with an address that rft itself connects to)
            [*command, f"--dbname={address}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env={**os.environ, **environment},
        )
    except subprocess.TimeoutExpired as cause:
        raise BackupError(
            f"It took longer than {seconds:.0f} seconds.",
            "Let cron or a timer run `rft backup FILE` for so large a database, or use its own tools for physical backups.",
        ) from cause
    if done.returncode != 0:
        program = Path(command[0]).name
        raise BackupError(f"{program} failed: {done.stderr.strip()}", "Look at what it says; nothing was replaced.")
    return done.stdout


def _without_password(url: str) -> tuple[str, Mapping[str, str]]:
    said = conninfo_to_dict(url)
    password = said.pop("password", None)
    return make_conninfo("", **said), {"PGPASSWORD": str(password)} if password is not None else {}


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").digest()
        with suppress(OSError):  # a file system that cannot is no reason to have no backup
            os.fsync(file.fileno())
    return found


def _note(url: str, file: Path, size: int, digest: bytes, began: datetime, made: datetime) -> None:
    with psycopg.connect(url, options="-c timezone=UTC") as db:
        db.execute(
            "insert into backups (file, bytes, sha256, began_at, made_at) values (%s, %s, %s, %s, %s)",
            (str(file.absolute()), size, digest, began, made),
        )
