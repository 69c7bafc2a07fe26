"""Issues invoices and credit notes, each once, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.invoices.errors import CreditTooLarge
from rft.invoices.rules import Amounts, credit_part, split_vat, sum_of
from rft.kit.clock import london_today, to_london
from rft.kit.money import in_words

_SEATS = statement(__file__, "order_seats.sql")
_INSERT = statement(__file__, "insert_invoice.sql")
# What a credit note takes over from its invoice as it stands there.
_CREDITED_LINE = """
select invoice.id as credits_id, invoice.order_id, invoice.number, invoice.seller_name, invoice.seller_address,
       invoice.seller_phone, invoice.seller_email, invoice.vat_number, invoice.order_reference, invoice.customer_name,
       invoice.customer_email, invoice.organisation_name, invoice.customer_address, invoice.purchase_order,
       line.id as line_id, line.booking_id, line.description, line.vat_rate, line.net, line.vat,
       coalesce(sum(credit.net), 0.00) as credited_net, coalesce(sum(credit.vat), 0.00) as credited_vat
  from invoices as invoice
  join invoice_lines as line on line.invoice_id = invoice.id
  left join invoice_lines as credit on credit.credits_line_id = line.id
 where invoice.kind = 'invoice' and invoice.order_id = %(order_id)s and line.booking_id = %(booking_id)s
 group by invoice.id, line.id
"""


@dataclass(frozen=True, slots=True)
class _Line:
    booking_id: int
    description: str
    price: Decimal
    discount: Decimal
    vat_rate: Decimal | None
    amounts: Amounts
    credits_line_id: int | None = None


async def issue_invoice(db: Connection, order_id: int, *, now: datetime) -> str | None:
    """Issues the order's invoice, once; answers its number, old or new. None where no seat of the order is left to be invoiced.

    VAT is the company's of this day: an invoice's date is what the tax goes by. `now` is UTC without zone.
    """
    await _lock(db, order_id)
    known = await (
        await db.execute("select number from invoices where order_id = %s and kind = 'invoice'", (order_id,))
    ).fetchone()
    if known is not None:
        return str(known["number"])
    seats = await (await db.execute(_SEATS, {"order_id": order_id})).fetchall()
    if not seats:
        return None
    order = seats[0]
    shares = split_vat([seat["total"] for seat in seats], order["vat_rate"])
    lines = [
        _Line(
            booking_id=seat["booking_id"],
            description=_describe(seat),
            price=seat["total"] + seat["discount"],
            discount=seat["discount"],
            vat_rate=seat["vat_rate"],
            amounts=share,
        )
        for seat, share in zip(seats, shares, strict=True)
    ]
    today = london_today(now)
    return await _write(
        db,
        {
            **order,
            "kind": "invoice",
            "order_id": order_id,
            "credits_id": None,
            "reason": None,
            "source": None,
            "issued_on": today,
            "due_on": today + timedelta(days=order["days_to_pay"]),
        },
        lines,
    )


async def credit_seat(
    db: Connection, booking_id: int, *, amount: Decimal, reason: str, source: str, now: datetime
) -> str | None:
    """Credits what went back for a seat, at most what its invoice still asks; answers the number, None where it asks nothing.

    Money can go back that was credited before (a seat given up before it was paid in full): then nothing is left to credit.
    """
    order_id = await find_order_of(db, booking_id)
    if order_id is None:
        return None
    await _lock(db, order_id)
    line = await (await db.execute(_CREDITED_LINE, {"order_id": order_id, "booking_id": booking_id})).fetchone()
    left = line["net"] + line["vat"] - line["credited_net"] - line["credited_vat"] if line is not None else Decimal(0)
    if left <= 0:
        return None
    return await issue_credit_note(
        db, order_id, amount=min(amount, left), booking_id=booking_id, reason=reason, now=now, source=source
    )


async def issue_credit_note(
    db: Connection, order_id: int, *, amount: Decimal, booking_id: int, reason: str, now: datetime, source: str
) -> str | None:
    """Credits `amount` of what the order's invoice asks for a seat; answers the credit note's number.

    One `source` (such as `refund 12`) is credited once. None where the seat stands on no invoice: then nothing was asked for it.
    Raises CreditTooLarge.
    """
    await _lock(db, order_id)
    known = await (await db.execute("select number from invoices where source = %s", (source,))).fetchone()
    if known is not None:
        return str(known["number"])
    values = {"order_id": order_id, "booking_id": booking_id}
    line = await (await db.execute(_CREDITED_LINE, values)).fetchone()
    if line is None:
        return None
    asked, credited = Amounts(line["net"], line["vat"]), Amounts(line["credited_net"], line["credited_vat"])
    left = asked.total - credited.total
    if not 0 < amount <= left:
        raise CreditTooLarge(
            f"{in_words(left)} of {in_words(asked.total)} is left to be credited on {line['number']}, not {in_words(amount)}.",
            facts={"invoice": line["number"], "left": str(left)},
        )
    part = credit_part(asked, credited, amount)
    today = london_today(now)
    document = {
        **line,
        "kind": "credit_note",
        "reason": reason,
        "source": source,
        "issued_on": today,
        "due_on": today,
    }
    credit = _Line(
        booking_id=booking_id,
        description=line["description"],
        price=amount,
        discount=Decimal(0),
        vat_rate=line["vat_rate"],
        amounts=part,
        credits_line_id=line["line_id"],
    )
    return await _write(db, document, [credit])


async def credit_cancelled(db: Connection, order_id: int, *, now: datetime) -> list[str]:
    """Credits what never came of seats that were cancelled before they were paid in full; answers the credit notes' numbers.

    What did come is credited as it goes back.
    """
    await _lock(db, order_id)
    cursor = await db.execute(
        """
        select line.booking_id, least(line.total - received.amount, line.total - coalesce(sum(credit.total), 0)) as left
          from invoices as invoice
          join invoice_lines as line on line.invoice_id = invoice.id
          join bookings as booking on booking.id = line.booking_id
          left join invoice_lines as credit on credit.credits_line_id = line.id
         cross join lateral (
               select coalesce(sum(entry.amount), 0) as amount
                 from payment_transactions as entry
                where entry.booking_id = booking.id and entry.status = 'succeeded' and entry.payment_method <> 'failed_refund') as received
         where invoice.order_id = %s and invoice.kind = 'invoice' and booking.status = 'cancelled'
         group by line.id, received.amount
        having line.total > coalesce(sum(credit.total), 0) and line.total > received.amount
         order by line.position
        """,
        (order_id,),
    )
    numbers = []
    for row in await cursor.fetchall():
        number = await issue_credit_note(
            db,
            order_id,
            amount=row["left"],
            booking_id=row["booking_id"],
            reason="The place was cancelled before it was paid for.",
            now=now,
            source=f"cancelled booking {row['booking_id']}",
        )
        numbers += [number] if number else []
    return numbers


async def find_order_of(db: Connection, booking_id: int) -> int | None:
    """None: the booking was made without an order, and has no invoice."""
    row = await (
        await db.execute("select order_id from order_bookings where booking_id = %s", (booking_id,))
    ).fetchone()
    return int(row["order_id"]) if row is not None else None


async def _lock(db: Connection, order_id: int) -> None:
    """The order comes before its series in the one lock order: two who issue for one order take turns here."""
    await db.execute("select from orders where id = %s for no key update", (order_id,))


async def _write(db: Connection, document: Mapping[str, Any], lines: Sequence[_Line]) -> str:
    sums = sum_of(line.amounts for line in lines)
    rows = [
        {
            "position": position,
            "booking_id": line.booking_id,
            "credits_line_id": line.credits_line_id,
            "description": line.description,
            "price": str(line.price),
            "discount": str(line.discount),
            "vat_rate": str(line.vat_rate) if line.vat_rate is not None else None,
            "net": str(line.amounts.net),
            "vat": str(line.amounts.vat),
            "total": str(line.amounts.total),
        }
        for position, line in enumerate(lines, 1)
    ]
    values = {"line_count": len(lines), "net": sums.net, "vat": sums.vat, "total": sums.total, "lines": Jsonb(rows)}
    row = await (await db.execute(_INSERT, {**document, **values})).fetchone()
    assert row is not None, "an insert returns its row"
    return str(row["number"])


def _describe(seat: Mapping[str, Any]) -> str:
    day = to_london(seat["starts_at"])
    return f"{seat['course_name']}, {day.day} {day:%B %Y}, {seat['city']}"
