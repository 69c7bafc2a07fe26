"""Signed-in people: an opaque token in a cookie, its hash in user_sessions; role and account are read each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Connection
from rft.kit.references import hash_token, new_token
from rft.settings import Settings
from rft.web.security.addresses import UNKNOWN
from rft.web.security.cookies import delete_cookie, read_cookie, set_cookie

COOKIE = "rft_session"
CUSTOMER_LIFE = timedelta(days=30)
STAFF_LIFE = timedelta(days=7)
STAFF_IDLE = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class User:
    """Who is asking. `name` is the person's, or the e-mail address where no name is known.

    `since` is when the account was made, None where nobody looked.
    """

    id: int
    name: str
    email: str
    role: str
    has_second_factor: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One browser that is signed in. `handle` names it on a page; nobody can sign in with it."""

    handle: str
    user_agent: str
    address: str
    second_factor: str
    created_at: datetime
    seen_at: datetime
    here: bool


# What user_from reads of an account.
USER_COLUMNS = """account.id, account.email, account.role,
    coalesce(nullif(concat_ws(' ', account.first_name, account.last_name), ''), account.email) as name,
    account.created_at as since,
    exists (select from authenticators as factor where factor.user_id = account.id)
    or exists (select from passkeys as factor where factor.user_id = account.id) as has_second_factor"""

# A customer who becomes staff is under the staff's clock at once: both are judged when they are asked.
_FIND = f"""
select {USER_COLUMNS}, user_session.seen_at
  from user_sessions as user_session
  join users as account on account.id = user_session.user_id
 where user_session.token_hash = %(token_hash)s
   and account.is_active
   and user_session.expires_at > %(now)s
   and (account.role = 'customer'
        or (user_session.seen_at > %(idle_since)s and user_session.created_at > %(staff_since)s))
"""  # noqa: S608 (our own list of columns)
_SEE = "update user_sessions set seen_at = %(now)s where token_hash = %(token_hash)s and seen_at < %(now)s"
_START = """
insert into user_sessions (token_hash, user_id, user_agent, address, second_factor, created_at, seen_at, expires_at)
values (%(token_hash)s, %(user_id)s, %(user_agent)s, nullif(%(address)s, '')::inet, %(second_factor)s, %(now)s, %(now)s, %(expires_at)s)
"""
_END_BY_HANDLE = """
delete from user_sessions where user_id = %(user_id)s and encode(substr(token_hash, 1, 8), 'hex') = %(handle)s
"""
_LIST = """
select encode(substr(token_hash, 1, 8), 'hex') as handle, coalesce(user_agent, '') as user_agent,
       coalesce(host(address), '') as address, coalesce(second_factor, '') as second_factor,
       created_at, seen_at, token_hash = %(here)s as here
  from user_sessions
 where user_id = %(user_id)s and expires_at > %(now)s
 order by seen_at desc, created_at desc
"""


async def find_user(db: Connection, token: str, now: datetime) -> User | None:
    """Whose session the token opens, if it is alive. Notes at most once a minute that it was used."""
    token_hash = hash_token(token)
    found = await db.execute(
        _FIND,
        {"token_hash": token_hash, "now": now, "idle_since": now - STAFF_IDLE, "staff_since": now - STAFF_LIFE},
    )
    row = await found.fetchone()
    if row is None:
        return None
    if row["seen_at"] < now - _SEEN_EVERY:
        await db.execute(_SEE, {"token_hash": token_hash, "now": now})
    return user_from(row)


def user_from(row: dict[str, object]) -> User:
    since = row["since"]
    return User(
        id=int(str(row["id"])),
        name=str(row["name"]),
        email=str(row["email"]),
        role=str(row["role"]),
        has_second_factor=bool(row["has_second_factor"]),
        since=since if isinstance(since, datetime) else None,
    )


def second_factor_due(user: User, settings: Settings) -> datetime | None:
    """Until when this person may work without a second factor; None where there is nothing to ask for."""
    if not settings.second_factor or user.role == "customer" or user.has_second_factor or user.since is None:
        return None
    return user.since + timedelta(days=settings.second_factor_grace_days)


def owes_second_factor(user: User, settings: Settings, now: datetime) -> bool:
    due = second_factor_due(user, settings)
    return due is not None and due <= now


async def start_session(
    db: Connection,
    user: User,
    *,
    user_agent: str,
    replaces: str,
    now: datetime,
    address: str = "",
    second_factor: str | None = None,
) -> str:
    """A new session's token. The one that the browser came with, and all that have run out, are deleted."""
    token = new_token()
    life = CUSTOMER_LIFE if user.role == "customer" else STAFF_LIFE
    await db.execute(
        "delete from user_sessions where token_hash = %(old)s or expires_at <= %(now)s",
        {"old": hash_token(replaces), "now": now},
    )
    await db.execute(
        _START,
        {
            "token_hash": hash_token(token),
            "user_id": user.id,
            "user_agent": user_agent[:300],
            "address": "" if address == UNKNOWN else address,
            "second_factor": second_factor,
            "now": now,
            "expires_at": now + life,
        },
    )
    return token


async def end_session(db: Connection, token: str) -> None:
    await db.execute("delete from user_sessions where token_hash = %(token_hash)s", {"token_hash": hash_token(token)})


async def list_sessions(db: Connection, user_id: int, token: str, now: datetime) -> list[OpenSession]:
    """Where the person is signed in, the last used first; `token` tells which of them is this browser."""
    found = await db.execute(_LIST, {"user_id": user_id, "here": hash_token(token), "now": now})
    return [OpenSession(**row) for row in await found.fetchall()]


async def revoke_session(db: Connection, user_id: int, handle: str) -> None:
    await db.execute(_END_BY_HANDLE, {"user_id": user_id, "handle": handle})


async def revoke_sessions(db: Connection, user_id: int, *, but: str = "") -> None:
    """Signs the person out everywhere, save where the session of the token `but` is."""
    await db.execute(
        "delete from user_sessions where user_id = %(user_id)s and token_hash <> %(kept)s",
        {"user_id": user_id, "kept": hash_token(but)},
    )


def session_token(request: Request) -> str:
    return read_cookie(request, COOKIE)


def put_session(request: Request, response: Response, token: str) -> None:
    set_cookie(request, response, COOKIE, token, seconds=int(CUSTOMER_LIFE.total_seconds()))


def drop_session(request: Request, response: Response) -> None:
    delete_cookie(request, response, COOKIE)
