"""What every measurement stands on: a throwaway PostgreSQL, a migrated database, and the product's own web processes."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from rft.database import migrate
from rft.database.embedded import EmbeddedServer, ensure_running
from rft.database.seeds.catalogue import seed_catalogue

SPREAD = 500


@contextmanager
def throwaway_server() -> Iterator[EmbeddedServer]:
    """Durable like a real one: bookings are measured with synchronous_commit on."""
    with tempfile.TemporaryDirectory(prefix="rft-bench-") as folder, ensure_running(Path(folder)) as server:
        migrate.upgrade(server.url)
        yield server


def spread_schedules(url: str) -> tuple[int, int]:
    """500 open dates and one hot one, with more seats than any run takes; answers the first id and the hot one's."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as db:
        seed_catalogue(db)
        # No trainer has so many learners: these courses are nobody's qualification.
        db.execute("delete from course_variants")
        db.execute("update courses set max_capacity = 10000000")
        db.execute(
            "insert into venues (name, address_line1, city, postcode, capacity) values ('Arena', '1 Way', 'Leeds', 'LS1 1AA', 10000000)"
        )
        db.execute(
            """
            insert into course_schedules (course_id, venue_id, start_datetime, end_datetime, status)
            select 1 + number %% 12, (select max(id) from venues), localtimestamp + interval '1 day' * number,
                   localtimestamp + interval '1 day' * number + interval '7 hours', 'published'
              from generate_series(1, %s) as number
            """,
            (SPREAD + 1,),
        )
        row = db.execute("select min(id) as first, max(id) as hot from course_schedules").fetchone()
        assert row is not None
        return row["first"], row["hot"]


@contextmanager
def web_processes(url: str, *, workers: int, jobs: bool = False) -> Iterator[int]:
    """`rft serve` with so many processes; gives the port. Ended by its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": url,
        "RFT_SECRET_KEY": secrets.token_urlsafe(48),
        "RFT_BASE_URL": f"http://127.0.0.1:{port}",
        "STRIPE_SECRET_KEY": "",
        "STRIPE_WEBHOOK_SECRET": "",
    }
    command = [sys.executable, "-m", "rft", "serve", "--port", str(port), "--workers", str(workers)]
    server = subprocess.Popen(command + ([] if jobs else ["--no-jobs"]), env=environment)
    try:
        _wait_until_ready(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_until_ready(port: int) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("The server did not become ready.")
