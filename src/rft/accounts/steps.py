"""What one request begins and a later one ends: a random token outside, its hash in account_steps, and an end to each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rft.accounts.errors import StepOver
from rft.database.pool import Connection
from rft.kit.references import hash_token, new_token

# What a person needs between two pages, and to find a mail.
LIVES = {
    "sign_in": timedelta(minutes=10),
    "authenticator": timedelta(minutes=15),
    "passkey": timedelta(minutes=15),
    "new_password": timedelta(hours=1),
}
_BEGIN = """
insert into account_steps (token_hash, user_id, purpose, payload, created_at, expires_at)
values (%(token_hash)s, %(user_id)s, %(purpose)s, %(payload)s, %(now)s, %(expires_at)s)
"""
_FIND = """
select step.user_id, step.payload, step.created_at
  from account_steps as step
  join users as account on account.id = step.user_id
 where step.token_hash = %(token_hash)s and step.purpose = %(purpose)s and step.expires_at > %(now)s and account.is_active
"""
_END = "delete from account_steps where token_hash = %(token_hash)s and purpose = %(purpose)s returning user_id"


@dataclass(frozen=True, slots=True)
class Step:
    user_id: int
    payload: bytes
    created_at: datetime


async def begin_step(
    db: Connection, user_id: int, purpose: str, now: datetime, *, payload: bytes = b"", token: str = ""
) -> str:
    """The token that ends it. Of one purpose an account has one step, save sign-ins, which may be begun in several browsers."""
    if purpose != "sign_in":
        await db.execute("delete from account_steps where user_id = %s and purpose = %s", (user_id, purpose))
    token = token or new_token()
    await db.execute(
        _BEGIN,
        {
            "token_hash": hash_token(token),
            "user_id": user_id,
            "purpose": purpose,
            "payload": payload,
            "now": now,
            "expires_at": now + LIVES[purpose],
        },
    )
    return token


async def get_step(db: Connection, token: str, purpose: str, now: datetime, *, user_id: int | None = None) -> Step:
    """Raises StepOver, also where it is not this account's (None: any account's)."""
    values = {"token_hash": hash_token(token), "purpose": purpose, "now": now}
    row = await (await db.execute(_FIND, values)).fetchone()
    if row is None or user_id not in (None, row["user_id"]):
        raise StepOver
    return Step(row["user_id"], bytes(row["payload"]), row["created_at"])


async def end_step(db: Connection, token: str, purpose: str) -> None:
    """Ends it, once: of two that try at the same time, the second gets StepOver."""
    row = await (await db.execute(_END, {"token_hash": hash_token(token), "purpose": purpose})).fetchone()
    if row is None:
        raise StepOver
