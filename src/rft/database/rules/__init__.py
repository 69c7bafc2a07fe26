"""The rules as SQL: one frozen file a version, `<rule>.v<n>.sql`, with the way back after a line `-- down`."""

from functools import cache
from pathlib import Path

from alembic import op

FOLDER = Path(__file__).parent
_DOWN = "\n-- down\n"


@cache
def read_rule(rule: str, version: int) -> tuple[str, str]:
    """The file's two halves: what installs the version, what removes it."""
    up, down = (FOLDER / f"{rule}.v{version}.sql").read_text("utf-8").split(_DOWN)
    return up, down


def install(rule: str, version: int) -> None:
    """Installs a version in a migration, in the place of the one before it."""
    if version > 1:
        run_script(read_rule(rule, version - 1)[1])
    run_script(read_rule(rule, version)[0])


def uninstall(rule: str, version: int) -> None:
    """The way back: removes the version and puts the one before it in its place."""
    run_script(read_rule(rule, version)[1])
    if version > 1:
        run_script(read_rule(rule, version - 1)[0])


def run_script(script: str) -> None:
    """Runs a script of several statements, whose percent signs are no parameters, on the migration's own connection."""
    connection = op.get_bind().connection.driver_connection
    assert connection is not None, "a migration runs on an open connection"
    connection.execute(script)
