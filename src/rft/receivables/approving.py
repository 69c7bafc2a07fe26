"""The office's answer to an order that wants to be paid later: yes, no, or none in time."""

from rft.audit.service import Actor, record
from rft.bookings.approvals import accept, decline
from rft.bookings.queries import get_order
from rft.bookings.service import lock_order
from rft.database.pool import Connection, Database
from rft.organisations.queries import get_organisation
from rft.organisations.service import put_on_account
from rft.payments.closing import require_page_closed
from rft.payments.gateway import Gateway
from rft.payments.releasing import release_order_seats

_NOT_IN_TIME = "We could not look at your request in time."


async def approve_order(db: Connection, actor: Actor, reference: str, organisation_id: int | None) -> None:
    """Accepts a waiting order, on the account of the organisation where one is named. Raises NotFound, TransitionRefused."""
    order = await get_order(db, reference, staff=True)
    await lock_order(db, order.id)
    new: dict[str, object] = {"state": "accepted", "total": order.total}
    if organisation_id is not None:
        new["name"] = (await get_organisation(db, organisation_id)).name
        await put_on_account(db, order.id, organisation_id)
    await accept(db, order.id, decided_by=actor.user_id)
    await record(db, actor, "order.approve", "order", order.id, old={"state": "waiting"}, new=new)


async def decline_order(
    database: Database, gateway: Gateway, reference: str, *, actor: Actor | None, reason: str = _NOT_IN_TIME
) -> None:
    """Says no, gives the seats back and tells the booker; without an actor because nobody decided in time.

    Raises NotFound, TransitionRefused, PaymentUnavailable where an open payment page cannot be closed.
    """
    async with database.connection() as db:
        order = await get_order(db, reference, staff=True)
    await require_page_closed(database, gateway, order.id)

    async def work(db: Connection) -> None:
        await lock_order(db, order.id)
        await decline(db, order.id, decided_by=actor.user_id if actor else None, reason=reason)
        seats = await release_order_seats(db, order.id, requested_by=actor.user_id if actor else None)
        if actor is not None:
            new = {"state": "declined", "reason": reason, "seats": seats}
            await record(db, actor, "order.decline", "order", order.id, old={"state": "waiting"}, new=new)

    await database.run(work)
