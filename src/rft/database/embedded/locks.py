"""File locks by which rft's processes agree. The kernel drops them with their holder, so none is ever left behind."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rft.database.embedded.errors import EmbeddedServerError

WAIT_SECONDS = 60.0
POLL_SECONDS = 0.005


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """One process at a time; after a minute of waiting for another one it is an error."""
    lock = open_lock(path)
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while not try_lock(lock):
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"Another rft process has been starting or stopping the database in {path.parent} for a minute.",
                    "Wait for it, or end it, and try again.",
                )
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(lock)


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def try_lock(lock: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(lock: int) -> None:
    fcntl.flock(lock, fcntl.LOCK_UN)


def is_locked(path: Path) -> bool:
    """Whether anyone holds the lock, shared or not."""
    lock = open_lock(path)
    try:
        return not try_lock(lock)
    finally:
        os.close(lock)
