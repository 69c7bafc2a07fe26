"""Who may owe for an order: accepted within the organisation's credit limit, or kept waiting until the office decides."""

from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from rft import jobs
from rft.bookings.errors import TransitionRefused
from rft.database.pool import Connection
from rft.kit.working_days import after_working_days
from rft.organisations.queries import Organisation, organisations_of
from rft.organisations.service import put_on_account

WORKING_DAYS_TO_DECIDE = 2


@dataclass(frozen=True, slots=True)
class Approval:
    """`reason` says why it waits, or why it was declined; `decided_by` is None where nobody had to decide."""

    order_id: int
    state: str
    decide_by: datetime
    due_on: date | None
    decided_at: datetime | None
    decided_by: str | None
    reason: str


async def find_approval(db: Connection, order_id: int) -> Approval | None:
    """None for an order that is not on invoice."""
    async with db.cursor(row_factory=class_row(Approval)) as cursor:
        await cursor.execute(
            """
            select approval.order_id, approval.state, approval.decide_by, approval.due_on, approval.decided_at, approval.reason,
                   coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email) as decided_by
              from order_approvals as approval left join users as staff on staff.id = approval.decided_by
             where approval.order_id = %s
            """,
            (order_id,),
        )
        return await cursor.fetchone()


async def ask_approval(
    db: Connection, order_id: int, *, member_id: int | None, organisation_name: str | None, now: datetime
) -> bool:
    """Accepts an order on invoice where its organisation's credit allows it, else lets it wait; answers whether it was accepted.

    `member_id` is who is signed in: only they speak for an organisation. What an anonymous buyer types proves nothing.
    """
    account = None
    if member_id is not None:
        account = _account_of(await organisations_of(db, member_id), organisation_name)
    if account is not None:
        await put_on_account(db, order_id, account.id)
    # Answered under the organisation's lock, which is kept until the order is accepted.
    row = await (await db.execute("select why_not_on_credit(%s) as why", (order_id,))).fetchone()
    assert row is not None, "a function answers"
    if row["why"] is None:
        await db.execute("update order_approvals set state = 'accepted' where order_id = %s", (order_id,))
        await _tell_accepted(db, order_id)
        return True
    await db.execute(
        "update order_approvals set reason = %s, decide_by = %s where order_id = %s",
        (row["why"], after_working_days(now, WORKING_DAYS_TO_DECIDE), order_id),
    )
    await jobs.enqueue(db, "notifications.send_order_requested", order_id=order_id)
    return False


async def accept(db: Connection, order_id: int, *, decided_by: int) -> None:
    """The office lets the order owe, whatever the limit says. The caller holds the order's locks. Raises TransitionRefused."""
    cursor = await db.execute(
        """
        update order_approvals as approval set state = 'accepted', decided_by = %(decided_by)s, reason = ''
         where approval.order_id = %(order_id)s and approval.state = 'waiting'
           and exists (select from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
                        where seat.order_id = approval.order_id and booking.status = 'pending')
        """,
        {"order_id": order_id, "decided_by": decided_by},
    )
    _require_waiting(cursor.rowcount)
    await _tell_accepted(db, order_id)


async def decline(db: Connection, order_id: int, *, decided_by: int | None, reason: str) -> None:
    """Says no; without `decided_by` because the time to decide is over. The caller gives the seats back. Raises TransitionRefused."""
    cursor = await db.execute(
        """
        update order_approvals set state = %(state)s, decided_by = %(decided_by)s, reason = %(reason)s
         where order_id = %(order_id)s and state = 'waiting'
        """,
        {
            "order_id": order_id,
            "state": "lapsed" if decided_by is None else "declined",
            "decided_by": decided_by,
            "reason": reason,
        },
    )
    _require_waiting(cursor.rowcount)
    await jobs.enqueue(db, "notifications.send_order_declined", order_id=order_id)


async def _tell_accepted(db: Connection, order_id: int) -> None:
    await jobs.enqueue(db, "invoices.issue_invoice", lock=f"invoices-{order_id}", order_id=order_id)
    await jobs.enqueue(db, "notifications.send_order_reserved", order_id=order_id)


def _account_of(organisations: list[Organisation], typed: str | None) -> Organisation | None:
    """The one that was named; without a name, the only one there is."""
    wanted = (typed or "").strip().casefold()
    if not wanted:
        return organisations[0] if len(organisations) == 1 else None
    return next((one for one in organisations if one.name.casefold() == wanted), None)


def _require_waiting(changed: int) -> None:
    if changed == 0:
        raise TransitionRefused("This order no longer waits for approval: it was decided about, paid or given back.")
