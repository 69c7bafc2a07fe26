"""What a test wants to go wrong with the next API requests: slow, lost, refused."""

import sqlite3
from dataclasses import dataclass

from rft.fake_stripe.refusals import Refused

ACTS = ("delay_before", "delay_after", "lose_reply", "fail_after", "answer")


@dataclass(frozen=True)
class Fault:
    """`lose_reply` does the effect and cuts the line, `fail_after` does it and says 500, `answer` does nothing."""

    act: str
    status: int = 500
    seconds: float = 0.0

    def refusal(self) -> Refused:
        if self.status == 429:
            message = (
                "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."
            )
            return Refused(message, status=429, code="rate_limit")
        message = "An unknown error occurred in the practice Stripe, as a test has asked."
        return Refused(message, status=self.status, kind="api_error")


def order(connection: sqlite3.Connection, fault: Fault, method: str, path: str, times: int) -> None:
    """The next `times` requests of this method ("*" = any) under this path get the fault; earlier orders come first."""
    if fault.act not in ACTS:
        raise Refused(f"Unknown fault: one of {', '.join(ACTS)} is meant.", param="act")
    connection.execute(
        "insert into faults (act, method, path, status, seconds, remaining) values (?, ?, ?, ?, ?, ?)",
        (fault.act, method.upper(), path, fault.status, fault.seconds, times),
    )


def take(connection: sqlite3.Connection, method: str, path: str) -> Fault | None:
    row = connection.execute(
        "update faults set remaining = remaining - 1 where position = (select position from faults"
        " where remaining > 0 and method in ('*', ?) and substr(?, 1, length(path)) = path order by position limit 1)"
        " returning act, status, seconds",
        (method, path),
    ).fetchone()
    return Fault(row["act"], row["status"], row["seconds"]) if row else None
