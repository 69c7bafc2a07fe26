"""Closes an order's payment page, so that its places can go another way while nobody pays on it."""

from rft.bookings.errors import TransitionRefused
from rft.database.pool import Database
from rft.payments.errors import PaymentUnavailable
from rft.payments.gateway import Gateway
from rft.payments.service import settle

_NOT_CLOSED = "The payment page could not be closed just now, so nothing was changed. Please try again in a moment."


async def close_payment_page(database: Database, gateway: Gateway, order_id: int) -> bool:
    """Whether nobody has paid, and nobody can any more. What Stripe says of the page is settled either way.

    Raises PaymentUnavailable, in words that fit whatever was to follow, where Stripe cannot be asked.
    """
    async with database.transaction() as db:
        # A page whose address never reached us never reached anybody else.
        await db.execute(
            "update checkout_attempts set state = 'closed' where order_id = %s and state = 'opening'", (order_id,)
        )
        cursor = await db.execute(
            "select stripe_session_id from checkout_attempts where order_id = %s and state = 'open'", (order_id,)
        )
        page = await cursor.fetchone()
    if page is None:
        return True
    try:
        state = await gateway.expire_checkout(page["stripe_session_id"])
    except PaymentUnavailable as cause:
        raise PaymentUnavailable(_NOT_CLOSED) from cause
    await database.run(lambda db: settle(db, state, livemode=gateway.livemode))
    return not state.paid and not state.processing


async def require_page_closed(database: Database, gateway: Gateway, order_id: int) -> None:
    """As close_payment_page. Raises TransitionRefused where somebody has just paid, or a bank still decides."""
    if not await close_payment_page(database, gateway, order_id):
        raise TransitionRefused(
            "This order has just been paid by card, or a bank is still deciding about it. Look at it again."
        )
