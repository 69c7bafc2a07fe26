"""Signing in by a link in a mail: asked for by anybody, made for customers alone, good once and for 20 minutes."""

from datetime import datetime, timedelta

from rft import jobs
from rft.accounts import queries
from rft.accounts.errors import SignInLinkOver
from rft.accounts.rules import plain_email
from rft.accounts.service import Attempt, Entry, enter
from rft.database.pool import Connection, Database
from rft.kit.references import hash_token, new_token
from rft.settings import Settings
from rft.web.security.addresses import network_of
from rft.web.security.limits import Limit, spend
from rft.web.security.sessions import USER_COLUMNS, User, user_from

GOOD_FOR = timedelta(minutes=20)
PER_ACCOUNT = Limit("sign_in_link_account", times=5, seconds=60 * 60)
PER_ADDRESS = Limit("sign_in_link_address", times=30, seconds=60 * 60)
_USE = f"""
with used as (
    update sign_in_links as link set used_at = %(now)s
     where link.token_hash = %(token_hash)s and link.used_at is null and link.expires_at > %(now)s
    returning link.user_id
)
select {USER_COLUMNS}
  from used join users as account on account.id = used.user_id
 where account.is_active and account.role = 'customer'
"""  # noqa: S608 (our own list of columns)


async def ask_for_link(database: Database, settings: Settings, email: str, address: str) -> None:
    """Has a link sent, where there is somebody to send it to. Answers alike, and as quickly, where there is not. Raises TooMany."""
    plain = plain_email(email)
    await spend(database, settings, PER_ADDRESS, network_of(address))
    await spend(database, settings, PER_ACCOUNT, plain)
    async with database.transaction() as db:
        await jobs.enqueue(db, "notifications.send_sign_in_link", email=plain)


async def make_sign_in_link(db: Connection, email: str, now: datetime) -> tuple[User, str] | None:
    """Whose it is, and the token that only the mail carries. None for strangers, and for staff: they have a password."""
    account = await queries.find_account(db, email)
    if account is None or not account.is_active or account.user.role != "customer":
        return None
    token = new_token()
    await db.execute("delete from sign_in_links where user_id = %s and expires_at <= %s", (account.user.id, now))
    await db.execute(
        "insert into sign_in_links (token_hash, user_id, expires_at) values (%s, %s, %s)",
        (hash_token(token), account.user.id, now + GOOD_FOR),
    )
    return account.user, token


async def use_link(database: Database, token: str, attempt: Attempt, now: datetime) -> Entry:
    """A session or, where the account has a second factor, the step before it. Raises SignInLinkOver; of two that use it at once, the
    second does."""
    async with database.transaction() as db:
        row = await (await db.execute(_USE, {"token_hash": hash_token(token), "now": now})).fetchone()
        if row is None:
            raise SignInLinkOver
        user = user_from(row)
        return await enter(db, user, attempt, now)
