"""Seats come free while two workers make offers and the public books: never one seat too many, never two offers for one."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from rft.bookings.errors import ScheduleFull
from rft.bookings.schemas import OrderRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.database.audit import run_audit
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.waiting.offers import make_offers
from tests.builders import Db, Row, a_booking, a_schedule, insert, reload, update
from tests.conftest import Connect

_STANDING = (
    "select count(*) as standing from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


def somebody_waits(db: Db, schedule: Row, number: int, places: int = 1) -> Row:
    entry = insert(
        db, "waiting_entries", reference=f"WL-{number}", course_id=schedule["course_id"], first_name="Amina", last_name="Khan",
        email=f"amina{number}@example.com", places=places,
    )  # fmt: skip
    insert(db, "waiting_dates", entry_id=entry["id"], course_schedule_id=schedule["id"])
    return entry


def book(database: Database, schedule: Row, number: int) -> Awaitable[PlacedOrder]:
    asked = OrderRequest.model_validate(
        {
            "schedule_id": schedule["id"],
            "seats": 1,
            "booker": {"email": f"dev{number}@example.com", "first_name": "Dev", "last_name": "Shah"},
            "payment_method": "card",
            "terms_version": "1",
        }
    )
    return database.run(lambda db: place_order(db, asked, now=utc_now(), hold_minutes=30))


async def let_go_together(connect: Connect, *contenders: Awaitable[Any]) -> list[Any]:
    """All of them pile up behind a lock on the bookings, and go at once."""
    holder, watcher = connect(), connect()
    with holder.transaction():
        holder.execute("lock table bookings in share mode")
        running = [asyncio.ensure_future(one) for one in contenders]
        async with asyncio.timeout(10):
            while not all(one.done() for one in running):
                row = watcher.execute(_STANDING).fetchone()
                if row and row["standing"] >= len(running) - sum(one.done() for one in running):
                    break
                await asyncio.sleep(0.01)
    return await asyncio.gather(*running, return_exceptions=True)


@pytest.mark.parametrize("public", [0, 2])
async def test_one_freed_seat_two_workers_and_the_public(
    public: int, db: Db, connect: Connect, database: Database, database_url: str
) -> None:
    schedule = a_schedule(db, seats=2)
    taken = [a_booking(db, schedule) for _ in range(2)]
    for number in range(3):
        somebody_waits(db, schedule, number)
    update(db, "bookings", taken[0], status="cancelled")
    bookers = [book(database, schedule, number) for number in range(public)]
    workers = [make_offers(database, now=utc_now()) for _ in range(2)]
    results = await let_go_together(connect, *workers, *bookers)
    offers = db.execute("select id from waiting_entries where order_id is not null order by id").fetchall()
    booked = [one for one in results[2:] if isinstance(one, PlacedOrder)]
    assert len(offers) + len(booked) == 1
    assert sum(results[:2]) == len(offers)
    assert all(isinstance(one, PlacedOrder | ScheduleFull) for one in results[2:])
    assert [offer["id"] for offer in offers] in ([], [1])
    assert reload(db, "course_schedules", schedule)["current_capacity"] == 2
    assert [finding for finding in await run_audit(database_url) if finding.count] == []


async def test_who_waits_for_two_dates_is_offered_one_of_them(
    db: Db, connect: Connect, database: Database, database_url: str
) -> None:
    first = a_schedule(db, seats=1)
    second = a_schedule(db, seats=1, course={"id": first["course_id"]})
    entry = somebody_waits(db, first, 1)
    insert(db, "waiting_dates", entry_id=entry["id"], course_schedule_id=second["id"])
    results = await let_go_together(connect, *(make_offers(database, now=utc_now()) for _ in range(3)))
    assert sum(results) == 1
    assert [finding for finding in await run_audit(database_url) if finding.count] == []
