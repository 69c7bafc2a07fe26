"""The mail that says that money goes back: how much, why, and which way."""

from dataclasses import dataclass
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line, render
from rft.notifications.facts import find_order, get_company
from rft.notifications.texts import find_text

_PARTS = """
select refund.method, refund.reason, array_agg(distinct refund.booking_id) as booking_ids, sum(refund.amount) as amount
  from refunds as refund
 where refund.id = any (%s)
 group by refund.method, refund.reason
 order by refund.method = 'card' desc, refund.method, refund.reason
"""
_WAYS = {
    "card": "Back to the card it was paid with",
    "bank_transfer": "By bank transfer",
    "cash": "In cash",
    "cheque": "By cheque",
    "card_terminal": "To the card used at our desk",
}
_WHY = {
    "late_payment": "your payment reached us after your places had been given back, and they have been booked by others. "
    "All of it goes back to you; there is nothing you need to do.",
    "paid_twice": "you paid more than your places cost. What was too much goes back to you; your booking stays as it is.",
    "cancelled_by_us": "we had to cancel your course, and we are sorry. Your money goes back to you.",
    "cancelled_by_customer": "your cancellation is done, and this is what goes back to you under the terms you booked with.",
    "price_difference": "your places cost less than you paid. The difference goes back to you.",
    "goodwill": "we are giving you money back.",
    "dispute": "your bank has taken this payment back for you.",
}


@dataclass(frozen=True, slots=True)
class _Part:
    method: str
    reason: str
    booking_ids: list[int]
    amount: Decimal

    @property
    def way(self) -> str:
        return _WAYS[self.method]


async def write_payment_returned(db: Connection, order_id: int, refund_ids: list[int], *, base_url: str) -> int | None:
    """Queues the mail about these refunds, once; None where it was written before."""
    async with db.cursor(row_factory=class_row(_Part)) as cursor:
        await cursor.execute(_PARTS, (refund_ids,))
        parts = await cursor.fetchall()
    order = await find_order(db, order_id)
    if order is None or not parts:
        return None
    company = await get_company(db)
    words = await find_text(db, "payment_returned")
    said = {
        "name": order.booker_name,
        "course": order.course_name,
        "reference": order.reference,
        "company": company.name,
    }
    total = sum((part.amount for part in parts), Decimal("0.00"))
    text, html = render(
        "payment_returned",
        {
            "order": order,
            "company": company,
            "introduction": words.introduction_with(said),
            "parts": parts,
            "total": total,
            "why": _WHY[parts[0].reason],
            "by_card": any(part.method == "card" for part in parts),
            "by_hand": any(part.method != "card" for part in parts),
            "link": f"{base_url}/orders/{order.reference}",
        },
    )
    mail = Mail(
        dedupe_key=f"payment-returned:{min(refund_ids)}",
        email_type="payment_returned",
        recipient=order.booker_email,
        subject=one_line(words.subject_with(said, f"Your money goes back to you: {order.course_name}"))[:255],
        text_body=text,
        html_body=html,
        calendar=None,
        booking_ids=sorted({booking_id for part in parts for booking_id in part.booking_ids}),
    )
    return await outbox.put(db, mail)
