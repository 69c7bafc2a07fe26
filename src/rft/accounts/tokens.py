"""API tokens of staff accounts: made, listed and ended; only hashes are kept."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from rft.accounts import queries
from rft.accounts.rules import plain_email
from rft.audit.service import Actor, record
from rft.database.pool import Connection, Database
from rft.errors import NotFound, NotValid
from rft.kit.references import hash_token, new_token
from rft.web.security.sessions import User

_STAFF = ("admin", "instructor")
_ADD = """
insert into api_tokens (token_hash, user_id, label, role, created_at)
values (%(token_hash)s, %(user_id)s, %(label)s, %(role)s, %(now)s)
"""
_LIST = """
select encode(substr(token.token_hash, 1, 8), 'hex') as handle, token.label,
       case when account.role = 'admin' then token.role else account.role end as role,
       account.email, token.created_at, token.last_used_at
  from api_tokens as token
  join users as account on account.id = token.user_id
 where token.revoked_at is null
 order by token.created_at desc
 limit 500
"""
_REVOKE = """
update api_tokens as token set revoked_at = %(now)s
  from users as account
 where account.id = token.user_id and token.revoked_at is null
   and encode(substr(token.token_hash, 1, 8), 'hex') = %(handle)s
returning token.label, account.email
"""
_REVOKE_BY_LABEL = """
update api_tokens set revoked_at = %(now)s
 where user_id = %(user_id)s and label = %(label)s and revoked_at is null
returning label
"""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A living token. `handle` names it on a page; nobody can call with it. `role` is what its calls may do."""

    handle: str
    label: str
    role: str
    email: str
    created_at: datetime
    last_used_at: datetime | None


async def issue_api_token(
    database: Database, *, email: str, label: str, now: datetime, role: str = "admin", actor: Actor | None = None
) -> str:
    """A bearer token for a staff account; this is the one time that it can be read. It may do what `role` may, at most."""
    if role not in _STAFF:
        raise NotValid(errors={"role": "A token acts as an admin or as an instructor."})
    if not label.strip():
        raise NotValid(errors={"label": "Say what the token is for."})
    async with database.transaction() as db:
        user = await _get_staff(db, email)
        token = new_token()
        values = {"token_hash": hash_token(token), "user_id": user.id, "label": label.strip(), "role": role, "now": now}
        await db.execute(_ADD, values)
        if actor is not None:
            told = {"label": label.strip(), "email": user.email, "role": role}
            await record(db, actor, "api_token.create", "user", user.id, new=told)
    return token


async def list_api_tokens(db: Connection) -> list[ApiToken]:
    """Those that work, the newest first."""
    async with db.cursor(row_factory=class_row(ApiToken)) as cursor:
        await cursor.execute(_LIST)
        return await cursor.fetchall()


async def revoke_by_handle(database: Database, actor: Actor, handle: str, now: datetime) -> str:
    """Ends the token at once; its label. Raises NotFound."""
    async with database.transaction() as db:
        row = await (await db.execute(_REVOKE, {"handle": handle, "now": now})).fetchone()
        if row is None:
            raise NotFound
        await record(db, actor, "api_token.revoke", "system", None, old={"label": row["label"], "email": row["email"]})
    return str(row["label"])


async def revoke_api_token(database: Database, *, email: str, label: str, now: datetime) -> int:
    """Ends the account's tokens of that label at once. How many there were; raises NotFound where there were none."""
    async with database.transaction() as db:
        user = await _get_staff(db, email)
        found = await db.execute(_REVOKE_BY_LABEL, {"user_id": user.id, "label": label, "now": now})
        ended = len(await found.fetchall())
    if not ended:
        raise NotFound(f"{email} has no token called {label!r}.")
    return ended


async def _get_staff(db: Connection, email: str) -> User:
    account = await queries.find_account(db, plain_email(email))
    if account is None or not account.is_active or account.user.role not in _STAFF:
        sentence = "There is no active admin or instructor with this e-mail address."
        raise NotValid(sentence, errors={"email": sentence})
    return account.user
