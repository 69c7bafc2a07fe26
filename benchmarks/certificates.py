"""The certificates of one date, made by a worker of the product's own: `python -m benchmarks.certificates`, 500 of them."""

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stage import throwaway_server
from rft.audit.service import Actor
from rft.certificates.batches import ask_for_batch
from rft.database.pool import SESSION_OPTIONS, Database
from rft.database.seeds.catalogue import seed_catalogue

Db = psycopg.Connection[DictRow]

_RESULTS = Path(__file__).parent / "results"
TARGET_MS = 10.0
_GIVE_UP_AFTER = 300

# A hall with a trainer for each twelve of them would be a date each; one date with all of them is the longest batch there is.
_DATE = """
insert into course_schedules (course_id, venue_id, instructor_id, start_datetime, end_datetime, status)
select course.id, %(venue_id)s, %(trainer_id)s, localtimestamp - interval '9 hours', localtimestamp - interval '2 hours', 'published'
  from courses as course where course.name = 'Emergency First Aid at Work'
returning id
"""
_PLACES = """
with person as (
    insert into users (email, password_hash, first_name, last_name)
    select format('person%%s@example.com', number), '!', 'Amina', 'Khan ' || number from generate_series(1, %(people)s) as number
    returning id, first_name, last_name, email),
place as (
    insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount, discount_applied, status, payment_status)
    select person.id, %(schedule_id)s, 'RFT-B' || lpad(person.id::text, 12, '0'), 0, 100, 'confirmed', 'paid' from person
    returning id, user_id)
insert into attendees (booking_id, first_name, last_name, email)
select place.id, person.first_name, person.last_name, person.email from place join person on person.id = place.user_id
"""
_MARKS = """
insert into register_marks (id, course_schedule_id, booking_id, kind, value, device, made_by, made_at)
select gen_random_uuid(), booking.course_schedule_id, booking.id, said.kind, said.value, 'Phone', %(trainer_id)s, localtimestamp
  from bookings as booking
 cross join (select 'present' as kind, '{}'::jsonb as value
              union all select 'identity', '{"type": "passport"}'
              union all select 'assessment', jsonb_build_object('outcome', outcome.code, 'result', 'pass')
                          from assessment_outcomes as outcome where outcome.course_type = 'EFAW') as said
 where booking.id = %(booking_id)s
"""
# The worker's own record of when it took the job up and when it was done with it.
_TIMES = """
select min(event.at) filter (where event.type = 'started') as began, min(event.at) filter (where event.type = 'succeeded') as ended
  from jobs.procrastinate_events as event
  join jobs.procrastinate_jobs as job on job.id = event.job_id
 where job.task_name = 'certificates.make_batch'
"""


def hold_a_course(db: Db, people: int) -> tuple[int, int]:
    """A date that is over, its register kept and everybody completed; answers its id and the trainer's."""
    seed_catalogue(db)
    # No trainer has so many learners: this course is nobody's qualification.
    db.execute("delete from course_variants")
    db.execute("update courses set max_capacity = %s", (people,))
    venue = _one(
        db,
        "insert into venues (name, address_line1, city, postcode, capacity)"
        " values ('Arena', '1 Way', 'Leeds', 'LS1 1AA', %(people)s) returning id",
        people=people,
    )
    trainer = _one(
        db,
        "insert into users (email, password_hash, role, first_name, last_name)"
        " values ('ben@example.com', '!', 'instructor', 'Ben', 'Osei') returning id",
    )
    date = _one(db, _DATE, venue_id=venue["id"], trainer_id=trainer["id"])
    facts = {"schedule_id": date["id"], "trainer_id": trainer["id"], "people": people}
    db.execute(_PLACES, facts)
    # One after another, as they are: each touches the date, and a transaction that touches a row thousands of times crawls.
    for booking in db.execute("select id from bookings where course_schedule_id = %(schedule_id)s", facts).fetchall():
        db.execute(_MARKS, {"booking_id": booking["id"], "trainer_id": trainer["id"]})
        db.execute("update bookings set status = 'completed' where id = %(id)s", booking)
    return date["id"], trainer["id"]


async def ask_for_all(url: str, schedule_id: int, asked_by: int) -> int:
    """What the office's button does; answers the batch."""
    database = Database(url, size=1)
    await database.open()
    try:
        return await database.run(lambda db: ask_for_batch(db, Actor(asked_by), schedule_id))
    finally:
        await database.close()


@contextmanager
def worker(url: str) -> Iterator[None]:
    """`rft worker`, which sends the mails of the batch as well; ended by its process id."""
    with tempfile.TemporaryDirectory(prefix="rft-bench-keys-") as folder:
        environment = os.environ | {
            "DATABASE_URL": url,
            "RFT_DATA_DIR": folder,
            "RFT_SECRET_KEY": secrets.token_urlsafe(48),
            "STRIPE_SECRET_KEY": "",
            "STRIPE_WEBHOOK_SECRET": "",
        }
        process = subprocess.Popen([sys.executable, "-m", "rft", "worker"], env=environment)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)


def watch(db: Db, batch_id: int) -> list[int]:
    """Looks as often as the office's page may, until the batch is done; answers what was shown as issued, in that order."""
    seen: list[int] = []
    give_up = time.monotonic() + _GIVE_UP_AFTER
    while time.monotonic() < give_up:
        batch = _one(db, "select issued, held, finished_at from certificate_batches where id = %(id)s", id=batch_id)
        seen.append(batch["issued"])
        if batch["finished_at"] is not None:
            assert not batch["held"], batch["held"]
            return seen
        time.sleep(0.25)
    raise SystemExit("The batch was not done in time.")


def measure(url: str, people: int) -> dict[str, Any]:
    with psycopg.connect(url, autocommit=True, row_factory=dict_row, options=SESSION_OPTIONS) as db:
        schedule_id, trainer_id = hold_a_course(db, people)
        with worker(url):
            seen = watch(db, asyncio.run(ask_for_all(url, schedule_id, trainer_id)))
            times = _one(db, _TIMES)
        made = _one(db, "select count(*) as certificates, avg(octet_length(pdf)) as bytes from certificate_files")
    took = _milliseconds(times["began"], times["ended"])
    return {
        "certificates": made["certificates"],
        "seconds": f"{took / 1000:.2f}",
        "ms_each": f"{took / made['certificates']:.1f}",
        "target_ms": f"{TARGET_MS:.0f}",
        "kb_each": f"{made['bytes'] / 1024:.0f}",
        "shown_progress": len(set(seen)),
        # More than there are cores: something else was at work, and the figure is too high.
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _milliseconds(began: datetime, ended: datetime) -> float:
    return (ended - began).total_seconds() * 1000


def _one(db: Db, query: str, **values: Any) -> dict[str, Any]:
    row = db.execute(query, values).fetchone()
    assert row is not None, "the statement returns one row"
    return row


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.certificates", description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--keep", action="store_true", help="write the figures to benchmarks/results/certificates.json")
    chosen = parser.parse_args()
    with throwaway_server() as server:
        row = measure(server.url, chosen.people)
    table = Table(
        title="The certificates of one date, by one worker: drawn, signed, sealed, filed, their mails written beside it"
    )
    for column in row:
        table.add_column(column.replace("_", " "), justify="right")
    table.add_row(*map(str, row.values()))
    Console().print(table)
    if chosen.keep:
        _RESULTS.mkdir(exist_ok=True)
        kept = {"on": time.strftime("%Y-%m-%d"), **row}
        (_RESULTS / "certificates.json").write_text(json.dumps(kept, indent=2) + "\n")
    if float(row["ms_each"]) > TARGET_MS:
        raise SystemExit(f"{row['ms_each']} ms for each certificate is more than {TARGET_MS:.0f}")


if __name__ == "__main__":
    main()
