"""Books the seats of an order again whose money came after its hold was over: a cancelled booking stays cancelled."""

from datetime import datetime
from decimal import Decimal

import psycopg

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.references import new_reference

_LOST = statement(__file__, "lost_seats.sql")
_AGAIN = statement(__file__, "book_again.sql")


async def book_again(db: Connection, order_id: object, amount: Decimal, *, now: datetime) -> int:
    """Takes all the seats that a late payment pays for, or none; answers how many. They are pending, under new references.

    The caller holds lock_order. The price stays as agreed, also where the discount code has since run out: it was judged when the
    order was made, and what was taken off stands on the booking without it.
    """
    cursor = await db.execute(_LOST, {"order_id": order_id, "amount": amount, "now": now})
    lost = [row["id"] for row in await cursor.fetchall()]
    if not lost:
        return 0
    for with_code in (True, False):
        values = {"booking_ids": lost, "references": [new_reference("RFT") for _ in lost], "with_code": with_code}
        try:
            # A savepoint: a rule's no must not take the payment with it.
            async with db.transaction():
                await db.execute(_AGAIN, values)
        except psycopg.IntegrityError as refused:
            if not (refused.diag.constraint_name or "").startswith("bookings_discount"):
                return 0
        else:
            return len(lost)
    return 0
