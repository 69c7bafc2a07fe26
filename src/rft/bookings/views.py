"""Saved views: a list's filters and columns under a name, for one person or for the whole office."""

from dataclasses import dataclass

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.errors import NotFound


@dataclass(frozen=True, slots=True)
class View:
    """`query` stands behind the question mark of the list's address."""

    id: int
    name: str
    query: str
    is_shared: bool
    is_own: bool


async def list_views(db: Connection, user_id: int) -> list[View]:
    """One's own, then what others share."""
    async with db.cursor(row_factory=class_row(View)) as cursor:
        await cursor.execute(
            """
            select saved.id, saved.name, saved.query, saved.is_shared, saved.user_id = %(user_id)s as is_own
              from saved_views as saved
             where saved.user_id = %(user_id)s or saved.is_shared
             order by is_own desc, lower(saved.name), saved.id
            """,
            {"user_id": user_id},
        )
        return await cursor.fetchall()


async def save_view(db: Connection, user_id: int, *, name: str, query: str, is_shared: bool) -> None:
    """A view of one's own with this name is written anew."""
    await db.execute(
        """
        insert into saved_views (user_id, name, query, is_shared)
        values (%(user_id)s, %(name)s, %(query)s, %(is_shared)s)
        on conflict (user_id, lower(name)) do update set query = excluded.query, is_shared = excluded.is_shared
        """,
        {"user_id": user_id, "name": name, "query": query, "is_shared": is_shared},
    )


async def remove_view(db: Connection, user_id: int, view_id: int) -> None:
    """Raises NotFound for a view that is not one's own."""
    cursor = await db.execute("delete from saved_views where id = %s and user_id = %s", (view_id, user_id))
    if cursor.rowcount == 0:
        raise NotFound("You have no such view.")
