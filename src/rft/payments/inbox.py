"""The webhook inbox: every signed event is kept once, then settled; its mark is set in the transaction of its effect."""

from rft import jobs
from rft.database.pool import Connection, Database
from rft.payments.errors import NotAtStripe
from rft.payments.gateway import CheckoutState, Event, Gateway
from rft.payments.service import Outcome, record_failure, settle

_ABOUT_CHECKOUT = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
_ABOUT_FAILURE = "payment_intent.payment_failed"


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

    async def work(db: Connection) -> Outcome | None:
        cursor = await db.execute(
            "update webhook_events set settled_at = localtimestamp, attempts = attempts + 1 where stripe_id = %s and settled_at is null",
            (stripe_id,),
        )
        if cursor.rowcount == 0:
            return None
        if isinstance(found, CheckoutState):
            outcome = await settle(db, found, livemode=gateway.livemode)
        elif isinstance(found, tuple):
            outcome = await record_failure(db, found[0], event["object_id"], found[1])
        else:
            outcome = found
        await db.execute("update webhook_events set outcome = %s where stripe_id = %s", (outcome.words, stripe_id))
        return outcome

    return await database.run(work)


async def _ask(gateway: Gateway, kind: str, object_id: str | None) -> CheckoutState | tuple[str | None, str] | Outcome:
    """What Stripe says now of the thing that the event is about; an Outcome where that is the end of it."""
    try:
        if object_id and kind in _ABOUT_CHECKOUT:
            return await gateway.fetch_checkout(object_id)
        if object_id and kind == _ABOUT_FAILURE:
            return await gateway.fetch_failure(object_id)
    except NotAtStripe:
        return Outcome("Stripe knows nothing of what this event is about.")
    return Outcome("Nothing to do.")
