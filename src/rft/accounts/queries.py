"""Reads and writes of accounts and their tokens."""

from dataclasses import dataclass
from datetime import datetime

from rft.database.pool import Connection
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
_ADD_API_CREDENTIAL = """
insert into api_tokens (token_hash, user_id, label, created_at)
values (%(token_hash)s, %(user_id)s, %(label)s, %(now)s)
"""
_REVOKE_TOKENS = """
update api_tokens set revoked_at = %(now)s
 where user_id = %(user_id)s and label = %(label)s and revoked_at is null
returning label
"""


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


async def add_api_token(db: Connection, *, user_id: int, token_hash: bytes, label: str, now: datetime) -> None:
    await db.execute(_ADD_API_CREDENTIAL, {"user_id": user_id, "token_hash": token_hash, "label": label, "now": now})


async def revoke_api_tokens(db: Connection, user_id: int, label: str, now: datetime) -> int:
    """How many there were."""
    found = await db.execute(_REVOKE_TOKENS, {"user_id": user_id, "label": label, "now": now})
    return len(await found.fetchall())
