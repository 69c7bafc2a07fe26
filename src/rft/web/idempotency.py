"""Idempotency keys: a request sent again gets the answer it was given, in the transaction of the request's own effect."""

import hashlib
from dataclasses import dataclass

from rft.database.pool import Connection
from rft.errors import NotValid, Refusal

_LONGEST_KEY = 255
# Advisory locks of idempotency keys; the second half is taken from the key's hash.
_LOCK_CLASS = 7302


class KeyInFlight(Refusal):
    status = 409
    title = "Still working on it"
    sentence = "A request with this Idempotency-Key is being worked on. Ask again in a moment."


class KeyReused(Refusal):
    status = 422
    title = "Another request had this key"
    sentence = "This Idempotency-Key was used for a different request. Use a new key for a new request."


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that this transaction alone works on."""

    key_hash: bytes
    body_hash: bytes


async def claim(db: Connection, *, caller: str, key: str, body: bytes) -> Claim | tuple[int, bytes]:
    """The answer already given (status, body), or the claim to give it.

    `caller` says who asks and for what, so that nobody reads another's answer. Raises KeyReused for another body under the same key,
    KeyInFlight while another transaction works on it.
    """
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise NotValid("An Idempotency-Key is 1 to 255 printable ASCII characters.", code="idempotency_key_not_valid")
    mine = Claim(hashlib.sha256(f"{caller}\n{key}".encode()).digest(), hashlib.sha256(body).digest())
    lock = int.from_bytes(mine.key_hash[:4], signed=True)
    cursor = await db.execute("select pg_try_advisory_xact_lock(%s, %s) as free", (_LOCK_CLASS, lock))
    row = await cursor.fetchone()
    if row is None or not row["free"]:
        raise KeyInFlight
    # A statement of its own: its snapshot is younger than the lock.
    cursor = await db.execute(
        "select body_hash, status, answer from idempotency_keys where key_hash = %s", (mine.key_hash,)
    )
    given = await cursor.fetchone()
    if given is None:
        return mine
    if given["body_hash"] != mine.body_hash:
        raise KeyReused
    return given["status"], given["answer"]


async def keep(db: Connection, mine: Claim, status: int, answer: bytes) -> None:
    """Keeps the answer for whoever asks again (48 hours; then housekeeping forgets it)."""
    await db.execute(
        "insert into idempotency_keys (key_hash, body_hash, status, answer) values (%s, %s, %s, %s)",
        (mine.key_hash, mine.body_hash, status, answer),
    )
