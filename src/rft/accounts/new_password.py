"""A new password: by somebody who knows the old one, or who can read the account's mail."""

import hmac
from datetime import datetime

from rft import jobs
from rft.accounts import queries
from rft.accounts.rules import plain_email, require_strong
from rft.accounts.second_factor import require_password
from rft.accounts.service import Attempt, begin_session
from rft.accounts.steps import begin_step, end_step, get_step
from rft.audit.service import Actor, record
from rft.database.pool import Connection, Database
from rft.kit.passwords import Passwords
from rft.kit.references import new_token
from rft.settings import Settings
from rft.web.security.addresses import network_of
from rft.web.security.limits import Limit, spend
from rft.web.security.sessions import User

ASKED_PER_ACCOUNT = Limit("new_password_account", times=3, seconds=60 * 60)
ASKED_PER_ADDRESS = Limit("new_password_address", times=20, seconds=60 * 60)
_FACTOR_OF = "select second_factor from user_sessions where token_hash = sha256(convert_to(%s, 'UTF8'))"


async def change_password(
    database: Database, settings: Settings, passwords: Passwords, user: User, actor: Actor, *,
    current: str, new: str, attempt: Attempt, now: datetime,
) -> str:  # fmt: skip
    """The token of a new session: every other sign-in of the account ends. Raises PasswordWrong, PasswordTooWeak, TooMany."""
    await require_password(database, settings, passwords, user, current)
    require_strong(new, plain_email(user.email), user.name)
    hashed = await passwords.hash(new)
    async with database.transaction() as db:
        row = await (await db.execute(_FACTOR_OF, (attempt.replaces,))).fetchone()
        await queries.set_password_hash(db, user.id, hashed, now)
        if user.role != "customer":
            await record(db, actor, "account.password", "user", user.id)
        return await begin_session(db, user, attempt, now, second_factor=row["second_factor"] if row else None)


async def ask_for_new_password(database: Database, settings: Settings, *, email: str, address: str) -> None:
    """Enqueues the mail, whoever asks: a job finds out whether there is such an account, so that no answer tells. Raises TooMany."""
    email = plain_email(email)
    await spend(database, settings, ASKED_PER_ADDRESS, network_of(address))
    await spend(database, settings, ASKED_PER_ACCOUNT, email)
    async with database.transaction() as db:
        await jobs.enqueue(db, "notifications.send_new_password_link", email=email)


async def begin_new_password(db: Connection, settings: Settings, email: str, now: datetime) -> tuple[User, str] | None:
    """The account and the handle of a link that works once, for an hour; one sent before works no more. None: no open account."""
    account = await queries.find_account(db, email)
    if account is None or not account.is_active:
        return None
    handle = new_token()
    await begin_step(db, account.user.id, "new_password", now, token=link_token(settings, handle))
    return account.user, handle


def link_token(settings: Settings, handle: str) -> str:
    """What stands in the mail's link. Kept mails hold the handle alone: who reads the outbox cannot follow the link."""
    proof = hmac.digest(settings.secret_key.encode(), b"new password\n" + handle.encode(), "sha256").hex()
    return f"{handle}.{proof}"


async def require_link(database: Database, token: str, now: datetime) -> None:
    """Raises StepOver for a link that does not work (any more)."""
    async with database.connection() as db:
        await get_step(db, token, "new_password", now)


async def set_new_password(database: Database, passwords: Passwords, token: str, new: str, now: datetime) -> User:
    """Ends every sign-in of the account; who it is signs in anew, with the second factor. Raises StepOver or PasswordTooWeak."""
    async with database.connection() as db:
        begun = await get_step(db, token, "new_password", now)
        user = await queries.get_user(db, begun.user_id)
    require_strong(new, plain_email(user.email), user.name)
    hashed = await passwords.hash(new)
    async with database.transaction() as db:
        await end_step(db, token, "new_password")
        await queries.set_password_hash(db, user.id, hashed, now)
        if user.role != "customer":
            await record(db, Actor(user.id), "account.new_password", "user", user.id)
    return user
