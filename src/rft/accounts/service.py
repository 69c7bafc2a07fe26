"""Signs people in and out, and makes admins."""

from dataclasses import dataclass
from datetime import datetime

from rft.accounts import factors, queries
from rft.accounts.errors import SignInRefused
from rft.accounts.rules import plain_email, require_email, require_strong
from rft.accounts.steps import begin_step
from rft.database.pool import Connection, Database
from rft.kit.passwords import Passwords
from rft.settings import Settings
from rft.web.security.addresses import network_of
from rft.web.security.limits import Limit, forget_old_counters, give_back, spend
from rft.web.security.sessions import User, end_session, start_session

PER_ACCOUNT = Limit("sign_in_account", times=5, seconds=15 * 60)
PER_ADDRESS = Limit("sign_in_address", times=50, seconds=15 * 60)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at signing in, and the browser it comes from.

    `device` is the browser's own name where this account has signed in there before; `replaces` the session it has now.
    """

    address: str
    email: str = ""
    password: str = ""
    user_agent: str = ""
    device: str = ""
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a right password, or a link from the account's own mail, leads to: a session's token, or that of the step before it where
    the account has a second factor."""

    user: User
    session: str = ""
    step: str = ""


async def sign_in(
    database: Database, settings: Settings, passwords: Passwords, attempt: Attempt, now: datetime
) -> Entry:
    """Raises SignInRefused, or TooMany after too many failures.

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
        return await enter(db, account.user, attempt, now)


async def enter(db: Connection, user: User, attempt: Attempt, now: datetime) -> Entry:
    """What whoever has shown the password, or read the account's mail, gets."""
    if (await factors.get_known(db, user.id)).any:
        return Entry(user, step=await begin_step(db, user.id, "sign_in", now))
    return Entry(user, session=await begin_session(db, user, attempt, now))


async def begin_session(
    db: Connection, user: User, attempt: Attempt, now: datetime, *, second_factor: str | None = None
) -> str:
    """The token of a session for somebody who has proved everything that the account asks for."""
    await queries.note_sign_in(db, user.id, now)
    await forget_old_counters(db, now)
    return await start_session(
        db,
        user,
        user_agent=attempt.user_agent,
        replaces=attempt.replaces,
        now=now,
        address=attempt.address,
        second_factor=second_factor,
    )


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
