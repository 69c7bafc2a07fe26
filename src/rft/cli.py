"""The command line: `rft serve`, `rft db upgrade`, `rft audit` and the rest. One line and a hint when something is wrong."""

import json
import os
import signal
import sys
from types import FrameType
from typing import Annotated

import psycopg
import typer
from alembic.util import CommandError
from rich.console import Console

from rft.accounts.commands import admin
from rft.certificates.commands import certificate
from rft.database.commands import db
from rft.database.location import located
from rft.evidence.commands import evidence
from rft.invoices.commands import invoices
from rft.operations import backup_commands
from rft.operations import commands as operations
from rft.privacy.commands import privacy
from rft.receivables.commands import bank
from rft.reconciliation.commands import reconcile
from rft.settings import Settings, SettingsError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Runs a first-aid training company.",
    pretty_exceptions_enable=False,
)
app.add_typer(db, name="db", help="The schema: upgrade, downgrade, check, current, seed.")
app.add_typer(admin, name="admin", help="People of the office: create one, give one an API token.")
app.add_typer(certificate, name="certificate", help="Verify a certificate; look after the signing keys.")
app.add_typer(privacy, name="privacy", help="Carry erasures over a restore.")
app.add_typer(evidence, name="evidence", help="Verify a pack of papers of a course.")
app.add_typer(invoices, name="invoices", help="Invoices and credit notes: files for the bookkeeping.")
app.add_typer(bank, name="bank", help="Bank statements: import one.")
app.command()(operations.audit)
app.command()(reconcile)
app.command()(backup_commands.backup)
app.command()(backup_commands.restore)
app.command()(backup_commands.arm)
app.command()(operations.bench)
app.command()(operations.openapi)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Web processes.", min=1, max=64)] = 2,
    no_jobs: Annotated[bool, typer.Option("--no-jobs", help="Leave the background jobs to `rft worker`.")] = False,
) -> None:
    """Serves the site and the API and, unless told otherwise, runs the background jobs."""
    from rft.app import require_proxies
    from rft.operations.serving import serve_here

    settings = Settings.from_environment()
    # Said here in one line, and not by each web process again and again.
    require_proxies(settings)
    with located(settings) as url:
        psycopg.connect(url, connect_timeout=10).close()
        os.environ["DATABASE_URL"] = url
        os.environ["RFT_JOBS"] = "0" if no_jobs else "1"
        serve_here(host, port, workers)


@app.command()
def worker() -> None:
    """Runs background jobs, and nothing else."""
    from rft import jobs
    from rft.web.logs import configure_logs

    configure_logs()
    settings = Settings.from_environment()
    with located(settings) as url:
        os.environ["DATABASE_URL"] = url
        jobs.run_worker(Settings.from_environment())


@app.command()
def demo(host: Host = "127.0.0.1", port: Port = 8000, workers: Annotated[int, typer.Option(min=1, max=64)] = 2) -> None:
    """Starts everything with demonstration data: database, site, jobs and a practice payment page."""
    from rft.operations.demo import run_demo

    run_demo(host, port, workers)


class _Ended(BaseException):
    """SIGTERM: on the way out an embedded database is let go, as it is after Ctrl+C."""


def main() -> None:
    """The `rft` program: exits 1 with one line and a hint where something is wrong."""
    signal.signal(signal.SIGTERM, _end)
    try:
        app()
    except _Ended:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)
    except SettingsError as wrong:
        _fail(str(wrong), wrong.hint)
    except Exception as wrong:
        told = _told(wrong)
        if told is None:
            raise
        _fail(*told)


def _end(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise _Ended


def _told(wrong: Exception) -> tuple[str, str] | None:
    """A sentence and a hint; None for what only a programmer can mend."""
    if isinstance(wrong, CommandError):
        return f"Alembic says: {wrong}", "`rft db current` tells where the database stands."
    hint = getattr(wrong, "hint", None)
    if hint is not None:
        return getattr(wrong, "message", str(wrong)), hint
    cause = getattr(wrong, "orig", wrong)  # what SQLAlchemy wraps
    if isinstance(cause, psycopg.errors.UndefinedTable):
        return "The database has not been set up, or not to the end.", "Run `rft db upgrade` first."
    # Without a SQLSTATE nobody has answered: the address, the network or the server is at fault.
    if isinstance(cause, psycopg.OperationalError | psycopg.ProgrammingError) and cause.sqlstate is None:
        said = " ".join(str(cause).split())
        return f"The database cannot be reached: {said}", "See that it runs, and that DATABASE_URL is right."
    return None


def _fail(message: str, hint: str) -> None:
    if "--json" in sys.argv:
        Console(stderr=True).print_json(json.dumps({"error": message, "hint": hint}))
    else:
        console = Console(stderr=True, highlight=False)
        console.print(f"[bold red]rft:[/] {message}", soft_wrap=True)
        console.print(f"     {hint}", soft_wrap=True)
    raise SystemExit(1)
