"""What the office does by hand about an order's money. An open payment page is closed first: nobody pays twice for one seat."""

from decimal import Decimal

from rft.audit.service import Actor, record
from rft.bookings.queries import Order, get_order
from rft.database.pool import Connection, Database
from rft.payments.closing import require_page_closed
from rft.payments.gateway import Gateway
from rft.payments.received import record_payment
from rft.payments.releasing import release_order_seats
from rft.payments.schemas import PaymentRequest


async def take_payment(
    database: Database, gateway: Gateway, actor: Actor, reference: str, asked: PaymentRequest
) -> tuple[Order, Decimal]:
    """Writes down what the office received for an order, and confirms what it covers; answers the order as it then is, and the sum.

    Raises NotFound, TransitionRefused where it is being paid by card, PaymentUnavailable where Stripe cannot be asked.
    """
    await close_page(database, gateway, reference)
    return await database.run(lambda db: note_payment(db, actor, reference, asked))


async def note_payment(db: Connection, actor: Actor, reference: str, asked: PaymentRequest) -> tuple[Order, Decimal]:
    """As take_payment, in the caller's transaction, who has closed the page."""
    before = await get_order(db, reference, staff=True)
    seats = await record_payment(
        db, before.id, method=asked.method, note=asked.note, recorded_by=actor.user_id, amount=asked.amount
    )
    after = await get_order(db, reference, staff=True)
    received = after.paid - before.paid
    new = {"payment_method": asked.method, "amount": received, "seats": seats, "notes": asked.note}
    await record(db, actor, "order.payment", "order", before.id, old={"status": before.status}, new=new)
    return after, received


async def release_order(database: Database, gateway: Gateway, actor: Actor, reference: str) -> int:
    """Gives back the seats of an order that nobody has paid; answers how many. Raises as take_payment does."""
    await close_page(database, gateway, reference)

    async def work(db: Connection) -> int:
        order = await get_order(db, reference, staff=True)
        seats = await release_order_seats(db, order.id, requested_by=actor.user_id)
        new = {"status": "cancelled", "seats": seats}
        await record(db, actor, "order.release", "order", order.id, old={"status": order.status}, new=new)
        return seats

    return await database.run(work)


async def close_page(database: Database, gateway: Gateway, reference: str) -> None:
    """Raises NotFound, TransitionRefused where somebody has just paid, PaymentUnavailable."""
    async with database.connection() as db:
        order = await get_order(db, reference, staff=True)
    await require_page_closed(database, gateway, order.id)
