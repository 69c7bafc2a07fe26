"""The way in: a running PostgreSQL with rft's database for this process, released when the process is done with it."""

import atexit
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from rft.database.embedded.binaries import find_binaries
from rft.database.embedded.cluster import PORT, ROLE
from rft.database.embedded.errors import EmbeddedServerError, explain_os_error, explain_output
from rft.database.embedded.locks import POLL_SECONDS, exclusive, open_lock, try_lock, unlock
from rft.database.embedded.postmaster import Postmaster, start_or_join, stop

DATABASE = "rft"
CONNECT_SECONDS = 5.0
FIND_DATABASE = """
select coalesce('TimeZone=UTC' = any (setting.setconfig), false) as pinned
from pg_database as database
left join pg_db_role_setting as setting on setting.setdatabase = database.oid and setting.setrole = 0
where database.datname = %(name)s
"""


class EmbeddedServer:
    """This process's share in the server. `url` goes to libpq, SQLAlchemy and pgbench alike."""

    def __init__(self, home: Path, lease: int, postmaster: Postmaster, binaries: Path) -> None:
        self.url = f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(postmaster.socket_folder))}&port={PORT}"
        self.pid = postmaster.pid
        self.binaries = binaries
        self._home = home
        self._lease: int | None = lease
        self._holder = os.getpid()
        atexit.register(self.release)

    def release(self) -> None:
        """Gives the share back; the last process to do so stops the server. Safe to repeat."""
        lease, self._lease = self._lease, None
        atexit.unregister(self.release)
        if lease is None:
            return
        try:
            # A forked child has the share through its parent, which gives it back.
            if os.getpid() == self._holder:
                with exclusive(self._home / "lock"):
                    _leave(self._home, lease)
        except (EmbeddedServerError, OSError):
            # Who holds the lock for so long will stop the server in turn; where the folder is gone it ends by itself.
            return
        finally:
            os.close(lease)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


def ensure_running(data_dir: Path, *, binaries: Path | None = None, durable: bool = True) -> EmbeddedServer:
    """The PostgreSQL in `data_dir`/postgresql, made, started or joined as needed, with the database `rft` in it.

    `durable=False` is for tests: a crash of the machine may then lose data; a server that runs already keeps its ways.
    Raises EmbeddedServerError. Blocks, for about a second where everything is still to be made.
    """
    home = data_dir.absolute() / "postgresql"
    programs = find_binaries(binaries)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=0o700, exist_ok=True)
        with exclusive(home / "lock"):
            return _take_share(home, programs, durable=durable)
    except OSError as error:
        raise explain_os_error(error, home) from error


def _take_share(home: Path, programs: Path, *, durable: bool) -> EmbeddedServer:
    lease = open_lock(home / "users")
    try:
        try_lock(lease, shared=True)
        postmaster, connection = _connect(home, programs, durable=durable)
        with connection:
            _prepare_database(connection, home)
    except BaseException:
        _leave(home, lease)
        os.close(lease)
        raise
    return EmbeddedServer(home, lease, postmaster, programs)


def _leave(home: Path, lease: int) -> None:
    """Under `lock`: each user of the server holds `users` shared, so who gets it alone was the last one."""
    try:
        if try_lock(lease):
            stop(home)
    finally:
        unlock(lease)


def _connect(home: Path, programs: Path, *, durable: bool) -> tuple[Postmaster, psycopg.Connection]:
    """Joins until a connection holds: a server in its last moments still takes one, and drops it."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        postmaster = start_or_join(home, programs, durable=durable)
        address = str(postmaster.socket_folder)
        try:
            return postmaster, psycopg.connect(host=address, port=PORT, user=ROLE, dbname="postgres", autocommit=True)
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise explain_output("answer", str(error), home) from error
            time.sleep(POLL_SECONDS)


def _prepare_database(connection: psycopg.Connection, home: Path) -> None:
    try:
        found = connection.execute(FIND_DATABASE, {"name": DATABASE}).fetchone()
        if found is None:
            connection.execute(f"create database {DATABASE}")
        if found != (True,):
            connection.execute(f"alter database {DATABASE} set timezone = 'UTC'")
    except psycopg.Error as error:
        raise explain_output("answer", str(error), home) from error
