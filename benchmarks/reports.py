"""How long the reports take on many bookings, beside adding the tables up: `python -m benchmarks.reports 5000000`."""

import asyncio
import json
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stage import throwaway_server
from rft.database.pool import Database
from rft.database.seeds.scale import seed_scale
from rft.kit.clock import london_today, utc_now
from rft.reports.rules import last_twelve_months, previous
from rft.reports.schemas import Asked
from rft.reports.service import REPORTS, make_report

ROUNDS = 30
_RESULTS = Path(__file__).parent / "results"
# What a page would do without the sums: a year of the ledger by month, course, venue and instructor.
ADDING_UP = """
select date_trunc('month', entry.created_at), schedule.course_id, schedule.venue_id, schedule.instructor_id, sum(entry.amount)
  from payment_transactions as entry
  join bookings as booking on booking.id = entry.booking_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where entry.status = 'succeeded' and entry.created_at >= %(since)s
 group by grouping sets ((1), (2), (3), (4))
"""


async def measure(url: str) -> list[dict[str, str]]:
    """A row a report: median and 95th percentile of the time in which it is made, queries and Python together."""
    today = london_today(utc_now())
    period = last_twelve_months(today)
    asked = Asked(period, previous(period), "previous", today)
    database = Database(url, size=2)
    await database.open()
    rows = []
    try:
        for name in REPORTS:
            async with database.connection() as db:
                taken = []
                for _ in range(ROUNDS + 3):
                    began = time.perf_counter()
                    await make_report(db, name, asked)
                    taken.append((time.perf_counter() - began) * 1000)
            taken = sorted(taken[3:])
            rows.append(
                {
                    "report": name,
                    "median_ms": f"{statistics.median(taken):.1f}",
                    "p95_ms": f"{taken[int(len(taken) * 0.95)]:.1f}",
                }
            )
        async with database.connection() as db:
            await db.execute("set statement_timeout = 0")
            began = time.perf_counter()
            await db.execute(ADDING_UP, {"since": period.first - timedelta(days=1)})
            rows.append(
                {
                    "report": "revenue, adding the tables up",
                    "median_ms": f"{(time.perf_counter() - began) * 1000:.0f}",
                    "p95_ms": "",
                }
            )
    finally:
        await database.close()
    return rows


def main() -> None:
    bookings = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with throwaway_server() as server:
        began = time.perf_counter()
        with psycopg.connect(server.url, autocommit=True, row_factory=dict_row, options="-c timezone=UTC") as db:
            seeded = seed_scale(db, bookings, advance=lambda _: None)
        took = time.perf_counter() - began
        rows = asyncio.run(measure(server.url))
    table = Table(title=f"Reports of twelve months on {seeded:,} bookings (sown in {took:.0f} s)")
    for column in rows[0]:
        table.add_column(column.replace("_", " "), justify="left" if column == "report" else "right")
    for row in rows:
        table.add_row(*row.values())
    Console().print(table)
    _RESULTS.mkdir(exist_ok=True)
    (_RESULTS / "reports.json").write_text(json.dumps({"bookings": seeded, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
