"""The office's lists at their size: a hundred thousand bookings, each filter opened some times, the server's own time of the page."""

import argparse
import asyncio
import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stage import throwaway_server
from rft.bookings.lists import BookingFilter, batch_bookings, list_bookings
from rft.bookings.order_lists import OrderFilter, list_orders
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.kit.pages import Window

_TURNS = 7
# Rows as the site would have left them, without asking each of them what the rules say: the lists only read.
_FILL = """
set session_replication_role = replica;
insert into courses (id, name, course_type, duration_hours, price)
select n, 'Course ' || n, 'EFAW', 6, 75 from generate_series(1001, 1020) as n;
insert into venues (id, name, address_line1, city, postcode, capacity)
select n, 'Venue ' || n, '1 High Street', 'Leeds', 'LS1 1AA', 12 from generate_series(1001, 1030) as n;
insert into users (id, email, password_hash, first_name, last_name)
select n, 'person' || n || '@example.com', '!', 'First' || n %% 500, 'Last' || n %% 3000 from generate_series(100001, 150000) as n;
insert into course_schedules (id, course_id, venue_id, start_datetime, end_datetime, status, current_capacity)
select n, 1001 + n %% 20, 1001 + n %% 30, timestamp '2024-01-01 09:00' + n * interval '2 hours',
       timestamp '2024-01-01 16:00' + n * interval '2 hours',
       'published', 10
  from generate_series(10001, 20000) as n;
insert into orders (id, reference, access_token_hash, user_id, course_schedule_id, booker_name, booker_email, organisation_name,
                    payment_method, seats, total, vat, terms_version, policy_version)
overriding system value
select n, 'ORD-' || n, '\\x00', 100001 + n %% 50000, 10001 + n %% 10000, 'First' || n %% 500 || ' Last' || n %% 3000,
       'person' || 100001 + n %% 50000 || '@example.com', case when n %% 20 = 0 then 'Firm ' || n %% 900 end, 'card', 2, 150, 0, '1', '1'
  from generate_series(1, %(orders)s) as n;
insert into bookings (id, user_id, course_schedule_id, booking_reference, status, payment_status, payment_amount, created_at)
select n, 100001 + (n / 2) %% 50000, 10001 + (n / 2) %% 10000, 'RFT-' || n,
       case when n %% 10 = 0 then 'cancelled' when n %% 97 = 0 then 'pending' else 'confirmed' end,
       case when n %% 10 = 0 or n %% 97 = 0 then 'pending' else 'paid' end, 75, timestamp '2025-01-01' + n * interval '5 minutes'
  from generate_series(2, %(orders)s * 2 + 1) as n;
insert into order_bookings (booking_id, order_id, position) select n, n / 2, n %% 2 + 1 from generate_series(2, %(orders)s * 2 + 1) as n;
insert into attendees (booking_id, first_name, last_name, email)
select n, 'First' || n %% 700, 'Last' || n %% 4000, 'attendee' || n || '@example.com' from generate_series(2, %(orders)s * 2 + 1) as n;
insert into order_sources (order_id, source) select n, 'phone' from generate_series(1, %(orders)s, 50) as n;
set session_replication_role = default;
"""
_FILTERS: dict[str, dict[str, Any]] = {
    "everything": {},
    "pending": {"status": "pending"},
    "course": {"course_id": 1007},
    "venue": {"venue_id": 1007},
    "course and venue, a month": {"course_id": 1007, "venue_id": 1007},
    "instructor with nothing": {"instructor_id": 1},
    "organisation": {"organisation": "firm 60"},
    "by telephone": {"source": "phone"},
    "from the site": {"source": "site"},
    "a name": {"search": "last17"},
    "an e-mail": {"search": "attendee4711"},
    "nobody": {"search": "zzz"},
}
_ORDER_FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    **{state: {"state": state} for state in ("waiting", "requested", "reserved", "confirmed", "cancelled")},
    "a name": {"search": "last17"},
    "course": {"course_id": 1007},
    "organisation": {"organisation": "firm 60"},
    "by telephone": {"source": "phone"},
    "by invoice, of which there is none": {"payment_method": "invoice"},
}


def measure(bookings: int) -> dict[str, Any]:
    """Milliseconds of each list's first page, the median of some turns, and rows a second of an export."""
    with throwaway_server() as server, psycopg.connect(server.url, autocommit=True, row_factory=dict_row) as db:
        for statement in _FILL.split(";\n"):
            db.execute(
                statement.encode(), {"orders": bookings // 2} if "%%" in statement or "%(" in statement else None
            )
        db.execute("vacuum analyze")
        return asyncio.run(_measure(server.url, bookings))


async def _measure(url: str, bookings: int) -> dict[str, Any]:
    database = Database(url)
    await database.open()
    month: dict[str, Any] = {"starts_from": utc_now(), "starts_before": utc_now() + timedelta(days=31)}
    took: dict[str, float] = {}
    for name, said in _FILTERS.items():
        wanted = BookingFilter(**said, **(month if "month" in name else {}))
        took[f"bookings, {name}"] = await _median(
            lambda db, wanted=wanted: list_bookings(db, wanted, Window()), database
        )
    took["bookings, the thousandth page"] = await _median(
        lambda db: list_bookings(db, BookingFilter(), Window((bookings // 2,))), database
    )
    for name, said in _ORDER_FILTERS.items():
        asked = OrderFilter(**said)
        took[f"orders, {name}"] = await _median(lambda db, asked=asked: list_orders(db, asked, Window()), database)
    begun, rows = time.perf_counter(), 0
    async for batch in batch_bookings(database, BookingFilter()):
        rows += len(batch)
    exported = rows / (time.perf_counter() - begun)
    await database.close()
    return {"bookings": bookings, "milliseconds": took, "exported_rows_a_second": round(exported)}


async def _median(read: Any, database: Database) -> float:
    times = []
    for _ in range(_TURNS):
        async with database.connection() as db:
            begun = time.perf_counter()
            await read(db)
            times.append(time.perf_counter() - begun)
    return round(sorted(times)[_TURNS // 2] * 1000, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=100_000)
    sys.stdout.write(json.dumps(measure(parser.parse_args().bookings), indent=2) + "\n")


if __name__ == "__main__":
    main()
