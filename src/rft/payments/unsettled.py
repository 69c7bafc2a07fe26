"""Payments that Stripe has taken and no order explains (another amount, another currency): kept for a person, who sends them back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft import jobs
from rft.audit.service import Actor, record
from rft.database.pool import Connection, Database
from rft.errors import NotFound
from rft.payments.gateway import CheckoutState, Gateway


@dataclass(frozen=True, slots=True)
class UnsettledPayment:
    stripe_payment_intent_id: str
    order_id: int
    order_reference: str
    booker_name: str
    amount: Decimal
    currency: str
    why: str
    created_at: datetime
    returned_by: int | None
    returned_at: datetime | None


_PAYMENTS = """
select payment.stripe_payment_intent_id, payment.order_id, placed.reference as order_reference, placed.booker_name, payment.amount,
       payment.currency, payment.why, payment.created_at, payment.returned_by, payment.returned_at
  from unsettled_payments as payment
  join orders as placed on placed.id = payment.order_id
"""


async def keep_unsettled(db: Connection, order_id: object, state: CheckoutState, why: str) -> None:
    """Once for each payment; nothing where nothing was taken."""
    if not state.paid or state.payment_intent_id is None:
        return
    await db.execute(
        """
        insert into unsettled_payments (stripe_payment_intent_id, order_id, amount, currency, why) values (%s, %s, %s, %s, %s)
        on conflict (stripe_payment_intent_id) do nothing
        """,
        (state.payment_intent_id, order_id, state.amount, state.currency, why),
    )


async def list_unsettled(db: Connection) -> list[UnsettledPayment]:
    """Those that have not gone back, the oldest first."""
    async with db.cursor(row_factory=class_row(UnsettledPayment)) as cursor:
        await cursor.execute(f"{_PAYMENTS} where payment.returned_at is null order by payment.created_at limit 100")
        return await cursor.fetchall()


async def return_unsettled(database: Database, actor: Actor, payment_intent_id: str) -> None:
    """Notes that a person sends it back, and queues that. Raises NotFound where there is no such payment or it is done already."""

    async def work(db: Connection) -> None:
        cursor = await db.execute(
            """
            update unsettled_payments set returned_by = %s
             where stripe_payment_intent_id = %s and returned_by is null
            returning order_id, amount
            """,
            (actor.user_id, payment_intent_id),
        )
        payment = await cursor.fetchone()
        if payment is None:
            raise NotFound("There is no such payment, or it goes back already.", code="payment_not_found")
        await jobs.enqueue(db, "payments.send_unsettled", payment_intent_id=payment_intent_id)
        await record(db, actor, "order.return_payment", "order", payment["order_id"], new={"amount": payment["amount"]})

    await database.run(work)


async def send_unsettled(database: Database, gateway: Gateway, payment_intent_id: str) -> None:
    """Asks Stripe to give the whole payment back, once. The ledger never knew it, and is not touched."""
    async with database.connection() as db, db.cursor(row_factory=class_row(UnsettledPayment)) as cursor:
        await cursor.execute(
            f"{_PAYMENTS} where payment.stripe_payment_intent_id = %s and payment.returned_at is null",
            (payment_intent_id,),
        )
        payment = await cursor.fetchone()
    if payment is None or payment.returned_by is None:
        return
    made = await gateway.refund(payment_intent_id, payment.amount, idempotency_key=f"unsettled-{payment_intent_id}")
    async with database.transaction() as db:
        await db.execute(
            "update unsettled_payments set stripe_refund_id = %s, returned_at = localtimestamp where stripe_payment_intent_id = %s",
            (made.refund_id, payment_intent_id),
        )
