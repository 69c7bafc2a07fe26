"""Which database a command works on: the one that DATABASE_URL names, else the embedded one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

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
        if not _is_alive(servers[-1].pid):
            # Where it cannot be started yet (a full disk, say), the next look tries again.
            with suppress(EmbeddedServerError):
                servers.append(_ensure(settings))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is there, and somebody else's
    return True
