"""The six events of a payment's life in each of their 720 orders: the end is the same, and it is right."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

from benchmarks.till import Till
from rft.bookings.service import PlacedOrder
from rft.fake_stripe.cards import DEFAULT_CARD
from rft.kit.clock import utc_now
from rft.payments.gateway import Event
from rft.payments.inbox import settle_event

DECLINED, SLOW, FAILS_LATER = "4000000000000002", "4000000000000077", "4000000000000093"
ALL_ORDERS = list(permutations(range(6)))
WAYS = ("once", "twice", "at once")
_HOUR = 60
_PAGE_OVER = 32
_PENNIES_BACK = 1000


@dataclass(frozen=True)
class Story:
    """An order, the payments that were tried for it, and the six events that tell of them, none of which we have heard."""

    order: PlacedOrder
    intents: list[str]
    events: list[Event]


async def paid_slowly(till: Till, schedule_id: int) -> Story:
    """A page that expired; on the next a declined card, then a slow one that pays; some pounds go back, and the bank disputes the rest."""
    since = till.mark()
    order = await till.order(schedule_id, 2, hold_minutes=_HOUR)
    first = await till.open_page(order)
    _expire(till, first)
    await till.later(order.reference, minutes=_PAGE_OVER)
    second = await till.open_page(order)
    till.ledger.pay(second, DECLINED)
    till.ledger.pay(second, SLOW)
    intent = _intent(till, second)
    till.ledger.settle(intent)
    await _aftermath(till, intent)
    told = [
        (first, "checkout.session.expired"),
        (intent, "payment_intent.payment_failed"),
        (second, "checkout.session.completed"),
        (second, "checkout.session.async_payment_succeeded"),
        ("", "refund.created"),
        ("", "charge.dispute.created"),
    ]
    return Story(order, [intent], _told(till, since, told))


async def paid_at_the_second_try(till: Till, schedule_id: int) -> Story:
    """A slow payment that fails in the end; the next page is paid at once; some pounds go back, and the bank disputes the rest."""
    since = till.mark()
    order = await till.order(schedule_id, 2, hold_minutes=_HOUR)
    first = await till.open_page(order)
    till.ledger.pay(first, FAILS_LATER)
    failed = _intent(till, first)
    till.ledger.settle(failed, succeeded=False)
    await till.later(order.reference, minutes=_PAGE_OVER)
    second = await till.open_page(order)
    till.ledger.pay(second, DEFAULT_CARD.number)
    intent = _intent(till, second)
    await _aftermath(till, intent)
    told = [
        (first, "checkout.session.completed"),
        (failed, "payment_intent.payment_failed"),
        (first, "checkout.session.async_payment_failed"),
        (second, "checkout.session.completed"),
        ("", "refund.created"),
        ("", "charge.dispute.created"),
    ]
    return Story(order, [failed, intent], _told(till, since, told))


STORIES: tuple[Callable[[Till, int], Awaitable[Story]], ...] = (paid_slowly, paid_at_the_second_try)


def _expire(till: Till, session_id: str) -> None:
    till.ledger.change(session_id, expires_at=int((utc_now() - timedelta(days=1)).timestamp()))
    till.ledger.tick()


def _intent(till: Till, session_id: str) -> str:
    intent = till.intent_of(session_id)
    assert intent is not None, "somebody has tried to pay on the page"
    return intent


async def _aftermath(till: Till, intent: str) -> None:
    """A refund made by hand in Stripe's dashboard, of which we know nothing, and a dispute."""
    await till.gateway.refund(intent, Decimal(_PENNIES_BACK) / 100, idempotency_key=f"by-hand-{intent}")
    charge = till.charge_of(intent)
    assert charge is not None, "the payment has succeeded"
    till.ledger.open_dispute(charge)


def _told(till: Till, since: int, kinds: Sequence[tuple[str, str]]) -> list[Event]:
    """The events of these kinds about these objects; a refund or dispute is an object of its own."""
    told = till.events(since)
    return [
        next(event for event in told if event.kind == kind and about in ("", event.object_id)) for about, kind in kinds
    ]


async def tell(till: Till, events: Sequence[Event], way: str) -> None:
    """Delivers the events in this order and has each settled before the next comes; or all of them at once, twice each."""
    if way == "at once":
        await asyncio.gather(*(_tell_one(till, event) for event in [*events, *events]))
    for event in events if way != "at once" else ():
        for _ in range(2 if way == "twice" else 1):
            await _tell_one(till, event)
        await till.work()
    await till.work()


async def _tell_one(till: Till, event: Event) -> None:
    await till.hear(event)
    # A job may be run twice: its worker was killed and nobody knows how far it came.
    await settle_event(till.database, till.gateway, event.id)


def ending(till: Till, story: Story) -> dict[str, Any]:
    """How the order stands in the end, in terms that are the same for every order that lived through the story."""
    seats = till.db.execute(
        "select status, payment_status from bookings where booking_reference = any (%s) order by id",
        (story.order.booking_references,),
    ).fetchall()
    entries = till.db.execute(
        """
        select entry.status, sum(entry.amount) as amount
          from payment_transactions as entry join bookings as booking on booking.id = entry.booking_id
         where booking.booking_reference = any (%s)
         group by entry.status
         order by entry.status
        """,
        (story.order.booking_references,),
    ).fetchall()
    unsettled = till.db.execute(
        "select count(*) from webhook_events where stripe_id = any (%s) and settled_at is null",
        ([event.id for event in story.events],),
    ).fetchone()
    disputes = till.db.execute(
        "select status from disputes where stripe_payment_intent_id = any (%s)", (story.intents,)
    ).fetchall()
    return {
        "disputes": [dispute["status"] for dispute in disputes],
        "seats": [(seat["status"], seat["payment_status"]) for seat in seats],
        "entries": {entry["status"]: entry["amount"] for entry in entries},
        "books_agree": till.books_say(*story.intents) == till.stripe_says(*story.intents),
        "unsettled": unsettled["count"] if unsettled else None,
    }
