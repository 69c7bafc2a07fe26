"""Reads and writes of accounts."""

from dataclasses import dataclass
from datetime import datetime

from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.references import hash_token
from rft.web.security.sessions import USER_COLUMNS, User, user_from

_FIND_BY_EMAIL = f"""
select {USER_COLUMNS}, account.password_hash, account.is_active
  from users as account
 where lower(account.email) = %(email)s
"""  # noqa: S608 (our own list of columns)
_ADD_ADMIN = """
insert into users (email, password_hash, first_name, last_name, role)
values (%(email)s, %(password_hash)s, nullif(%(first_name)s, ''), nullif(%(last_name)s, ''), 'admin')
returning id
"""
_NOTE_SIGN_IN = "update users set last_login = %(now)s where id = %(user_id)s"
_SET_PASSWORD = "update users set password_hash = %(password_hash)s, updated_at = %(now)s where id = %(user_id)s"  # noqa: S105 (SQL)
_KEEP_PAYLOAD = "update account_steps set payload = %(payload)s where token_hash = %(token_hash)s"
_MARK_SESSION = "update user_sessions set second_factor = %(kind)s where token_hash = %(token_hash)s"


@dataclass(frozen=True, slots=True)
class Account:
    user: User
    password_hash: str
    is_active: bool


async def find_account(db: Connection, email: str) -> Account | None:
    """By the plain form of the address."""
    row = await (await db.execute(_FIND_BY_EMAIL, {"email": email})).fetchone()
    return Account(user_from(row), row["password_hash"], row["is_active"]) if row else None


async def add_admin(db: Connection, *, email: str, first_name: str, last_name: str, password_hash: str) -> int:
    found = await db.execute(
        _ADD_ADMIN,
        {"email": email, "first_name": first_name, "last_name": last_name, "password_hash": password_hash},
    )
    row = await found.fetchone()
    assert row is not None, "an insert returns its row"
    return int(row["id"])


async def note_sign_in(db: Connection, user_id: int, now: datetime) -> None:
    await db.execute(_NOTE_SIGN_IN, {"user_id": user_id, "now": now})


async def set_password_hash(db: Connection, user_id: int, password_hash: str, now: datetime) -> None:
    await db.execute(_SET_PASSWORD, {"user_id": user_id, "password_hash": password_hash, "now": now})


async def get_user(db: Connection, user_id: int) -> User:
    """Raises NotFound."""
    cursor = await db.execute(
        f"select {USER_COLUMNS} from users as account where id = %s".encode(),  # noqa: S608 (our own list of columns)
        (user_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound
    return user_from(row)


async def lock_user(db: Connection, user_id: int) -> None:
    """What one account does about its factors takes turns."""
    await db.execute("select from users where id = %s for no key update", (user_id,))


async def keep_payload(db: Connection, step: str, payload: bytes) -> None:
    await db.execute(_KEEP_PAYLOAD, {"payload": payload, "token_hash": hash_token(step)})


async def mark_session(db: Connection, token: str, kind: str) -> None:
    """Writes down that the session's person has shown a second factor."""
    await db.execute(_MARK_SESSION, {"kind": kind, "token_hash": hash_token(token)})
