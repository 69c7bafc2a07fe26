"""The webhook inbox: every signed event is kept once, then settled; its mark is set in the transaction of its effect."""

from rft import jobs
from rft.database.pool import Connection, Database
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
    state: CheckoutState | None = None
    failure: tuple[str | None, str] | None = None
    if event["kind"] in _ABOUT_CHECKOUT and event["object_id"]:
        state = await gateway.fetch_checkout(event["object_id"])
    elif event["kind"] == _ABOUT_FAILURE and event["object_id"]:
        failure = await gateway.fetch_failure(event["object_id"])

    async def work(db: Connection) -> Outcome | None:
        cursor = await db.execute(
            "update webhook_events set settled_at = localtimestamp, attempts = attempts + 1 where stripe_id = %s and settled_at is null",
            (stripe_id,),
        )
        if cursor.rowcount == 0:
            return None
        if state is not None:
            outcome = await settle(db, state, livemode=gateway.livemode)
        elif failure is not None:
            outcome = await record_failure(db, failure[0], event["object_id"], failure[1])
        else:
            outcome = Outcome("Nothing to do.")
        await db.execute("update webhook_events set outcome = %s where stripe_id = %s", (outcome.words, stripe_id))
        return outcome

    return await database.run(work)
