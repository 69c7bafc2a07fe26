"""`rft privacy`: carries erasures over a restore, so that nobody who was erased comes back with a backup."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from rft.database.location import located
from rft.database.pool import Database
from rft.errors import Refusal
from rft.kit.typed_json import read_json
from rft.privacy.service import list_erasures, replay_erasures
from rft.settings import Settings, SettingsError

privacy = typer.Typer(no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)
T = TypeVar("T")


@privacy.command()
def erased() -> None:
    """Prints who was erased, by number, as JSON. Keep it beside the backups: it names nobody."""

    async def read(database: Database) -> list[tuple[int, str]]:
        async with database.connection() as db:
            return await list_erasures(db)

    rows = [{"user_id": user_id, "reason": reason} for user_id, reason in _run(read)]
    out.print_json(json.dumps(rows))


@privacy.command()
def replay(file: Annotated[Path, typer.Argument(help="What `rft privacy erased` printed before the restore.")]) -> None:
    """Erases again whom an older backup brought back. Safe to repeat."""
    wanted = _read_erased(file)

    async def write(database: Database) -> list[int]:
        return await database.run(lambda db: replay_erasures(db, wanted))

    done = _run(write)
    out.print(f"Erased again: {len(done)} of {len(wanted)}.")


def _read_erased(file: Path) -> list[tuple[int, str]]:
    try:
        return [(int(row["user_id"]), str(row["reason"])) for row in read_json(file.read_bytes())]
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise SettingsError(
            f"{file} is no list of people who were erased.",
            "Give the file that keeps what `rft privacy erased` printed.",
        ) from cause


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    """The work on the database that the settings name; a refusal is one line and exit code 1."""

    async def run(url: str) -> T:
        database = Database(url, size=1)
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    with located(Settings.from_environment()) as url:
        try:
            return asyncio.run(run(url))
        except Refusal as refusal:
            Console(stderr=True, highlight=False).print(f"[bold red]rft:[/] {refusal.detail}", soft_wrap=True)
            raise typer.Exit(1) from refusal
