"""Where the server's socket lives: in the data folder, or, where it cannot, in a private temporary folder."""

import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rft.database.embedded.account import Account
from rft.database.embedded.cluster import PORT

NAME = f".s.PGSQL.{PORT}"
# sun_path holds 104 bytes on macOS, 108 on Linux, a closing zero among them.
LONGEST_FOLDER = 103 - len(f"/{NAME}")
TEMPORARY_PREFIX = "rft-socket-"


def candidates(home: Path, account: Account) -> Iterator[Path]:
    """Folders to try, best first, closed to everyone else; each is made when it is asked for."""
    ours = home / "socket"
    # libpq takes a comma in an address for a list of hosts, so only plain paths are used as they are.
    if len(str(ours)) <= LONGEST_FOLDER and re.fullmatch(r"[A-Za-z0-9/._ +=@-]+", str(ours)):
        ours.mkdir(mode=0o700, exist_ok=True)
        ours.chmod(0o700)
        account.own(ours)
        yield ours
    parent = tempfile.gettempdir()
    short_enough = len(parent) + len(TEMPORARY_PREFIX) + 10 <= LONGEST_FOLDER
    temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=parent if short_enough else "/tmp"))  # noqa: S108 -- mkdtemp makes it private
    account.own(temporary)
    yield temporary


def is_listening(folder: Path) -> bool:
    """Whether a postmaster answers there; true of one that is starting, stopping or has no connection left, too."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(folder / NAME))
        except (TimeoutError, BlockingIOError):
            return True
        except OSError:
            return False
        return True


def clear(folder: Path) -> None:
    """Removes what a server left there, and the folder itself if it was a temporary one."""
    if is_listening(folder):
        return
    if folder.name.startswith(TEMPORARY_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        # What cannot be removed is the server's to complain of; it then gets another folder.
        for left in (folder / NAME, folder / f"{NAME}.lock"):
            with suppress(OSError):
                left.unlink()
