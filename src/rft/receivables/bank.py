"""Imports bank statements, and settles orders with the lines that a person has confirmed."""

from dataclasses import dataclass
from decimal import Decimal

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.queries import Order, get_order
from rft.bookings.service import lock_order
from rft.database.pool import Connection, Database
from rft.errors import NotFound
from rft.kit.references import read_reference
from rft.payments.closing import require_page_closed
from rft.payments.gateway import Gateway
from rft.payments.queries import find_due
from rft.payments.received import record_payment
from rft.receivables.bank_csv import read_csv
from rft.receivables.bank_queries import get_line
from rft.receivables.camt import read_camt
from rft.receivables.errors import LineSpent, StatementNotValid
from rft.receivables.statements import MOST_BYTES, Statement, numbered

# The lines travel as columns: twenty thousand in one statement.
_ADD_LINES = """
insert into bank_lines (statement_id, content_hash, ordinal, booked_on, amount, counterparty, description)
select %(statement_id)s, line.content_hash, line.ordinal, line.booked_on, line.amount, line.counterparty, line.description
  from unnest(%(hashes)s::bytea[], %(ordinals)s::integer[], %(days)s::date[], %(amounts)s::numeric[], %(counterparties)s::text[],
              %(descriptions)s::text[]) as line (content_hash, ordinal, booked_on, amount, counterparty, description)
    on conflict (content_hash, ordinal) do nothing
"""
_KNOWN = """
select count(*) as known
  from unnest(%(hashes)s::bytea[], %(ordinals)s::integer[]) as asked (content_hash, ordinal)
  join bank_lines as line on line.content_hash = asked.content_hash and line.ordinal = asked.ordinal
"""


@dataclass(frozen=True, slots=True)
class Imported:
    """`new` lines had never been seen; the others were in a statement before. No id after a trial run."""

    statement_id: int | None
    lines: int
    new: int


def read_statement(content: bytes) -> Statement:
    """CSV or CAMT.053, by what the file begins with. Raises StatementNotValid."""
    if len(content) > MOST_BYTES:
        raise StatementNotValid("A statement is at most 5 MB. Please import it in parts.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_camt(content)
    return read_csv(content)


async def import_statement(
    db: Connection, actor: Actor, file_name: str, statement: Statement, *, dry_run: bool = False
) -> Imported:
    """Keeps the lines that are new; a file that is read again, or overlaps with another, adds none twice."""
    lines = list(numbered(statement.lines))
    values = {
        "hashes": [digest for _, digest, _ in lines],
        "ordinals": [ordinal for _, _, ordinal in lines],
        "days": [line.booked_on for line, _, _ in lines],
        "amounts": [line.amount for line, _, _ in lines],
        "counterparties": [line.counterparty for line, _, _ in lines],
        "descriptions": [line.description for line, _, _ in lines],
    }
    # One at a time, so that what is counted as new here is what is added below.
    await db.execute("lock table bank_statements in share row exclusive mode")
    row = await (await db.execute(_KNOWN, values)).fetchone()
    assert row is not None, "a count is one row"
    new = len(lines) - row["known"]
    if dry_run:
        return Imported(None, len(lines), new)
    cursor = await db.execute(
        """
        insert into bank_statements (file_name, format, lines, new_lines, imported_by)
        values (%(file_name)s, %(format)s, %(lines)s, %(new)s, %(imported_by)s)
        returning id
        """,
        {
            "file_name": file_name[:200],
            "format": statement.format,
            "lines": len(lines),
            "new": new,
            "imported_by": actor.user_id,
        },
    )
    added = await cursor.fetchone()
    assert added is not None, "an insert returns its row"
    await db.execute(_ADD_LINES, {**values, "statement_id": added["id"]})
    told = {"label": file_name[:200], "lines": len(lines), "new_lines": new}
    await record(db, actor, "bank.import", "bank_statement", added["id"], new=told)
    # Some of them may be what Stripe paid out.
    await jobs.enqueue(db, "reconciliation.match_bank_lines", queueing_lock="reconciliation.match_bank_lines")
    return Imported(added["id"], len(lines), new)


async def settle_line(
    database: Database, gateway: Gateway, actor: Actor, line_id: int, typed: str
) -> tuple[Order, Decimal]:
    """Pays an order with what is left of a line, as far as it goes, and confirms what is covered.

    Answers the order as it then is, and the sum. `typed` is its reference.
    Raises NotFound, TransitionRefused where it is being paid by card, LineSpent where nothing is left.
    """
    reference = read_reference(typed)
    async with database.connection() as db:
        order = await get_order(db, reference, staff=True)
    await require_page_closed(database, gateway, order.id)

    async def work(db: Connection) -> tuple[Order, Decimal]:
        line = await get_line(db, line_id)
        before = await get_order(db, reference, staff=True)
        note = f"Bank statement, {line.booked_on:%d.%m.%Y}: {line.text}"[:200]
        await lock_order(db, before.id)
        taken = min(await find_due(db, before.id), line.left_over)
        if line.left_over <= 0:
            raise LineSpent("Nothing of this line is left.")
        seats = await record_payment(
            db, before.id, method="bank_transfer", note=note, recorded_by=actor.user_id, amount=taken or None
        )
        after = await get_order(db, reference, staff=True)
        await db.execute(
            "insert into bank_matches (line_id, order_id, amount, matched_by) values (%s, %s, %s, %s)",
            (line_id, before.id, taken, actor.user_id),
        )
        new = {"payment_method": "bank_transfer", "amount": taken, "seats": seats, "notes": note}
        await record(db, actor, "order.payment", "order", before.id, old={"status": before.status}, new=new)
        return after, taken

    return await database.run(work)


async def set_line_aside(db: Connection, actor: Actor, line_id: int, reason: str) -> None:
    """The line is for no order (fees, payouts, something else): it is no longer asked about. Raises NotFound."""
    line = await get_line(db, line_id)
    await db.execute(
        "insert into bank_lines_set_aside (line_id, reason, set_aside_by) values (%s, %s, %s)",
        (line_id, reason, actor.user_id),
    )
    new = {"amount": line.left_over, "reason": reason}
    await record(db, actor, "bank.set_aside", "bank_line", line_id, new=new)


async def take_line_back(db: Connection, actor: Actor, line_id: int) -> None:
    """The line is asked about again. Raises NotFound."""
    cursor = await db.execute("delete from bank_lines_set_aside where line_id = %s returning reason", (line_id,))
    gone = await cursor.fetchone()
    if gone is None:
        raise NotFound("This line is not set aside.")
    await record(db, actor, "bank.take_back", "bank_line", line_id, old=gone)
