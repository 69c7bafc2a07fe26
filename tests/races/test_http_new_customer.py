"""Somebody new who orders many times at once: every order finds the one account, and none waits for another in a circle."""

import asyncio

from rft.bookings.schemas import OrderRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.database.pool import Database
from rft.kit.clock import utc_now
from tests.builders import Db, Row, a_schedule
from tests.conftest import Connect
from tests.features.api import an_order
from tests.races.audited import broken


async def order(database: Database, schedule: Row) -> PlacedOrder:
    """In a transaction that is not repeated: a victim of a deadlock is told that we are busy."""
    asked = OrderRequest.model_validate(an_order(schedule))
    async with database.transaction() as db:
        return await place_order(db, asked, now=utc_now(), hold_minutes=30)


async def test_eight_orders_at_once_of_somebody_new_on_one_date(
    database: Database, db: Db, connect: Connect, database_url: str
) -> None:
    schedule, holder = a_schedule(db), connect(autocommit=False)
    holder.execute("lock table bookings in share mode")
    # The last two find the account that the first has made; those between find it being made.
    orders = [asyncio.create_task(order(database, schedule)) for _ in range(10)]
    await asyncio.sleep(0.3)
    holder.rollback()
    placed = await asyncio.gather(*orders)
    assert len({one.reference for one in placed}) == 10
    assert len(db.execute("select distinct user_id from bookings").fetchall()) == 1
    assert await asyncio.to_thread(broken, database_url) == []
