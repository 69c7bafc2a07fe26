"""The webhook inbox: every signed event is kept once, then settled; its mark is set in the transaction of its effect."""

from dataclasses import dataclass

from rft import jobs
from rft.database.pool import Connection, Database
from rft.payments.disputes import record_dispute
from rft.payments.errors import NotAtStripe
from rft.payments.gateway import CheckoutState, DisputeState, Event, Gateway, RefundState
from rft.payments.outcomes import Outcome
from rft.payments.sending import record_refund
from rft.payments.service import record_failure, settle, settle_checkout

# What each kind of event is about, and thereby what is fetched.
_CHECKOUT = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
)
_REFUND = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
_CHARGE = ("charge.refunded",)
_DISPUTE = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
_FAILURE = ("payment_intent.payment_failed",)


@dataclass(frozen=True, slots=True)
class _Failure:
    """An attempt that came to nothing, in Stripe's words."""

    payment_intent_id: str
    order_reference: str | None
    reason: str


_Found = CheckoutState | _Failure | DisputeState | list[RefundState] | Outcome


async def receive(db: Connection, event: Event) -> bool:
    """Keeps the event and queues its settlement; False where it was here before."""
    cursor = await db.execute(
        """
        insert into webhook_events (stripe_id, kind, object_id, livemode) values (%s, %s, %s, %s)
        on conflict (stripe_id) do nothing
        """,
        (event.id, event.kind, event.object_id, event.livemode),
    )
    if cursor.rowcount == 0:
        return False
    await jobs.enqueue(db, "payments.settle_event", stripe_id=event.id)
    return True


async def settle_event(database: Database, gateway: Gateway, stripe_id: str) -> Outcome | None:
    """Gives an event its effect, once; None where it had it already. The object is fetched before any lock is taken."""
    async with database.connection() as db:
        cursor = await db.execute(
            "select kind, object_id from webhook_events where stripe_id = %s and settled_at is null", (stripe_id,)
        )
        event = await cursor.fetchone()
    if event is None:
        return None
    found = await _ask(gateway, event["kind"], event["object_id"])
    if isinstance(found, list | DisputeState):
        about = found if isinstance(found, list) else [found]
        await _settle_payments_first(database, gateway, {state.payment_intent_id for state in about})

    async def work(db: Connection) -> Outcome | None:
        cursor = await db.execute(
            "update webhook_events set settled_at = localtimestamp, attempts = attempts + 1 where stripe_id = %s and settled_at is null",
            (stripe_id,),
        )
        if cursor.rowcount == 0:
            return None
        outcome = await _settle(db, found, livemode=gateway.livemode)
        await db.execute("update webhook_events set outcome = %s where stripe_id = %s", (outcome.words, stripe_id))
        return outcome

    return await database.run(work)


async def _ask(gateway: Gateway, kind: str, object_id: str | None) -> _Found:
    """What Stripe says now of the thing that the event is about; an Outcome where that is the end of it."""
    if not object_id:
        return Outcome("Nothing to do.")
    try:
        if kind in _CHECKOUT:
            return await gateway.fetch_checkout(object_id)
        if kind in _FAILURE:
            return _Failure(object_id, *await gateway.fetch_failure(object_id))
        if kind in _REFUND:
            return [await gateway.fetch_refund(object_id)]
        if kind in _DISPUTE:
            return await gateway.fetch_dispute(object_id)
        if kind in _CHARGE:
            return await gateway.list_refunds(charge=object_id)
    except NotAtStripe:
        return Outcome("Stripe knows nothing of what this event is about.")
    return Outcome("Nothing to do.")


async def _settle_payments_first(database: Database, gateway: Gateway, payment_intent_ids: set[str | None]) -> None:
    """News of a refund or dispute may overtake the news of its payment, which it then would find nothing of."""
    for payment_intent_id in payment_intent_ids - {None}:
        async with database.connection() as db:
            cursor = await db.execute("select from settled_stripe_objects where stripe_id = %s", (payment_intent_id,))
        if cursor.rowcount == 0:
            session_id = await gateway.find_page_paid_by(str(payment_intent_id))
            if session_id is not None:
                await settle_checkout(database, gateway, session_id)


async def _settle(db: Connection, found: _Found, *, livemode: bool) -> Outcome:
    if isinstance(found, CheckoutState):
        return await settle(db, found, livemode=livemode)
    if isinstance(found, _Failure):
        return await record_failure(db, found.order_reference, found.payment_intent_id, found.reason)
    if isinstance(found, DisputeState):
        return await record_dispute(db, found)
    if isinstance(found, list):
        outcomes = [await record_refund(db, state) for state in found]
        return Outcome(
            " ".join(outcome.words for outcome in outcomes) or "Nothing to do.", any(one.wrong for one in outcomes)
        )
    return found
