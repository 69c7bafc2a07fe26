"""The server itself: telling whether it lives, starting it, joining it, stopping it, clearing up after one that died.

All of it is done under the lock `lock` of the data folder, by one process at a time.
"""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rft.database.embedded import sockets
from rft.database.embedded.account import Account, choose_account
from rft.database.embedded.cluster import (
    cluster_of,
    initialise,
    remove_unfinished,
    require_same_version,
    write_settings,
)
from rft.database.embedded.errors import EmbeddedServerError, explain_output
from rft.database.embedded.locks import POLL_SECONDS, is_locked, open_lock, try_lock

# A long replay of the journal after a crash is a start, too.
START_SECONDS = 300.0
DEAF_SECONDS = 5.0
STOP_SECONDS = 60.0
LARGEST_LOG = 1024 * 1024


@dataclass(frozen=True)
class Postmaster:
    pid: int
    socket_folder: Path
    is_ready: bool


def alive_lock(home: Path) -> Path:
    """The file that each process of the server keeps locked for as long as it lives, inherited at its start.

    So "does it still run" is asked of the kernel, and never guessed from a process number that may be another's by now.
    """
    return home / "alive"


def read_postmaster(home: Path) -> Postmaster | None:
    """What the server says of itself in postmaster.pid; None where it has none, or only half of one yet."""
    try:
        lines = (cluster_of(home) / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), Path(lines[4]), is_ready=lines[7].strip() == "ready")
    except (FileNotFoundError, IndexError, ValueError):
        return None


def start_or_join(home: Path, programs: Path, *, durable: bool) -> Postmaster:
    running = await_ready(home) or _find_started_by_hand(home)
    if running:
        return running
    account = choose_account(home, programs / "postgres")
    for path in home.iterdir():
        account.own(path)
    remove_unfinished(home)
    if not (cluster_of(home) / "PG_VERSION").exists():
        initialise(home, programs, account, durable=durable)
    require_same_version(home, programs)
    _clear_up_after_the_dead(home)
    return _start(home, programs, account, durable=durable)


def await_ready(home: Path) -> Postmaster | None:
    """Waits for a server that lives until it takes connections; None if none does, or it ended meanwhile."""
    began = time.monotonic()
    deaf_since: float | None = None
    while is_locked(alive_lock(home)):
        postmaster = read_postmaster(home)
        now = time.monotonic()
        if postmaster and postmaster.is_ready:
            if sockets.is_listening(postmaster.socket_folder):
                return postmaster
            deaf_since = deaf_since or now
        else:
            deaf_since = None
        if deaf_since and now - deaf_since > DEAF_SECONDS:
            # Its socket was swept away, or only a worker of it is left. A server whose file is gone ends by itself
            # within a minute or two; a signal might hit a stranger that has its number by now.
            (cluster_of(home) / "postmaster.pid").unlink(missing_ok=True)
        if now - began > START_SECONDS:
            raise EmbeddedServerError(
                f"The database in {home} has neither started nor ended in {START_SECONDS:.0f} seconds.",
                f"Look into {home / 'server.log'}; end the postgres processes of that folder and try again.",
            )
        time.sleep(POLL_SECONDS)
    return None


def _find_started_by_hand(home: Path) -> Postmaster | None:
    """A server that somebody started on this folder with pg_ctl holds no lock of ours, yet must not be doubled."""
    postmaster = read_postmaster(home)
    socket_folder = home / "socket"
    if postmaster and postmaster.socket_folder == socket_folder and sockets.is_listening(socket_folder):
        return postmaster
    return None


def _clear_up_after_the_dead(home: Path) -> None:
    dead = read_postmaster(home)
    sockets.clear(home / "socket")
    if dead and dead.socket_folder.name.startswith(sockets.TEMPORARY_PREFIX):
        sockets.clear(dead.socket_folder)
    # PostgreSQL would refuse to start where its old number now belongs to any living process.
    (cluster_of(home) / "postmaster.pid").unlink(missing_ok=True)


def _start(home: Path, programs: Path, account: Account, *, durable: bool) -> Postmaster:
    log = home / "server.log"
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(home / "server.log.1")
    said = ""
    for socket_folder in sockets.candidates(home, account):
        write_settings(home, socket_folder, account, durable=durable)
        already_said = log.stat().st_size if log.exists() else 0
        said = _launch(home, programs, account, log)
        postmaster = await_ready(home)
        if postmaster:
            return postmaster
        said += _read_from(log, already_said)
        sockets.clear(socket_folder)
        if "Unix" not in said:
            break
    raise explain_output("start", said, home)


def _launch(home: Path, programs: Path, account: Account, log: Path) -> str:
    alive = open_lock(alive_lock(home))
    try:
        try_lock(alive)
        # pg_ctl sets it free of our terminal and our fate, and leaves the waiting to us, who wait in shorter steps.
        command: list[str | Path] = [programs / "pg_ctl", "-D", cluster_of(home), "-l", log, "-W", "-s", "start"]
        return account.run(command, keep_open=[alive]).stdout
    finally:
        os.close(alive)


def _read_from(log: Path, start: int) -> str:
    if not log.exists():
        return ""
    return log.read_bytes()[start:].decode(errors="replace")


def stop(home: Path) -> None:
    """Ends the server, if one that rft started runs; clients that are still connected are sent away."""
    postmaster = read_postmaster(home)
    for ending in (signal.SIGINT, signal.SIGQUIT):
        # Only one that answers is signalled: the number of one that died may be a stranger's.
        if not postmaster or not is_locked(alive_lock(home)) or not sockets.is_listening(postmaster.socket_folder):
            break
        with suppress(ProcessLookupError):
            os.kill(postmaster.pid, ending)
        deadline = time.monotonic() + STOP_SECONDS
        while is_locked(alive_lock(home)) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    if postmaster:
        sockets.clear(postmaster.socket_folder)
