"""Which database a command works on: the one that DATABASE_URL names, else the embedded one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import psycopg

from rft.database.embedded import EmbeddedServer, EmbeddedServerError, ensure_running
from rft.settings import Settings

_LOOK_EVERY_SECONDS = 2.0


@contextmanager
def located(settings: Settings) -> Iterator[str]:
    """The database's URL while the block runs; an embedded server stops with the last process that needs it.

    An embedded server that dies meanwhile is started again: there is nobody else to do it.
    """
    if settings.database_url:
        yield settings.database_url
        return
    servers = [_ensure(settings)]
    over = Event()
    watch = Thread(target=_keep_running, args=(settings, servers, over), daemon=True)
    watch.start()
    try:
        yield servers[0].url
    finally:
        over.set()
        watch.join()
        for server in servers:
            server.release()


def _ensure(settings: Settings) -> EmbeddedServer:
    binaries = os.environ.get("RFT_POSTGRES_BIN")
    return ensure_running(settings.data_dir, binaries=Path(binaries) if binaries else None)


def _keep_running(settings: Settings, servers: list[EmbeddedServer], over: Event) -> None:
    while not over.wait(_LOOK_EVERY_SECONDS):
        if _answers(servers[-1].url):
            continue
        # Where it cannot be started yet (a full disk, say), the next look tries again.
        with suppress(EmbeddedServerError):
            found = _ensure(settings)
            if found.pid == servers[-1].pid:
                found.release()  # it lives, and was only too busy to answer
            else:
                servers.append(found)


def _answers(url: str) -> bool:
    # Asked of the server itself: a process that was killed still has its number until somebody asks how it ended.
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
