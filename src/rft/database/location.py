"""Which database a command works on: the one that DATABASE_URL names, else the embedded one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rft.database.embedded import ensure_running
from rft.settings import Settings


@contextmanager
def located(settings: Settings) -> Iterator[str]:
    """The database's URL while the block runs; an embedded server stops with the last process that needs it."""
    if settings.database_url:
        yield settings.database_url
        return
    binaries = os.environ.get("RFT_POSTGRES_BIN")
    with ensure_running(settings.data_dir, binaries=Path(binaries) if binaries else None) as server:
        yield server.url
