"""Changes one row by a mapping of columns: the insert and the guarded update that every part of the catalogue shares."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg import sql

from rft.database.pool import Connection, Row
from rft.errors import ChangedMeanwhile, NotFound


async def insert(db: Connection, table: str, values: Mapping[str, Any]) -> int:
    """Adds a row; answers its id. The columns are the caller's own names, never a client's."""
    query = sql.SQL("insert into {table} ({columns}) values ({values}) returning id").format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, values)),
        values=sql.SQL(", ").join(map(sql.Placeholder, values)),
    )
    cursor = await db.execute(query, values)
    row = await cursor.fetchone()
    assert row is not None, "an insert returns its row"
    return int(row["id"])


async def update(
    db: Connection, table: str, row_id: int, values: Mapping[str, Any], *, seen: datetime | None = None
) -> Row:
    """Changes a row under its lock; answers what it was before. Raises NotFound.

    `seen` is the updated_at that the change was made upon: raises ChangedMeanwhile where the row has another one by now.
    """
    name = sql.Identifier(table)
    before = await db.execute(sql.SQL("select * from {} where id = %s for no key update").format(name), (row_id,))
    row = await before.fetchone()
    if row is None:
        raise NotFound
    if seen is not None and row["updated_at"] != seen:
        raise ChangedMeanwhile
    if values:
        settings = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in values
        )
        await db.execute(
            sql.SQL("update {} set {} where id = {}").format(name, settings, sql.Placeholder("row_id")),
            {**values, "row_id": row_id},
        )
    return row
