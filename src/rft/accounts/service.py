"""Signs people in and out, makes admins, and gives programs their tokens."""

from dataclasses import dataclass
from datetime import datetime

from rft.accounts import queries
from rft.accounts.errors import SignInRefused
from rft.accounts.rules import plain_email, require_email, require_strong
from rft.database.pool import Database
from rft.errors import NotFound, NotValid
from rft.kit.passwords import Passwords
from rft.kit.references import hash_token, new_token
from rft.settings import Settings
from rft.web.security.addresses import network_of
from rft.web.security.limits import Limit, forget_old_counters, give_back, spend
from rft.web.security.sessions import User, end_session, start_session

PER_ACCOUNT = Limit("sign_in_account", times=5, seconds=15 * 60)
PER_ADDRESS = Limit("sign_in_address", times=50, seconds=15 * 60)
_STAFF = ("admin", "instructor")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at signing in, and the browser it comes from.

    `device` is the browser's own name where this account has signed in there before; `replaces` the session it has now.
    """

    email: str
    password: str
    address: str
    user_agent: str = ""
    device: str = ""
    replaces: str = ""


async def sign_in(
    database: Database, settings: Settings, passwords: Passwords, attempt: Attempt, now: datetime
) -> tuple[User, str]:
    """The user and a new session's token. Raises SignInRefused, or TooMany after too many failures.

    A try is counted before it is judged, so that many at once cannot slip through; a right one is taken off again.
    """
    email = plain_email(attempt.email)
    counters = ((PER_ACCOUNT, f"{email}\n{attempt.device}"), (PER_ADDRESS, network_of(attempt.address)))
    for limit, subject in counters:
        await spend(database, settings, limit, subject)
    async with database.connection() as db:
        account = await queries.find_account(db, email)
    is_right = await passwords.is_right(attempt.password, account.password_hash if account else None)
    if account is None or not is_right or not account.is_active:
        raise SignInRefused
    for limit, subject in counters:
        await give_back(database, settings, limit, subject)
    better = await passwords.hash(attempt.password) if passwords.is_outdated(account.password_hash) else None
    async with database.transaction() as db:
        if better:
            await queries.set_password_hash(db, account.user.id, better, now)
        await queries.note_sign_in(db, account.user.id, now)
        await forget_old_counters(db, now)
        token = await start_session(db, account.user, user_agent=attempt.user_agent, replaces=attempt.replaces, now=now)
    return account.user, token


async def sign_out(database: Database, token: str) -> None:
    """The session is gone from the database, so that a copy of its cookie opens nothing."""
    async with database.connection() as db:
        await end_session(db, token)


async def create_admin(database: Database, passwords: Passwords, *, email: str, password: str, name: str = "") -> User:
    """Raises NotValid for an address that is none or has an account already, PasswordTooWeak for the password."""
    address = require_email(email)
    require_strong(password, address)
    first_name, _, last_name = name.strip().partition(" ")
    password_hash = await passwords.hash(password)
    async with database.transaction() as db:
        user_id = await queries.add_admin(
            db, email=address, first_name=first_name, last_name=last_name.strip(), password_hash=password_hash
        )
    return User(id=user_id, name=name.strip() or address, email=address, role="admin")


async def issue_api_token(database: Database, *, email: str, label: str, now: datetime) -> str:
    """A bearer token for a staff account; only its hash is kept, so this is the one time that it can be read."""
    async with database.transaction() as db:
        user = _require_staff(await queries.find_account(db, plain_email(email)))
        token = new_token()
        await queries.add_api_token(db, user_id=user.id, token_hash=hash_token(token), label=label, now=now)
    return token


async def revoke_api_token(database: Database, *, email: str, label: str, now: datetime) -> int:
    """Ends the account's tokens of that label at once. How many there were; raises NotFound where there were none."""
    async with database.transaction() as db:
        user = _require_staff(await queries.find_account(db, plain_email(email)))
        ended = await queries.revoke_api_tokens(db, user.id, label, now)
    if not ended:
        raise NotFound(f"{email} has no token called {label!r}.")
    return ended


def _require_staff(account: queries.Account | None) -> User:
    if account is None or not account.is_active or account.user.role not in _STAFF:
        raise NotValid("There is no active admin or instructor with this e-mail address.")
    return account.user
