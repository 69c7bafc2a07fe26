"""`rft db`: the schema's revisions and what is sown into it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import psycopg
import typer
from psycopg.rows import DictRow, dict_row
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from rft.database import migrate, revisions, scratch
from rft.database.location import located
from rft.database.seeds.catalogue import seed_catalogue
from rft.database.seeds.demo import require_no_strangers, seed_demo
from rft.database.seeds.scale import rows_for, seed_scale
from rft.kit.clock import london_today, utc_now
from rft.kit.passwords import hash_password_now
from rft.settings import Settings

db = typer.Typer(no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)
DEMO_PASSWORD = "first-aid-demo-2026"  # noqa: S105 (printed by the demonstration, which listens on this machine alone)
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@contextmanager
def _database() -> Iterator[str]:
    with located(Settings.from_environment()) as url:
        yield url


@db.command()
def upgrade(revision: Annotated[str, typer.Argument()] = "head") -> None:
    """Runs the pending migrations."""
    with _database() as url:
        migrate.upgrade(url, revision)
        out.print(f"The database is at {migrate.current(url)}.")


@db.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="A revision, or `base` for nothing at all.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Runs migrations backwards. What a removed table holds is gone: it asks first, naming the database."""
    with _database() as url:
        with psycopg.connect(url) as connection:
            name = connection.info.dbname
        if not yes and not typer.confirm(
            f"Take the database {name!r} back to {revision}? Tables that came later lose their rows", default=False
        ):
            raise typer.Exit(1)
        migrate.downgrade(url, revision)
        out.print(f"The database is at {migrate.current(url) or 'base'}.")


@db.command()
def current(as_json: Json = False) -> None:
    """Tells where the database stands and what is pending."""
    with _database() as url:
        here, pending = migrate.current(url), migrate.pending(url)
    if as_json:
        out.print_json(json.dumps({"current": here, "head": revisions.newest(), "pending": pending}))
    else:
        out.print(f"The database is at {here or 'base'}; {len(pending)} migrations are pending.")


@db.command()
def check() -> None:
    """Tries the pending migrations up, down and up again on a copy of the schema, then offers to run them."""
    with _database() as url:
        report = scratch.check(url)
        for fault in report.faults:
            out.print(fault)
        if report.faults:
            raise typer.Exit(1)
        out.print(
            f"{len(report.pending)} migrations are pending; up, down and up again they leave the schema they should."
        )
        if report.pending and typer.confirm("Run them on the database now", default=False):
            migrate.upgrade(url)
            out.print(f"The database is at {migrate.current(url)}.")


@db.command()
def seed(
    demo: Annotated[bool, typer.Option("--demo", help="Dates and people around today.")] = False,
    scale: Annotated[int, typer.Option(help="At least so many bookings.", min=0, max=50_000_000)] = 0,
) -> None:
    """Sows the price list and the venues; with --demo people and dates too; with --scale N bookings by the million."""
    with (
        _database() as url,
        psycopg.connect(url, autocommit=True, row_factory=dict_row, options="-c timezone=UTC") as connection,
    ):
        if seed_catalogue(connection):
            out.print("Added the price list and the venues.")
        if demo:
            require_no_strangers(url)
        if demo and seed_demo(
            connection, today=london_today(utc_now()), password_hash=hash_password_now(DEMO_PASSWORD)
        ):
            out.print("Added people, dates and bookings around today.")
        if scale:
            out.print(f"Added {_with_progress(connection, scale):,} bookings.")


def _with_progress(connection: psycopg.Connection[DictRow], bookings: int) -> int:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not Console(stderr=True).is_terminal) as progress:
        rows = progress.add_task("rows", total=rows_for(bookings))
        return seed_scale(connection, bookings, advance=lambda number: progress.advance(rows, number))
