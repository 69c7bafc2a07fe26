"""`rft backup`, `rft restore`, `rft arm`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rft.database.location import located
from rft.kit.clock import utc_now
from rft.operations.backup import make_backup
from rft.operations.restore import Target, describe
from rft.operations.restore import arm as arm_database
from rft.operations.restore import restore as restore_database
from rft.settings import Settings, SettingsError

out = Console(highlight=False, soft_wrap=True)
File = Annotated[Path, typer.Argument(help="The backup's file.")]
_KEYS = "certificate-keys"


def backup(file: File) -> None:
    """Writes the whole database to a file, while everything goes on. The file holds everybody's data: keep it safe."""
    settings = Settings.from_environment()
    with located(settings) as url:
        made = make_backup(url, file)
    out.print(f"{made.file}: {made.bytes:,} bytes in {made.seconds:.1f} s, SHA-256 {made.sha256}")
    keys = settings.data_dir / _KEYS
    if keys.is_dir() and not settings.certificate_key:
        out.print(f"Not in it: the keys that sign certificates. Copy {keys} to a safe place of its own.")


def restore(
    file: File,
    database: Annotated[
        str, typer.Option(help="The name of the database that may be replaced; instead of being asked for it.")
    ] = "",
) -> None:
    """Puts a backup in the place of the database, which stays under another name. Sends and charges nothing until `rft arm`."""
    with located(Settings.from_environment()) as url:
        target = describe(url)
        _require_meant(target, database)
        done = restore_database(url, file.absolute(), now=utc_now())
    out.print(
        f"{done.database!r} now holds {file}: {done.bookings} bookings, revision {done.revision}, every rule holds."
    )
    if done.kept_as:
        out.print(
            f"What was there before is kept as {done.kept_as!r}. When you need it no more: drop database {done.kept_as}"
        )
    out.print("It is disarmed: no mail, no real payment, no job. When it is to be the real one: rft arm")


def arm() -> None:
    """Lets a restored copy write to the world: mails go out, money moves, jobs run. Only one copy may."""
    with located(Settings.from_environment()) as url:
        was_disarmed = arm_database(url)
    out.print("Armed. Restart the site and the workers." if was_disarmed else "It was armed already.")


def _require_meant(target: Target, said: str) -> None:
    """A person types the database's name, a script passes it: nobody replaces one by having the wrong address set."""
    out.print(
        f"{target.database!r} at {target.server}: {target.company}, {target.users} people, {target.bookings} bookings"
        + (f", the newest of {target.newest_booking:%d %B %Y %H:%M} UTC." if target.newest_booking else ".")
    )
    if target.is_empty:
        return
    typed = said or typer.prompt("It will be replaced. Type its name to go on")
    if typed != target.database:
        raise SettingsError(
            f"The database is {target.database!r}, not {typed!r}. Nothing was done.",
            "See where DATABASE_URL leads, then name that database.",
        )
