"""Refunds as the office reads them: page by page, and one with what it is for."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.bookings.history import METHODS
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.pages import Window
from rft.payments.refund_words import REASONS

_LISTED = """
select refund.id, refund.amount, refund.method, refund.stripe_payment_intent_id, refund.reason, refund.note, refund.state,
       refund.stripe_refund_id, refund.created_at, refund.settled_at, refund.failure_reason, booking.booking_reference,
       placed.reference as order_reference,
       coalesce(placed.booker_name, nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email) as customer_name,
       customer.email as customer_email,
       coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email) as asked_by
  from refunds as refund
  join bookings as booking on booking.id = refund.booking_id
  join users as customer on customer.id = booking.user_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join users as staff on staff.id = refund.requested_by
"""
# What no machine goes on with.
_WAITING = "(refund.state = 'failed' or refund.state = 'due' and refund.method <> 'card')"


@dataclass(frozen=True, slots=True)
class ListedRefund:
    id: int
    amount: Decimal
    method: str
    stripe_payment_intent_id: str | None
    reason: str
    note: str | None
    state: str
    stripe_refund_id: str | None
    created_at: datetime
    settled_at: datetime | None
    failure_reason: str | None
    booking_reference: str
    order_reference: str | None
    customer_name: str
    customer_email: str
    asked_by: str | None

    @property
    def way(self) -> str:
        return METHODS[self.method].capitalize()

    @property
    def why(self) -> str:
        return REASONS[self.reason]

    @property
    def waits_for_staff(self) -> bool:
        return self.state == "failed" or (self.state == "due" and self.method != "card")


async def list_refunds(db: Connection, window: Window, *, state: str) -> list[ListedRefund]:
    """Newest first. `state` is one of the table's, `waiting` for those that staff must see to, or empty for all."""
    chosen = {"": "true", "waiting": _WAITING}.get(state, "refund.state = %(state)s")
    query = f"{_LISTED} where {window.condition(['refund.id'])} and {chosen} {window.order(['refund.id'])}"
    async with db.cursor(row_factory=class_row(ListedRefund)) as cursor:
        await cursor.execute(query, {"state": state, **window.values()})
        return await cursor.fetchall()


async def get_listed_refund(db: Connection, refund_id: int) -> ListedRefund:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(ListedRefund)) as cursor:
        await cursor.execute(f"{_LISTED} where refund.id = %s", (refund_id,))
        refund = await cursor.fetchone()
    if refund is None:
        raise NotFound("There is no such refund.", code="refund_not_found")
    return refund


async def list_refunds_by_id(db: Connection, ids: list[int]) -> list[ListedRefund]:
    async with db.cursor(row_factory=class_row(ListedRefund)) as cursor:
        await cursor.execute(f"{_LISTED} where refund.id = any (%s) order by refund.id", (ids,))
        return await cursor.fetchall()
