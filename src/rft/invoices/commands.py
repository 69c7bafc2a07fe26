"""`rft invoices`: files for the bookkeeping."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rft.database.location import located
from rft.database.pool import Database
from rft.invoices.exports import Format, export_csv
from rft.settings import Settings, SettingsError

invoices = typer.Typer(no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)


@invoices.callback()
def about() -> None:
    """Invoices and credit notes."""


@invoices.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write the CSV.")],
    wanted: Annotated[Format, typer.Option("--format", help="For which system.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first London day.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last London day.")],
) -> None:
    """Writes all invoices and credit notes issued on these days, as Xero, Sage 50 or FreeAgent name their columns."""
    if last < first:
        raise SettingsError("The last day is before the first.", "Turn --from and --to around.")

    async def read(url: str) -> str:
        database = Database(url, size=1)
        await database.open()
        try:
            async with database.connection() as db:
                return await export_csv(db, wanted, first.date(), last.date())
        finally:
            await database.close()

    with located(Settings.from_environment()) as url:
        text = asyncio.run(read(url))
    file.write_text(text, "utf-8", newline="")
    out.print(f"Wrote {max(text.count(chr(10)) - 1, 0)} lines to {file}.")
