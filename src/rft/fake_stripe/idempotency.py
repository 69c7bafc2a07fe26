"""Idempotency keys as Stripe keeps them: the first answer is stored for a day, and a key fits one request only."""

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import Any

from rft.fake_stripe.refusals import Refused

KEPT_SECONDS = 24 * 60 * 60
# A request still without an answer after this long died with its process; its key may be used again.
ABANDONED_SECONDS = 90
LONGEST_KEY = 255


@dataclass(frozen=True)
class Kept:
    status: int
    body: str


def fingerprint(parameters: dict[str, Any]) -> str:
    return hashlib.sha256(repr(canonical(parameters)).encode()).hexdigest()


def canonical(value: Any) -> Any:
    return sorted((name, canonical(inner)) for name, inner in value.items()) if isinstance(value, dict) else value


def begin(
    connection: sqlite3.Connection, now: float, key: str, endpoint: str, parameters: dict[str, Any]
) -> Kept | None:
    """The stored answer, or None after taking the key for this request; refuses a key that is busy or was another's."""
    if len(key) > LONGEST_KEY:
        raise Refused(f"Idempotency keys can be at most {LONGEST_KEY} characters long.", kind="idempotency_error")
    connection.execute(
        "delete from idempotency_keys where key = ? and (started <= ? or (status is null and started <= ?))",
        (key, now - KEPT_SECONDS, now - ABANDONED_SECONDS),
    )
    row = connection.execute("select * from idempotency_keys where key = ?", (key,)).fetchone()
    if row is None:
        connection.execute(
            "insert into idempotency_keys (key, endpoint, fingerprint, started) values (?, ?, ?, ?)",
            (key, endpoint, fingerprint(parameters), now),
        )
        return None
    if row["endpoint"] != endpoint:
        message = (
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{endpoint}' vs '{row['endpoint']}'). "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise Refused(message, kind="idempotency_error")
    if row["fingerprint"] != fingerprint(parameters):
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise Refused(message, kind="idempotency_error")
    if row["status"] is None:
        message = (
            "There is currently another in-progress request using this Idempotent Key (that probably means you "
            f"submitted twice, and the other request is still going through): {key}. Please try again later."
        )
        raise Refused(message, status=409, kind="idempotency_error", code="idempotency_key_in_use")
    return Kept(row["status"], row["body"])


def keep(connection: sqlite3.Connection, key: str, status: int, body: str) -> None:
    connection.execute("update idempotency_keys set status = ?, body = ? where key = ?", (status, body, key))


def release(connection: sqlite3.Connection, key: str) -> None:
    """Forgets a request that was refused before it began, so that its key may be used again."""
    connection.execute("delete from idempotency_keys where key = ? and status is null", (key,))
