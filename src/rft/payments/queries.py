"""Reads what was agreed with Stripe about an order."""

from rft.database.pool import Connection


async def find_last_page(db: Connection, order_id: int) -> str | None:
    """Stripe's id of the payment page that was opened last for the order."""
    cursor = await db.execute(
        """
        select stripe_session_id from checkout_attempts
         where order_id = %s and stripe_session_id is not null
         order by id desc
         limit 1
        """,
        (order_id,),
    )
    row = await cursor.fetchone()
    return row["stripe_session_id"] if row is not None else None
