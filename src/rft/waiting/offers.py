"""Offers places that are free to whoever is first in turn and fits.

An offer is an order that holds its seats for a while, so the database's own rule keeps it from overselling. Offer, order and mail
share one transaction: a worker that is killed has offered or has not, and the next turn goes on from there. A seat that comes free is
anybody's until the offer is made, at most a minute later: who waits never blocks who books.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from rft import jobs
from rft.bookings.errors import ScheduleFull
from rft.bookings.policies import get_policy_in_force
from rft.bookings.schemas import Booker, OrderRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.bookings.sources import WAITING_LIST, note_source
from rft.database.pool import Connection, Database
from rft.errors import Refusal
from rft.schedules.queries import get_schedule
from rft.waiting.errors import OfferRefused
from rft.waiting.queries import Entry, find_entry, list_dates_with_room, list_waiting
from rft.waiting.rules import in_turn, offer_until

log = structlog.get_logger()

# Whoever makes offers for a date does it alone: two would pass the first in turn, whom the other has just locked.
_ALONE = "select pg_advisory_xact_lock(7320, %s)"


@dataclass(frozen=True, slots=True)
class Offer:
    entry_id: int
    order: PlacedOrder


async def make_offers(database: Database, *, now: datetime) -> int:
    """Offers what is free on every date that somebody waits for; answers how many offers were made.

    What goes wrong with one date keeps no other waiting; it is raised at the end.
    """
    async with database.connection() as db:
        dates = await list_dates_with_room(db, now)
    made, failures = 0, []
    for schedule_id in dates:
        try:
            made += await _make_offers_of(database, schedule_id, now)
        except Exception as failure:  # noqa: BLE001 (raised below, with all the others)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("offers of places", failures)
    return made


async def _make_offers_of(database: Database, schedule_id: int, now: datetime) -> int:
    made, passed = 0, frozenset[int]()
    while True:
        try:
            offer = await database.run(partial(offer_next, schedule_id=schedule_id, now=now, passed=passed))
        except OfferRefused as refusal:
            # One who cannot be offered anything just now must not keep the others waiting.
            log.warning("waiting_offer_refused", schedule_id=schedule_id, why=refusal.detail, **refusal.facts)
            passed |= {refusal.facts["entry_id"]}
        except Refusal as refusal:
            log.info("waiting_offers_stopped", schedule_id=schedule_id, why=refusal.detail)
            return made
        else:
            if offer is None:
                return made
            made += 1


async def offer_next(
    db: Connection, schedule_id: int, *, now: datetime, passed: frozenset[int] = frozenset()
) -> Offer | None:
    """Offers the free places of a date to the first in turn who fits; None where there is nobody.

    Those in `passed` are left out of this turn. Locks the list of the date,
    then the entry, then what placing an order locks. Raises ScheduleFull where somebody else has just booked the places.
    """
    await db.execute(_ALONE, (schedule_id,))
    date = await get_schedule(db, schedule_id)
    until = offer_until(now, date.start_datetime)
    if until is None:
        return None
    for waiting in in_turn(await list_waiting(db, schedule_id), date.seats_left):
        if waiting.id not in passed and await _lock_waiting(db, waiting.id):
            entry = await find_entry(db, waiting.id)
            assert entry is not None, "the entry is locked"
            return await _offer(db, entry, schedule_id, until=until, now=now)
    return None


async def _lock_waiting(db: Connection, entry_id: int) -> bool:
    """Whether the entry still waits; it may wait for other dates too, and have left meanwhile."""
    cursor = await db.execute(
        "select from waiting_entries where id = %s and order_id is null and left_at is null for update", (entry_id,)
    )
    return await cursor.fetchone() is not None


async def _offer(db: Connection, entry: Entry, schedule_id: int, *, until: datetime, now: datetime) -> Offer:
    policy = await get_policy_in_force(db, now)
    asked = OrderRequest(
        schedule_id=schedule_id,
        seats=entry.places,
        booker=Booker(email=entry.email, first_name=entry.first_name, last_name=entry.last_name, phone=entry.phone),
        payment_method="card",
        terms_version=policy.version,
    )
    minutes = int((until - now).total_seconds() // 60)
    try:
        placed = await place_order(db, asked, now=now, hold_minutes=minutes, user_id=entry.user_id)
    except ScheduleFull:
        raise
    except Refusal as why:
        raise OfferRefused(why.detail, facts={"entry_id": entry.id}) from why
    await db.execute(
        """
        update waiting_entries set offered_at = %s, order_id = (select id from orders where reference = %s) where id = %s
        """,
        (now, placed.reference, entry.id),
    )
    await note_source(db, placed.reference, WAITING_LIST)
    await jobs.enqueue(db, "notifications.send_waiting_offer", entry_id=entry.id)
    return Offer(entry.id, placed)
