"""Invoice numbers under fire: orders invoiced at once by several processes, with transactions given up and processes killed."""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from rft.database.audit import run_audit
from rft.database.pool import Connection, Database
from rft.invoices.service import issue_invoice
from rft.kit.clock import utc_now

_AT_ONCE = 8
_GIVEN_UP = 0.2
_LEFT = "select id from orders as placed where not exists (select from invoices where order_id = placed.id)"


class GivenUp(Exception):
    """The transaction had issued an invoice, and is rolled back."""


def storm(url: str, *, orders: int, processes: int, kills: int) -> dict[str, Any]:
    """Makes the orders, lets all processes invoice all of them, and kills one of them so many times. Raises SystemExit at a gap."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row, options="-c timezone=UTC") as db:
        _make_orders(db, orders)
        begun = time.perf_counter()
        running = [_start(url) for _ in range(processes)]
        try:
            for kill in range(1, kills + 1):
                _wait_for(db, orders * kill // (kills + 1))
                victim = random.randrange(processes)
                running[victim].kill()
                running[victim].wait()
                running[victim] = _start(url)
            codes = [process.wait(timeout=300) for process in running]
        finally:
            for process in running:
                process.kill()
        took = time.perf_counter() - begun
        found = db.execute("select count(*) as issued, max(sequence) as highest from invoices").fetchone()
    broken = [f"{finding.id} {finding.title}" for finding in asyncio.run(run_audit(url)) if finding.count]
    if broken or any(codes) or found != {"issued": orders, "highest": orders}:
        raise SystemExit(f"{broken}, {codes}, {found}")
    return {"orders": orders, "processes": processes, "killed": kills, "issued_per_s": round(orders / took), **found}


def _make_orders(db: psycopg.Connection[Any], number: int) -> None:
    db.execute(
        "insert into users (email, password_hash) select 'storm' || number || '@example.com', '!' from generate_series(1, %s) as number",
        (number,),
    )
    db.execute(
        "insert into courses (name, course_type, duration_hours, price, max_capacity) values ('Storm', 'EFAW', 6, 75, 100000)"
    )
    db.execute(
        "insert into venues (name, address_line1, city, postcode, capacity) values ('Storm', '1 Way', 'Leeds', 'LS1 1AA', 100000)"
    )
    db.execute(
        """
        insert into course_schedules (course_id, venue_id, start_datetime, end_datetime, status)
        values ((select max(id) from courses), (select max(id) from venues), localtimestamp + interval '9 days',
                localtimestamp + interval '9 days 7 hours', 'published')
        """
    )
    db.execute(
        """
        with placed as (
            insert into orders (reference, access_token_hash, user_id, course_schedule_id, booker_name, booker_email, payment_method,
                                seats, total, vat, terms_version, policy_version)
            select 'ORD-' || number, '', (select id from users where email = 'storm' || number || '@example.com'),
                   (select max(id) from course_schedules), 'Storm',
                   'storm@example.com', 'invoice', 1, 75, 0, '1', '1'
              from generate_series(1, %s) as number
            returning id, user_id, course_schedule_id
        ), booked as (
            insert into bookings (user_id, course_schedule_id, booking_reference, payment_amount)
            select user_id, course_schedule_id, 'RFT-STORM' || id, 75 from placed
            returning id, booking_reference
        )
        insert into order_bookings (booking_id, order_id, position)
        select id, substr(booking_reference, 10)::bigint, 1 from booked
        """,
        (number,),
    )


def _start(url: str) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-m", "benchmarks.invoice_numbers", "--worker", url], env=environment)


def _wait_for(db: psycopg.Connection[Any], issued: int) -> None:
    for _ in range(6000):
        row = db.execute("select count(*) as issued from invoices").fetchone()
        if row["issued"] >= issued:
            return
        time.sleep(0.01)
    raise SystemExit("Nothing is issued any more.")


async def _issue_all(url: str) -> None:
    """Invoices whatever has no invoice yet, in an order of its own, giving up one in five."""
    database = Database(url, size=_AT_ONCE)
    await database.open()
    turn = asyncio.Semaphore(_AT_ONCE)

    async def issue(order_id: int) -> None:
        async def work(db: Connection) -> None:
            await issue_invoice(db, order_id, now=utc_now())
            if random.random() < _GIVEN_UP:
                raise GivenUp

        async with turn:
            try:
                await database.run(work)
            except GivenUp:
                return

    while True:
        async with database.connection() as db:
            left = [row["id"] for row in await (await db.execute(_LEFT)).fetchall()]
        if not left:
            break
        random.shuffle(left)
        await asyncio.gather(*map(issue, left))
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--worker", metavar="URL", help="Be one of the processes.")
    asked = parser.parse_args()
    if asked.worker:
        asyncio.run(_issue_all(asked.worker))
        return
    # Each of the processes would wait for what only the first needs.
    from benchmarks.stage import throwaway_server

    with throwaway_server() as server:
        print(
            json.dumps(storm(server.url, orders=asked.orders, processes=asked.processes, kills=asked.kills), indent=2)
        )


if __name__ == "__main__":
    main()
