"""`rft audit`, `rft bench`, `rft openapi`."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rft.database.audit import run_audit
from rft.database.location import located
from rft.settings import Settings, SettingsError

out = Console(highlight=False, soft_wrap=True)
_BENCHMARKS = Path(__file__).parents[3] / "benchmarks" / "run.py"


def audit(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """Prints a line an invariant, all seen in one snapshot; exits 1 if any row breaks one."""
    with located(Settings.from_environment()) as url:
        findings = asyncio.run(run_audit(url))
    broken = [finding for finding in findings if finding.count]
    if as_json:
        rows = [{"id": each.id, "title": each.title, "alarm": each.alarm, "rows": each.count} for each in findings]
        out.print_json(json.dumps({"holds": not broken, "invariants": rows}))
    else:
        for finding in findings:
            mark = (
                "[green]holds [/]"
                if not finding.count
                else "[yellow]alarm [/]"
                if finding.alarm
                else "[bold red]BROKEN[/]"
            )
            out.print(f"{mark} {finding.id} {finding.title}" + (f": {finding.count} rows" if finding.count else ""))
            for row in finding.rows:
                out.print(f"         {row}")
    if broken:
        raise typer.Exit(1)


def bench(
    arguments: Annotated[list[str] | None, typer.Argument(help="Which benchmarks; all where none is named.")] = None,
) -> None:
    """Measures, beside pgbench in the same run; writes benchmarks/results/."""
    if not _BENCHMARKS.exists():
        raise SettingsError(
            "The benchmarks are not here.", "They come with the source: run `make bench` in a checkout."
        )
    raise SystemExit(subprocess.call([sys.executable, str(_BENCHMARKS), *(arguments or [])]))  # noqa: S603 (our own program)


def openapi() -> None:
    """Prints the API's OpenAPI document."""
    from rft.api import create_api

    sys.stdout.write(json.dumps(create_api().openapi(), indent=2, sort_keys=True) + "\n")
