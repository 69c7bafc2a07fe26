"""All that is kept about one person, table by table, for that person to read: nobody else's data, and no secrets.

Which tables there are is read from the foreign keys, so that a table that is added later is not forgotten. What a person booked for
somebody else is theirs to read as a booking and its money; who sat there, and what became of them, is that other person's.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from psycopg import sql

from rft.accounts.people_queries import get_person
from rft.database.pool import Connection
from rft.kit.clock import to_iso

_REFERENCES = """
select referring.relname as "table", attribute.attname as "column", referred.relname as "to"
  from pg_constraint as reference
  join pg_class as referring on referring.oid = reference.conrelid
  join pg_class as referred on referred.oid = reference.confrelid
  join pg_attribute as attribute on attribute.attrelid = reference.conrelid and attribute.attnum = reference.conkey[1]
 where reference.contype = 'f' and reference.connamespace = 'public'::regnamespace
   and cardinality(reference.conkey) = 1 and referred.relname in ('users', 'bookings', 'orders')
 order by 1, 2
"""
_PLACES = """
select booking.id, booking.user_id = any(%(ids)s) as is_booker,
       lower(attendee.email) = any(%(emails)s)
       or booking.user_id = any(%(ids)s) and (attendee.booking_id is null
          or lower(concat_ws(' ', attendee.first_name, attendee.last_name)) = any(%(names)s)) as is_attendee
  from bookings as booking
  left join attendees as attendee on attendee.booking_id = booking.id
 where booking.user_id = any(%(ids)s) or lower(attendee.email) = any(%(emails)s)
"""
# What hangs on a booking and is about its money, and so the booker's; all else is about the person in the seat.
_OF_THE_BOOKER = frozenset(
    {"payment_transactions", "refunds", "order_bookings", "booking_cancellations", "booking_moves"}
)
# Read by the address instead: what hangs on a booking may have gone to somebody else, and who waits mostly has no account.
_BY_ADDRESS = {"email_logs": "recipient_email", "outbox_mails": "recipient", "waiting_entries": "email"}
_SECRET = re.compile(r"hash|token|secret|password|dedupe_key|idempotency_key|html_body")


async def export_person(db: Connection, user_id: int, now: datetime) -> dict[str, Any]:
    """Raises NotFound. `records` has the rows of each table, `acts` how often the person is named as who did something."""
    person = await get_person(db, user_id)
    cursor = await db.execute(
        """
        select id, lower(email) as email, lower(concat_ws(' ', first_name, last_name)) as name from users
         where id = %(id)s or id in (select user_id from merged_users where into_user_id = %(id)s)
        """,
        {"id": user_id},
    )
    accounts = await cursor.fetchall()
    ids = [row["id"] for row in accounts]
    emails = [row["email"] for row in accounts]
    cursor = await db.execute(
        _PLACES, {"ids": ids, "emails": emails, "names": [row["name"] for row in accounts if row["name"]]}
    )
    places = await cursor.fetchall()
    cursor = await db.execute("select id from orders where user_id = any(%s)", (ids,))
    orders = [row["id"] for row in await cursor.fetchall()]
    booked = [row["id"] for row in places if row["is_booker"]]
    sat = [row["id"] for row in places if row["is_attendee"]]

    records = {"users": await _rows(db, "users", "id", ids)}
    acts: dict[str, int] = {}
    for reference in await (await db.execute(_REFERENCES)).fetchall():
        table, column, to = reference["table"], reference["column"], reference["to"]
        if table in _BY_ADDRESS:
            continue
        if to == "users" and column != "user_id":
            acts[f"{table}.{column}"] = await _count(db, table, column, ids)
            continue
        wanted = ids if to == "users" else orders if to == "orders" else booked if table in _OF_THE_BOOKER else sat
        found = await _rows(db, table, column, wanted)
        records[table] = records.get(table, []) + [row for row in found if row not in records.get(table, [])]
    for table, column in _BY_ADDRESS.items():
        records[table] = await _rows(db, table, column, emails, fold=True)
    records["admin_activity_logs"] = await _told(db, ids)
    return {
        "person": {"name": person.name, "email": person.email},
        "read_at": to_iso(now),
        "records": {table: rows for table, rows in records.items() if rows},
        "acts": {name: times for name, times in acts.items() if times},
    }


async def _rows(
    db: Connection, table: str, column: str, wanted: Iterable[Any], *, fold: bool = False
) -> list[dict[str, Any]]:
    compared = sql.SQL("lower({})" if fold else "{}").format(sql.Identifier(column))
    query = sql.SQL("select to_jsonb(kept) as row from {} as kept where {} = any(%s) order by 1").format(
        sql.Identifier(table), compared
    )
    cursor = await db.execute(query, (list(wanted),))
    return [_readable(row["row"]) for row in await cursor.fetchall()]


async def _count(db: Connection, table: str, column: str, ids: list[int]) -> int:
    query = sql.SQL("select count(*) as times from {} where {} = any(%s)").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    row = await (await db.execute(query, (ids,))).fetchone()
    return int(row["times"]) if row else 0


async def _told(db: Connection, ids: list[int]) -> list[dict[str, Any]]:
    """What the activity log says of the account; not who in the office wrote it."""
    cursor = await db.execute(
        """
        select action, created_at::text as created_at, old_values, new_values from admin_activity_logs
         where entity_type = 'user' and entity_id = any(%s) order by id
        """,
        (ids,),
    )
    return list(await cursor.fetchall())


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Without secrets, and without bytes, which JSON would show as a long number."""
    return {
        name: value
        for name, value in row.items()
        if not _SECRET.search(name) and not (isinstance(value, str) and value.startswith("\\x"))
    }
