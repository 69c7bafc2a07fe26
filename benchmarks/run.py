"""Runs the benchmarks, prints a table and keeps the figures in benchmarks/results/."""

import json
import platform
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.orders import measure

_RESULTS = Path(__file__).parent / "results"


def main() -> None:
    rows = measure()
    table = Table(title="Beside pgbench with the same SQL, median of interleaved rounds")
    for column in rows[0]:
        table.add_column(column.replace("_", " "), justify="left" if column == "work" else "right")
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)
    _RESULTS.mkdir(exist_ok=True)
    kept = {"on": time.strftime("%Y-%m-%d"), "python": platform.python_version(), "rows": rows}
    (_RESULTS / "orders.json").write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
