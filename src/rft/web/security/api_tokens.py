"""Staff programs: a bearer token whose hash is in api_tokens. The API takes no cookie, so it needs no CSRF token."""

from dataclasses import replace
from datetime import timedelta

from starlette.requests import Request

from rft.database.pool import Database
from rft.errors import SignInNeeded
from rft.kit.clock import utc_now
from rft.kit.references import hash_token
from rft.web.security.sessions import USER_COLUMNS, User, user_from

# A token may do less than its account: an instructor's work with an admin's account.
_FIND = f"""
select {USER_COLUMNS}, api_token.role as token_role, api_token.last_used_at
  from api_tokens as api_token
  join users as account on account.id = api_token.user_id
 where api_token.token_hash = %(token_hash)s and api_token.revoked_at is null and account.is_active
"""  # noqa: S608 (our own list of columns)

_SEE = "update api_tokens set last_used_at = %(now)s where token_hash = %(token_hash)s"
_SEEN_EVERY = timedelta(minutes=1)


async def find_caller(request: Request) -> User | None:
    """Whose token the request carries, if that is alive; looked up once a request."""
    state = request.scope.setdefault("state", {})
    if "caller" not in state:
        state["caller"] = await _look_up(request)
    caller: User | None = state["caller"]
    return caller


async def get_caller(request: Request) -> User:
    """Raises SignInNeeded where the request carries no living token."""
    caller = await find_caller(request)
    if caller is None:
        raise SignInNeeded("Send a valid token: Authorization: Bearer <token>.")
    return caller


def bearer_of(request: Request) -> str:
    """What the request carries as its token, alive or not; an order's own token may stand there too."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _look_up(request: Request) -> User | None:
    token = bearer_of(request)
    if not token:
        return None
    database: Database = request.app.state.database
    async with database.connection() as db:
        found = await db.execute(_FIND, {"token_hash": hash_token(token)})
        row = await found.fetchone()
        if row is None:
            return None
        now = utc_now()
        if row["last_used_at"] is None or row["last_used_at"] < now - _SEEN_EVERY:
            await db.execute(_SEE, {"token_hash": hash_token(token), "now": now})
    user = user_from(row)
    return replace(user, role=row["token_role"]) if user.role == "admin" else user
