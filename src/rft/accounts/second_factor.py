"""The second factor: setting one up, showing it at sign-in, and recovery codes for the day the telephone is lost."""

from dataclasses import dataclass
from datetime import datetime

import pyotp

from rft.accounts import factors, passkeys, queries
from rft.accounts.errors import CodeWrong, LastFactor, PasskeyRefused, PasswordWrong, StepOver
from rft.accounts.rules import (
    find_step,
    looks_like_authenticator_code,
    new_recovery_codes,
    plain_code,
    read_recovery_code,
    recovery_code_in_words,
)
from rft.accounts.sealing import seal, unseal
from rft.accounts.service import Attempt, begin_session
from rft.accounts.steps import begin_step, end_step, get_step
from rft.audit.service import Actor, record
from rft.database.pool import Connection, Database
from rft.errors import NotFound
from rft.kit.passwords import Passwords
from rft.settings import Settings
from rft.web.security.addresses import network_of
from rft.web.security.limits import Limit, give_back, spend
from rft.web.security.sessions import User, revoke_sessions

PER_ACCOUNT = Limit("second_factor_account", times=5, seconds=15 * 60)
PER_ADDRESS = Limit("second_factor_address", times=50, seconds=15 * 60)
PASSWORD_TRIES = Limit("password_again", times=5, seconds=15 * 60)
_LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person shows as the second factor: a code (an authenticator's or a recovery code), or a passkey's answer."""

    code: str = ""
    credential: str = ""


async def finish_sign_in(
    database: Database, settings: Settings, step: str, shown: Shown, attempt: Attempt, now: datetime
) -> tuple[User, str]:
    """The user and a new session's token. Raises StepOver, CodeWrong, PasskeyRefused, or TooMany after too many failures."""
    async with database.connection() as db:
        begun = await get_step(db, step, "sign_in", now)
    counters = ((PER_ACCOUNT, str(begun.user_id)), (PER_ADDRESS, network_of(attempt.address)))
    for limit, subject in counters:
        await spend(database, settings, limit, subject)
    async with database.transaction() as db:
        if shown.credential:
            kind = await _require_passkey(db, settings, begun.user_id, shown.credential, begun.payload, now)
        else:
            kind = await _require_code(db, settings, begun.user_id, shown.code, now)
        await end_step(db, step, "sign_in")
        user = await queries.get_user(db, begun.user_id)
        token = await begin_session(db, user, attempt, now, second_factor=kind)
    for limit, subject in counters:
        await give_back(database, settings, limit, subject)
    return user, token


async def offer_passkeys(database: Database, settings: Settings, step: str, now: datetime) -> str:
    """What the browser is asked for at sign-in, as JSON; empty where the account has no passkey. Raises StepOver."""
    async with database.transaction() as db:
        begun = await get_step(db, step, "sign_in", now)
        known = await factors.list_passkeys(db, begun.user_id)
        if not known or not passkeys.is_possible(settings):
            return ""
        challenge = begun.payload or passkeys.new_challenge()
        await queries.keep_payload(db, step, challenge)
    return passkeys.request_options(settings, challenge=challenge, known=known)


async def require_password(
    database: Database, settings: Settings, passwords: Passwords, user: User, password: str
) -> None:
    """Somebody at an unlocked screen changes nothing here. Raises PasswordWrong, or TooMany."""
    await spend(database, settings, PASSWORD_TRIES, str(user.id))
    async with database.connection() as db:
        account = await queries.find_account(db, user.email.lower())
    if not await passwords.is_right(password, account.password_hash if account else None):
        raise PasswordWrong(errors={"password": PasswordWrong.sentence})
    await give_back(database, settings, PASSWORD_TRIES, str(user.id))


async def begin_authenticator(database: Database, settings: Settings, user: User, now: datetime) -> str:
    """The token of the step. Nothing counts until a code of the new authenticator has been seen."""
    sealed = seal(settings.secret_key, user.id, pyotp.random_base32())
    async with database.transaction() as db:
        return await begin_step(db, user.id, "authenticator", now, payload=sealed)


async def get_new_secret(database: Database, settings: Settings, user: User, step: str, now: datetime) -> str:
    """The secret that the person's telephone is to read. Raises StepOver."""
    async with database.connection() as db:
        begun = await get_step(db, step, "authenticator", now, user_id=user.id)
    secret = unseal(settings.secret_key, user.id, begun.payload)
    if secret is None:
        raise StepOver
    return secret


async def confirm_authenticator(
    database: Database, settings: Settings, user: User, actor: Actor, step: str, code: str, keep: str, now: datetime
) -> list[str]:
    """Sets the authenticator up, and signs the person out everywhere but in the session `keep`.

    New recovery codes, to be read once, where there were none; raises StepOver or CodeWrong.
    """
    secret = await get_new_secret(database, settings, user, step, now)
    fits = find_step(plain_code(code), pyotp.TOTP(secret).generate_otp, now)
    if fits is None:
        raise CodeWrong(errors={"code": CodeWrong.sentence})
    async with database.transaction() as db:
        await end_step(db, step, "authenticator")
        sealed = seal(settings.secret_key, user.id, secret)
        await factors.keep_authenticator(db, user.id, sealed, step=fits, now=now)
        return await _settle(db, user, actor, "authenticator", keep, now)


async def begin_passkey(database: Database, user: User, now: datetime) -> str:
    async with database.transaction() as db:
        return await begin_step(db, user.id, "passkey", now, payload=passkeys.new_challenge())


async def offer_new_passkey(
    database: Database, settings: Settings, user: User, company: str, step: str, now: datetime
) -> str:
    """What the browser is asked to make, as JSON. Raises StepOver."""
    async with database.connection() as db:
        begun = await get_step(db, step, "passkey", now, user_id=user.id)
        known = await factors.list_passkeys(db, user.id)
    return passkeys.creation_options(
        settings, company=company, user_id=user.id, email=user.email, challenge=begun.payload, known=known
    )


async def confirm_passkey(
    database: Database, settings: Settings, user: User, actor: Actor, step: str, credential: str, label: str,
    keep: str, now: datetime,
) -> list[str]:  # fmt: skip
    """As confirm_authenticator, for a passkey. Raises StepOver or PasskeyRefused."""
    async with database.transaction() as db:
        begun = await get_step(db, step, "passkey", now, user_id=user.id)
        await end_step(db, step, "passkey")
        made = passkeys.require_new_key(settings, credential, begun.payload)
        await factors.add_passkey(
            db,
            user.id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            label=label.strip()[:_LONGEST_LABEL] or "Passkey",
            now=now,
        )
        return await _settle(db, user, actor, "passkey", keep, now)


async def renew_recovery_codes(database: Database, user: User, actor: Actor, now: datetime) -> list[str]:
    """Those before are nothing any more."""
    async with database.transaction() as db:
        await _log(db, user, actor, "account.recovery_codes")
        return await _new_codes(db, user, now)


async def remove_factor(database: Database, settings: Settings, user: User, actor: Actor, which: str) -> None:
    """`which` is `authenticator` or a passkey's number. Raises LastFactor where staff would be left without, or NotFound."""
    async with database.transaction() as db:
        await queries.lock_user(db, user.id)
        known = await factors.get_known(db, user.id)
        if known.count == 1 and settings.second_factor and user.role != "customer":
            raise LastFactor
        if which == "authenticator":
            gone = await factors.remove_authenticator(db, user.id)
        else:
            gone = which.isascii() and which.isdigit() and await factors.remove_passkey(db, user.id, int(which[:9]))
        if not gone:
            raise NotFound
        if known.count == 1:
            await factors.forget_all(db, user.id)
        await _log(db, user, actor, "account.factor_removed")


async def forget_second_factor(db: Connection, email: str) -> User:
    """For somebody who has lost everything, once the office knows who asks. Signs the person out. Raises NotFound."""
    account = await queries.find_account(db, email)
    if account is None:
        raise NotFound(f"There is no account of {email}.")
    await factors.forget_all(db, account.user.id)
    await revoke_sessions(db, account.user.id)
    return account.user


async def _require_code(db: Connection, settings: Settings, user_id: int, typed: str, now: datetime) -> str:
    """`authenticator` or `recovery_code`, whichever the code was; it works no second time."""
    code = plain_code(typed)
    if looks_like_authenticator_code(code):
        sealed = await factors.find_sealed_secret(db, user_id)
        secret = unseal(settings.secret_key, user_id, sealed) if sealed else None
        step = find_step(code, pyotp.TOTP(secret).generate_otp, now) if secret else None
        if step is not None and await factors.take_step(db, user_id, step):
            return "authenticator"
    elif await factors.use_recovery_code(db, user_id, read_recovery_code(code), now):
        return "recovery_code"
    raise CodeWrong(errors={"code": CodeWrong.sentence})


async def _require_passkey(
    db: Connection, settings: Settings, user_id: int, credential: str, challenge: bytes, now: datetime
) -> str:
    if not challenge:
        raise PasskeyRefused
    known = await factors.list_passkeys(db, user_id)
    key, sign_count = passkeys.require_signed(settings, credential, challenge, known)
    if not await factors.use_passkey(db, key.id, sign_count, now):
        raise PasskeyRefused
    return "passkey"


async def _settle(db: Connection, user: User, actor: Actor, kind: str, keep: str, now: datetime) -> list[str]:
    """A new factor: whoever signed in without it elsewhere has to show it, and there are codes for the day it is lost."""
    await revoke_sessions(db, user.id, but=keep)
    await queries.mark_session(db, keep, kind)
    await _log(db, user, actor, "account.factor_added", kind=kind)
    known = await factors.get_known(db, user.id)
    return [] if known.recovery_codes else await _new_codes(db, user, now)


async def _new_codes(db: Connection, user: User, now: datetime) -> list[str]:
    codes = new_recovery_codes()
    await factors.keep_recovery_codes(db, user.id, codes, now)
    return [recovery_code_in_words(code) for code in codes]


async def _log(db: Connection, user: User, actor: Actor, action: str, **new: str) -> None:
    """The activity log is of the staff; what customers do with their own accounts is theirs."""
    if user.role != "customer":
        await record(db, actor, action, "user", user.id, new=new or None)
