"""Idempotency keys: a request sent again gets the answer it was given, in the transaction of the request's own effect."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from fastapi import Request
from starlette.responses import Response

from rft.database.pool import Connection, Database
from rft.errors import NotValid, Refusal
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other

# Of a form; said on the page that shows what became of it.
SENT_BEFORE = "This form was sent before. It counts once."
_SENT_WITH_SOMETHING_ELSE = (
    "This form was sent before, with something else in it, and that counts. Send it once more if this is wanted too."
)
T = TypeVar("T")
_LONGEST_KEY = 255
_encode = msgspec.json.Encoder().encode
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
    """A key that this transaction alone works on. `seal` is made of the key itself, of which the database has only a hash."""

    key_hash: bytes
    body_hash: bytes
    seal: bytes


async def claim(db: Connection, *, caller: str, key: str, body: bytes) -> Claim | tuple[int, bytes]:
    """The answer already given (status, body), or the claim to give it.

    `caller` says who asks and for what, so that nobody reads another's answer. Raises KeyReused for another body under the same key,
    KeyInFlight while another transaction works on it.
    """
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise NotValid("An Idempotency-Key is 1 to 255 printable ASCII characters.", code="idempotency_key_not_valid")
    secret = f"{caller}\n{key}".encode()
    mine = Claim(hashlib.sha256(secret).digest(), hashlib.sha256(body).digest(), b"answer\n" + secret)
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
    return given["status"], _sealed(given["answer"], mine)


async def keep(db: Connection, mine: Claim, status: int, answer: bytes) -> None:
    """Keeps the answer for whoever asks again with the key (48 hours; then housekeeping forgets it).

    An answer may hold a secret, such as an order's access token: it is kept sealed, and opened by the key alone.
    """
    await db.execute(
        "insert into idempotency_keys (key_hash, body_hash, status, answer) values (%s, %s, %s, %s)",
        (mine.key_hash, mine.body_hash, status, _sealed(answer, mine)),
    )


async def answer_once(
    database: Database,
    request: Request,
    caller: str,
    work: Callable[[Connection], Awaitable[Any]],
    *,
    status: int = 201,
) -> Response:
    """Runs the work in a transaction and answers `status` with what it gives; with an Idempotency-Key, once."""
    key = request.headers.get("idempotency-key")
    body = await request.body()

    async def run(db: Connection) -> tuple[int, bytes]:
        if key is None:
            return status, _encode(await work(db))
        mine = await claim(db, caller=f"{caller} {request.url.path}", key=key, body=body)
        if not isinstance(mine, Claim):
            return mine
        answer = _encode(await work(db))
        await keep(db, mine, status, answer)
        return status, answer

    answered, answer = await database.run(run)
    return Response(answer, answered, media_type="application/json")


async def form_once(
    db: Connection, caller: str, key: str, typed: Mapping[str, str], work: Callable[[Connection], Awaitable[T]]
) -> T | None:
    """What the work gives; None where this very form was sent before, or is being worked on at this moment: it counts once.

    `key` was made when the form was drawn; where there is none the work is simply done. Raises KeyReused where something else was typed
    since.
    """
    if not key:
        return await work(db)
    try:
        mine = await claim(db, caller=caller, key=key, body=_encode(typed))
    except KeyInFlight:
        return None
    except KeyReused as cause:
        raise KeyReused(_SENT_WITH_SOMETHING_ELSE) from cause
    if not isinstance(mine, Claim):
        return None
    done = await work(db)
    await keep(db, mine, 303, b"")
    return done


def sent_before(request: Request, path: str) -> Response:
    """For a form that adds something and was sent twice: back to the list, where what it added is."""
    response = see_other(path)
    flash(request, response, "info", SENT_BEFORE)
    return response


def _sealed(answer: bytes, mine: Claim) -> bytes:
    """The answer under a pad that is used for it alone; the same again opens it."""
    pad = hashlib.shake_256(mine.seal).digest(len(answer))
    return bytes(one ^ other for one, other in zip(answer, pad, strict=True))
