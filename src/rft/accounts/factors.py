"""Reads and writes of second factors: authenticators, passkeys and recovery codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.kit.references import hash_token

# Taken with one statement: of two requests with the same code, one finds it used.
_TAKE_STEP = """
update authenticators set last_step = %(step)s
 where user_id = %(user_id)s and last_step < %(step)s
returning user_id
"""
_KEEP_AUTHENTICATOR = """
insert into authenticators as known (user_id, sealed_secret, last_step, created_at)
values (%(user_id)s, %(sealed)s, %(step)s, %(now)s)
on conflict (user_id) do update
   set sealed_secret = excluded.sealed_secret, last_step = excluded.last_step, created_at = excluded.created_at
"""
_USE_RECOVERY_CODE = """
update recovery_codes set used_at = %(now)s
 where user_id = %(user_id)s and code_hash = %(code_hash)s and used_at is null
returning user_id
"""
_KNOWN = """
select exists (select from authenticators where user_id = %(user_id)s) as authenticator,
       (select count(*) from passkeys where user_id = %(user_id)s) as passkeys,
       (select count(*) from recovery_codes where user_id = %(user_id)s and used_at is null) as recovery_codes
"""
_ADD_PASSKEY = """
insert into passkeys (user_id, credential_id, public_key, sign_count, label, created_at)
values (%(user_id)s, %(credential_id)s, %(public_key)s, %(sign_count)s, %(label)s, %(now)s)
"""
# A counter that does not rise is a copy of the key; keys that do not count say 0 each time.
_USE_PASSKEY = """
update passkeys set sign_count = %(sign_count)s, last_used_at = %(now)s
 where id = %(id)s and (sign_count < %(sign_count)s or (sign_count = 0 and %(sign_count)s = 0))
returning id
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What an account can prove itself with."""

    authenticator: bool
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        return self.authenticator or self.passkeys > 0

    @property
    def count(self) -> int:
        return int(self.authenticator) + self.passkeys


@dataclass(frozen=True, slots=True)
class Passkey:
    id: int
    credential_id: bytes
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    last_used_at: datetime | None


async def get_known(db: Connection, user_id: int) -> Known:
    async with db.cursor(row_factory=class_row(Known)) as cursor:
        await cursor.execute(_KNOWN, {"user_id": user_id})
        known = await cursor.fetchone()
    assert known is not None, "a select without a table answers a row"
    return known


async def find_sealed_secret(db: Connection, user_id: int) -> bytes | None:
    row = await (await db.execute("select sealed_secret from authenticators where user_id = %s", (user_id,))).fetchone()
    return bytes(row["sealed_secret"]) if row else None


async def keep_authenticator(db: Connection, user_id: int, sealed: bytes, *, step: int, now: datetime) -> None:
    """In the place of the one before, if there was one."""
    await db.execute(_KEEP_AUTHENTICATOR, {"user_id": user_id, "sealed": sealed, "step": step, "now": now})


async def take_step(db: Connection, user_id: int, step: int) -> bool:
    """Whether this half minute's code is still to be had; from now on it is not."""
    found = await db.execute(_TAKE_STEP, {"user_id": user_id, "step": step})
    return await found.fetchone() is not None


async def keep_recovery_codes(db: Connection, user_id: int, codes: Sequence[str], now: datetime) -> None:
    """In the place of all that there were."""
    await db.execute("delete from recovery_codes where user_id = %s", (user_id,))
    async with db.cursor() as cursor:
        await cursor.executemany(
            "insert into recovery_codes (code_hash, user_id, created_at) values (%s, %s, %s)",
            [(hash_token(code), user_id, now) for code in codes],
        )


async def use_recovery_code(db: Connection, user_id: int, code: str, now: datetime) -> bool:
    found = await db.execute(_USE_RECOVERY_CODE, {"user_id": user_id, "code_hash": hash_token(code), "now": now})
    return await found.fetchone() is not None


async def list_passkeys(db: Connection, user_id: int) -> list[Passkey]:
    async with db.cursor(row_factory=class_row(Passkey)) as cursor:
        await cursor.execute(
            "select id, credential_id, public_key, sign_count, label, created_at, last_used_at"
            "  from passkeys where user_id = %s order by id",
            (user_id,),
        )
        return await cursor.fetchall()


async def add_passkey(
    db: Connection, user_id: int, *, credential_id: bytes, public_key: bytes, sign_count: int, label: str, now: datetime
) -> None:
    await db.execute(
        _ADD_PASSKEY,
        {
            "user_id": user_id,
            "credential_id": credential_id,
            "public_key": public_key,
            "sign_count": sign_count,
            "label": label,
            "now": now,
        },
    )


async def use_passkey(db: Connection, passkey_id: int, sign_count: int, now: datetime) -> bool:
    found = await db.execute(_USE_PASSKEY, {"id": passkey_id, "sign_count": sign_count, "now": now})
    return await found.fetchone() is not None


async def remove_passkey(db: Connection, user_id: int, passkey_id: int) -> bool:
    found = await db.execute("delete from passkeys where user_id = %s and id = %s returning id", (user_id, passkey_id))
    return await found.fetchone() is not None


async def remove_authenticator(db: Connection, user_id: int) -> bool:
    found = await db.execute("delete from authenticators where user_id = %s returning user_id", (user_id,))
    return await found.fetchone() is not None


async def forget_all(db: Connection, user_id: int) -> None:
    for table in ("authenticators", "passkeys", "recovery_codes"):
        await db.execute(f"delete from {table} where user_id = %s".encode(), (user_id,))  # noqa: S608 (our own names)
