"""`rft bank`: statements from the command line."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rft.audit.service import Actor
from rft.database.location import located
from rft.database.pool import Database
from rft.errors import Refusal
from rft.receivables.bank import Imported, import_statement, read_statement
from rft.receivables.errors import StatementNotValid
from rft.settings import Settings

bank = typer.Typer(no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)
_SYSTEM = "select id from users where email = 'system@rft.invalid'"


@bank.callback()
def _commands() -> None:
    """Keeps `import` a command of its own while it is the only one."""


@bank.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or CAMT.053, as the bank gave it.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be imported.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Imports a bank statement; lines that are known already are left out. Orders are matched in the office."""
    try:
        with located(Settings.from_environment()) as url:
            imported = asyncio.run(_import(url, file.name, file.read_bytes(), dry_run=dry_run))
    except Refusal as refusal:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"[bold red]rft:[/] {refusal.detail}")
        for sentence in refusal.wrong if isinstance(refusal, StatementNotValid) else []:
            console.print(f"     {sentence}", markup=False)
        raise typer.Exit(1) from refusal
    if as_json:
        out.print_json(json.dumps({"lines": imported.lines, "new": imported.new, "dry_run": dry_run}))
    else:
        would = "would be" if dry_run else "are"
        out.print(f"{imported.new} of {imported.lines} lines {would} new.")


async def _import(url: str, name: str, content: bytes, *, dry_run: bool) -> Imported:
    statement = read_statement(content)
    database = Database(url, size=1)
    await database.open()
    try:
        async with database.transaction() as db:
            system = await (await db.execute(_SYSTEM)).fetchone()
            assert system is not None, "a migration wrote it"
            return await import_statement(db, Actor(system["id"]), name, statement, dry_run=dry_run)
    finally:
        await database.close()
