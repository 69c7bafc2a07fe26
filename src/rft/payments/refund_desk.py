"""What staff do about refunds, each act with its line in the activity log."""

from decimal import Decimal

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.queries import Booking, get_booking
from rft.bookings.service import lock_order
from rft.database.pool import Connection, Database
from rft.payments.queries import Refund
from rft.payments.refunds import lock_refund, mark_returned, owe_refund, retry_refund, withdraw_refund
from rft.payments.schemas import RefundRequest, ReturnedRequest


async def ask_refund(db: Connection, actor: Actor, reference: str, asked: RefundRequest) -> tuple[Booking, list[int]]:
    """Owes money back for a booking and tells the customer; answers the booking and the refunds' ids.

    In the caller's transaction. Raises NotFound, RefundTooLarge.
    """
    booking = await get_booking(db, reference)
    cursor = await db.execute("select order_id from order_bookings where booking_id = %s", (booking.id,))
    ordered = await cursor.fetchone()
    if ordered is not None:
        await lock_order(db, ordered["order_id"])
    ids = await owe_refund(
        db, booking.id, asked.amount, reason=asked.reason, requested_by=actor.user_id, note=asked.note
    )
    new = {"amount": asked.amount, "reason": asked.reason, "notes": asked.note}
    await record(db, actor, "refund.owe", "booking", booking.id, new=new)
    if ordered is not None:
        await jobs.enqueue(db, "notifications.send_payment_returned", order_id=ordered["order_id"], refund_ids=ids)
    return booking, ids


async def note_returned(database: Database, actor: Actor, refund_id: int, asked: ReturnedRequest) -> Decimal:
    """Writes down that staff gave the money back; answers how much. Raises NotFound, RefundFixed."""

    async def work(db: Connection) -> Decimal:
        refund = await lock_refund(db, refund_id)
        await mark_returned(db, refund_id, recorded_by=actor.user_id, method=asked.method, note=asked.note)
        new = {"state": "returned", "amount": refund.amount, "payment_method": asked.method, "notes": asked.note}
        await _record(db, actor, "refund.return", refund, new)
        return refund.amount

    return await database.run(work)


async def try_again(database: Database, actor: Actor, refund_id: int) -> int:
    """Answers the new refund's id. Raises NotFound, RefundFixed, RefundTooLarge."""

    async def work(db: Connection) -> int:
        refund = await lock_refund(db, refund_id)
        again = await retry_refund(db, refund_id, requested_by=actor.user_id)
        await _record(db, actor, "refund.retry", refund, {"state": "due", "amount": refund.amount})
        return again

    return await database.run(work)


async def withdraw(database: Database, actor: Actor, refund_id: int, why: str) -> None:
    """Raises NotFound, RefundFixed."""

    async def work(db: Connection) -> None:
        refund = await lock_refund(db, refund_id)
        await withdraw_refund(db, refund_id, why=why)
        await _record(
            db, actor, "refund.withdraw", refund, {"state": "withdrawn", "amount": refund.amount, "notes": why}
        )

    await database.run(work)


async def _record(db: Connection, actor: Actor, action: str, refund: Refund, new: dict[str, object]) -> None:
    await record(db, actor, action, "booking", refund.booking_id, old={"state": refund.state}, new=new)
