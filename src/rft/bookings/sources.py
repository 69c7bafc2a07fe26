"""Where an order came from, where it was not placed on the site by whoever booked."""

from rft.database.pool import Connection

PHONE, WAITING_LIST = "phone", "waiting_list"
SOURCES = {PHONE: "Telephone", WAITING_LIST: "Waiting list"}


async def note_source(db: Connection, reference: str, source: str, *, taken_by: int | None = None) -> None:
    """In the transaction that places the order."""
    await db.execute(
        "insert into order_sources (order_id, source, taken_by) select id, %s, %s from orders where reference = %s",
        (source, taken_by, reference),
    )


async def find_source(db: Connection, order_id: int) -> str | None:
    """In words; None for an order from the site or by a program."""
    cursor = await db.execute("select source from order_sources where order_id = %s", (order_id,))
    row = await cursor.fetchone()
    return SOURCES[row["source"]] if row is not None else None
