"""Reminds of what is owed: by the day, by hand, or not at all for a reason."""

from datetime import datetime

from rft import jobs
from rft.audit.service import Actor, record
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.clock import london_today
from rft.receivables.queries import Receivable, find_receivable, list_receivables
from rft.receivables.rules import next_chase

_MAIL = "notifications.send_payment_due"


async def chase_due(db: Connection, now: datetime) -> int:
    """Sends the reminders that are to go today, each once however often this runs; answers how many."""
    today, sent = london_today(now), 0
    for one in await list_receivables(db):
        days = next_chase(one.overdue(today), one.chased, reminds_before=one.reminds_before)
        if days is None or one.paused_because is not None:
            continue
        cursor = await db.execute(
            "insert into receivable_chases (order_id, days) values (%s, %s) on conflict do nothing",
            (one.order_id, days),
        )
        if cursor.rowcount:
            await jobs.enqueue(db, _MAIL, order_id=one.order_id, turn=str(days))
            sent += 1
    return sent


async def chase_now(db: Connection, actor: Actor, reference: str, now: datetime) -> Receivable:
    """Sends a reminder because somebody of the office wants to, at most once a day. Raises NotFound where nothing is owed."""
    owed = await _get_receivable(db, reference)
    await jobs.enqueue(db, _MAIL, order_id=owed.order_id, turn=f"{london_today(now):%Y-%m-%d}")
    await record(db, actor, "order.chase", "order", owed.order_id, new={"amount": owed.amount})
    return owed


async def pause_chasing(db: Connection, actor: Actor, reference: str, reason: str) -> None:
    """Raises NotFound; a second pause only changes the reason."""
    owed = await _get_receivable(db, reference)
    await db.execute(
        """
        insert into receivable_pauses (order_id, reason, paused_by) values (%s, %s, %s)
        on conflict (order_id) do update set reason = excluded.reason, paused_by = excluded.paused_by
        """,
        (owed.order_id, reason, actor.user_id),
    )
    await record(db, actor, "order.pause_chasing", "order", owed.order_id, new={"reason": reason})


async def resume_chasing(db: Connection, actor: Actor, reference: str) -> None:
    """Raises NotFound."""
    owed = await _get_receivable(db, reference)
    cursor = await db.execute("delete from receivable_pauses where order_id = %s", (owed.order_id,))
    if cursor.rowcount:
        await record(
            db, actor, "order.resume_chasing", "order", owed.order_id, old={"reason": owed.paused_because or ""}
        )


async def _get_receivable(db: Connection, reference: str) -> Receivable:
    owed = await find_receivable(db, reference)
    if owed is None:
        raise NotFound("Nothing is owed on this order.", code="nothing_owed")
    return owed
