"""Issues invoices and credit notes, each once, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from rft.database.pool import Connection, Row
from rft.database.sql import statement
from rft.invoices.errors import CreditTooLarge
from rft.invoices.rules import Amounts, credit_part, split_vat, sum_of
from rft.kit.clock import london_today, to_london
from rft.kit.money import in_words

_SEATS = statement(__file__, "order_seats.sql")
_INSERT = statement(__file__, "insert_invoice.sql")
_LINES = statement(__file__, "credited_lines.sql")
_MOVED = statement(__file__, "moved_seat.sql")


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
    first = "select number from invoices where order_id = %s and kind = 'invoice' and source is null"
    known = await (await db.execute(first, (order_id,))).fetchone()
    if known is not None:
        return str(known["number"])
    seats = await (await db.execute(_SEATS, {"order_id": order_id, "booking_id": None})).fetchall()
    if not seats:
        return None
    order = seats[0]
    shares = split_vat([seat["total"] for seat in seats], order["vat_rate"])
    lines = [
        _Line(
            booking_id=seat["booking_id"],
            description=_describe(seat["course_name"], seat["starts_at"], seat["city"]),
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


async def issue_supplement(db: Connection, move_id: int, *, now: datetime) -> str | None:
    """Asks what a seat costs more since it was moved, once, on the terms of the order's invoice; answers the number, old or new.

    None where the order has no invoice. VAT is the company's of this day, as on any invoice.
    """
    moved = await (await db.execute(_MOVED, {"move_id": move_id})).fetchone()
    if moved is None or moved["difference"] <= 0:
        return None
    order_id, source = moved["order_id"], f"move {move_id}"
    await _lock(db, order_id)
    known = await _find_by_source(db, source)
    if known is not None:
        return known
    values = {"order_id": order_id, "booking_id": moved["booking_id"]}
    order = await (await db.execute(_SEATS, values)).fetchone()
    assert order is not None, "a seat that became dearer was paid for"
    before = _describe(moved["from_course"], moved["from_starts_at"], moved["from_city"])
    after = _describe(moved["to_course"], moved["to_starts_at"], moved["to_city"])
    (amounts,) = split_vat([moved["difference"]], order["vat_rate"])
    line = _Line(
        booking_id=moved["booking_id"],
        description=f"Move to {after}",
        price=amounts.total,
        discount=Decimal(0),
        vat_rate=order["vat_rate"],
        amounts=amounts,
    )
    today = london_today(now)
    document = {
        **order,
        "kind": "invoice",
        "order_id": order_id,
        "credits_id": None,
        "reason": f"Moved from {before} to {after}.",
        "source": source,
        "issued_on": today,
        "due_on": today + timedelta(days=moved["days_to_pay"]),
    }
    return await _write(db, document, [line])


async def credit_seat(
    db: Connection, booking_id: int, *, amount: Decimal, reason: str, source: str, now: datetime
) -> str | None:
    """Credits what went back for a seat, at most what its invoices still ask beyond what stays; answers the number, None where that is
    nothing.

    Money can go back that was credited before (a seat given up before it was paid in full): then nothing is left to credit.
    """
    order_id = await find_order_of(db, booking_id)
    if order_id is None:
        return None
    await _lock(db, order_id)
    lines = await _list_lines(db, order_id, booking_id)
    if not lines or lines[0]["left"] <= 0:
        return None
    amount = min(amount, lines[0]["left"])
    return await issue_credit_note(
        db, order_id, amount=amount, booking_id=booking_id, reason=reason, now=now, source=source
    )


async def issue_credit_note(
    db: Connection, order_id: int, *, amount: Decimal, booking_id: int, reason: str, now: datetime, source: str
) -> str | None:
    """Credits `amount` of what the order's invoices ask for a seat, the newest first; answers the first credit note's number.

    A credit note takes back from one invoice, so that a sum over several has several, the further ones named after the first's source.
    One `source` (such as `refund 12`) is credited once. None where the seat stands on no invoice: then nothing was asked for it.
    Raises CreditTooLarge.
    """
    await _lock(db, order_id)
    known = await _find_by_source(db, source)
    if known is not None:
        return known
    lines = await _list_lines(db, order_id, booking_id)
    if not lines:
        return None
    left = sum((line["line_left"] for line in lines), Decimal(0))
    if not 0 < amount <= left:
        asked = sum((line["net"] + line["vat"] for line in lines), Decimal(0))
        asking = ", ".join(line["number"] for line in lines)
        raise CreditTooLarge(
            f"{in_words(left)} of {in_words(asked)} is left to be credited on {asking}, not {in_words(amount)}.",
            facts={"invoice": asking, "left": str(left)},
        )
    numbers: list[str] = []
    for line in lines:
        part = min(amount, line["line_left"])
        if part <= 0:
            continue
        named = f"{source}, {line['number']}" if numbers else source
        numbers.append(await _credit_line(db, line, part, reason=reason, source=named, now=now))
        amount -= part
    return numbers[0]


async def _credit_line(db: Connection, line: Row, amount: Decimal, *, reason: str, source: str, now: datetime) -> str:
    asked, credited = Amounts(line["net"], line["vat"]), Amounts(line["credited_net"], line["credited_vat"])
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
        booking_id=line["booking_id"],
        description=line["description"],
        price=amount,
        discount=Decimal(0),
        vat_rate=line["vat_rate"],
        amounts=part,
        credits_line_id=line["line_id"],
    )
    return await _write(db, document, [credit])


async def credit_cancelled(db: Connection, order_id: int, *, now: datetime) -> list[str]:
    """Credits what invoices still ask for seats that were given up before they were paid in full, but for what the office keeps.

    Answers the credit notes' numbers.
    """
    await _lock(db, order_id)
    seats = {line["booking_id"]: line for line in await _list_lines(db, order_id)}
    numbers = []
    for line in seats.values():
        if not line["was_given_up_unpaid"] or line["left"] <= 0:
            continue
        number = await issue_credit_note(
            db,
            order_id,
            amount=line["left"],
            booking_id=line["booking_id"],
            reason="The place was cancelled before it was paid for.",
            now=now,
            source=f"cancelled booking {line['booking_id']}",
        )
        numbers += [number] if number else []
    return numbers


async def find_order_of(db: Connection, booking_id: int) -> int | None:
    """None: the booking was made without an order, and has no invoice."""
    row = await (
        await db.execute("select order_id from order_bookings where booking_id = %s", (booking_id,))
    ).fetchone()
    return int(row["order_id"]) if row is not None else None


async def _list_lines(db: Connection, order_id: int, booking_id: int | None = None) -> list[Row]:
    """What the order's invoices ask for one seat, or for all, the newest line of a seat first."""
    cursor = await db.execute(_LINES, {"order_id": order_id, "booking_id": booking_id})
    return await cursor.fetchall()


async def _find_by_source(db: Connection, source: str) -> str | None:
    row = await (await db.execute("select number from invoices where source = %s", (source,))).fetchone()
    return str(row["number"]) if row is not None else None


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


def _describe(course_name: str, starts_at: datetime, city: str) -> str:
    day = to_london(starts_at)
    return f"{course_name}, {day.day} {day:%B %Y}, {city}"
