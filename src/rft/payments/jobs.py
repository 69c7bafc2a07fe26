"""What payments do in the background: settle events, fetch news that was lost, give back seats whose hold is over."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from rft import jobs
from rft.bookings.errors import TransitionRefused
from rft.bookings.service import release_unordered_holds
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.payments.closing import close_payment_page
from rft.payments.disputes import record_dispute
from rft.payments.errors import PaymentUnavailable
from rft.payments.gateway import Gateway
from rft.payments.inbox import settle_event
from rft.payments.releasing import release_order_seats
from rft.payments.sending import list_news, record_refund, send_refund
from rft.payments.service import settle_checkout
from rft.payments.unsettled import send_unsettled

log = structlog.get_logger()
T = TypeVar("T")

# Stripe is asked to close a page before its seats are given back. Where it cannot be asked for this long, the seats go all the same:
# should somebody have paid meanwhile, the money goes back.
_PATIENCE = timedelta(minutes=4)
_NEWS_IS_LATE = timedelta(minutes=2)
_AT_ONCE = 200
# A refund may come back from the bank weeks later; Stripe lists it by the day on which it was made.
_NEWS_OF = timedelta(days=45)
# So many answers missing in one turn, and Stripe itself is away.
_SILENT = 3


@jobs.task("payments.settle_event")
async def settle_one_event(context: jobs.Context, *, stripe_id: str) -> None:
    async with Gateway(context.settings) as gateway:
        await settle_event(context.database, gateway, stripe_id)


@jobs.task("payments.send_refund")
async def send_one_refund(context: jobs.Context, *, refund_id: int) -> None:
    async with Gateway(context.settings) as gateway:
        await send_refund(context.database, gateway, refund_id)


@jobs.task("payments.send_unsettled")
async def send_one_unsettled(context: jobs.Context, *, payment_intent_id: str) -> None:
    async with Gateway(context.settings) as gateway:
        await send_unsettled(context.database, gateway, payment_intent_id)


@jobs.task("payments.fetch_lost_news", every="* * * * *")
async def fetch_lost_news(context: jobs.Context) -> None:
    """Settles kept events that no job took up, asks Stripe about pages of which it has not said how they ended, sends what is owed."""
    late = utc_now() - _NEWS_IS_LATE
    async with context.database.connection() as db:
        cursor = await db.execute(
            "select stripe_id from webhook_events where settled_at is null and received_at < %s order by random() limit %s",
            (late, _AT_ONCE),
        )
        events = [row["stripe_id"] for row in await cursor.fetchall()]
        cursor = await db.execute(
            """
            select stripe_session_id from checkout_attempts
             where url is not null and created_at < %s order by random() limit %s
            """,
            (late, _AT_ONCE),
        )
        pages = [row["stripe_session_id"] for row in await cursor.fetchall()]
        cursor = await db.execute(
            "select id from refunds where state = 'due' and method = 'card' and created_at < %s order by random() limit %s",
            (late, _AT_ONCE),
        )
        refunds = [row["id"] for row in await cursor.fetchall()]
    async with Gateway(context.settings) as gateway:
        await _each(partial(settle_event, context.database, gateway), events)
        await _each(partial(settle_checkout, context.database, gateway), pages)
        await _each(partial(send_refund, context.database, gateway), refunds)


async def _each(act: Callable[[T], Awaitable[object]], wanted: list[T]) -> None:
    """One that Stripe does not answer must not hide the others: they come in another order each turn."""
    silent = 0
    for one in wanted:
        try:
            await act(one)
        except PaymentUnavailable:
            log.warning("stripe_did_not_answer", about=one)
            silent += 1
            if silent == _SILENT:
                return


@jobs.task("payments.fetch_refunds", every="20 * * * *")
async def fetch_refunds(context: jobs.Context) -> None:
    """Asks Stripe for every refund and dispute of the last weeks: one whose news was lost, or that was made there, is learnt."""
    since = int((utc_now() - _NEWS_OF).replace(tzinfo=UTC).timestamp())
    async with Gateway(context.settings) as gateway:
        found = await gateway.list_refunds(created={"gte": since})
        disputed = await gateway.list_disputes(created={"gte": since})
    async with context.database.connection() as db:
        news = await list_news(db, found)
    for state in news:
        await context.database.run(partial(record_refund, state=state))
    for dispute in disputed:
        await context.database.run(partial(record_dispute, state=dispute))


@jobs.task("payments.expire_holds", every="* * * * *")
async def expire_holds(context: jobs.Context) -> None:
    async with Gateway(context.settings) as gateway:
        minutes = context.settings.hold_minutes
        await expire_due_holds(context.database, gateway, now=utc_now(), hold_minutes=minutes)


async def expire_due_holds(database: Database, gateway: Gateway, *, now: datetime, hold_minutes: int) -> int:
    """Gives back the seats whose hold is over; answers of how many orders. A page is closed first: nobody then pays for nothing."""
    async with database.connection() as db:
        cursor = await db.execute(
            """
            select placed.id, placed.hold_expires_at
              from orders as placed
             where placed.hold_expires_at <= %(now)s
               and exists (select from order_bookings as seat
                             join bookings as booking on booking.id = seat.booking_id
                            where seat.order_id = placed.id and booking.status = 'pending')
             order by placed.hold_expires_at
             limit %(at_once)s
            """,
            {"now": now, "at_once": _AT_ONCE},
        )
        due = await cursor.fetchall()
    released = 0
    for order in due:
        if not await _page_is_closed(database, gateway, order["id"]):
            if now - order["hold_expires_at"] < _PATIENCE:
                continue
            log.warning("hold_released_with_page_unreachable", order_id=order["id"])
        released += await _release(database, order["id"])
    await database.run(lambda db: release_unordered_holds(db, older_than=now - timedelta(minutes=hold_minutes)))
    return released


async def _page_is_closed(database: Database, gateway: Gateway, order_id: int) -> bool:
    try:
        return await close_payment_page(database, gateway, order_id)
    except PaymentUnavailable:
        return False


async def _release(database: Database, order_id: int) -> int:
    try:
        await database.run(lambda db: release_order_seats(db, order_id))
    except TransitionRefused:
        # Paid in the very last moment, or released by another worker.
        return 0
    return 1
