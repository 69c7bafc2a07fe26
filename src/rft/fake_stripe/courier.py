"""Carries events to the webhook: signed as Stripe signs, tried again with growing pauses, kept until they arrive."""

import asyncio
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import httpx

from rft.fake_stripe.books import shown
from rft.fake_stripe.ledger import Ledger

BACKOFF_SECONDS = (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 3600, 10800, 10800, 21600, 43200)
TIMEOUT_SECONDS = 10.0
# If the process dies while a delivery is on its way, another attempt is made after this long.
LEASE_SECONDS = 15.0
TICK_SECONDS = 0.25
AT_ONCE = 8


@dataclass(frozen=True)
class Parcel:
    position: int
    event_id: str
    attempts: int


def signature(payload: str, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` header for a body sent at this time."""
    digest = hmac.new(secret.encode(), f"{timestamp}.{payload}".encode(), hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Courier:
    """One a process; several share the post of one ledger without delivering twice."""

    def __init__(self, ledger: Ledger, secret: str, backoff: Sequence[float] = BACKOFF_SECONDS) -> None:
        self._ledger = ledger
        self._secret = secret
        self._backoff = backoff
        self._wake = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Delivers until cancelled, and keeps the ledger's clock."""
        loop = asyncio.get_running_loop()
        self._ledger.after_post = partial(loop.call_soon_threadsafe, self._wake.set)
        try:
            async with self._client() as client:
                while True:
                    # Another process may hold the file for too long; the next round tries again.
                    with suppress(sqlite3.OperationalError):
                        await self._round(client)
        finally:
            self._ledger.after_post = lambda: None
            for task in self._under_way:
                task.cancel()

    async def _round(self, client: httpx.AsyncClient) -> None:
        self._ledger.tick()
        for parcel in self._claim(AT_ONCE - len(self._under_way)):
            task = asyncio.create_task(self._carry(client, parcel))
            self._under_way.add(task)
            task.add_done_callback(self._put_down)
        self._wake.clear()
        try:
            async with asyncio.timeout(TICK_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            return

    def _put_down(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._wake.set()

    def _client(self) -> httpx.AsyncClient:
        # A proxy from the environment would be asked to reach our own loopback address.
        return httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)

    def _claim(self, most: int) -> list[Parcel]:
        with self._ledger.books() as books:
            if most <= 0 or books.setting("paused", default=False):
                return []
            rows = books.connection.execute(
                "update deliveries set due = ? where position in (select position from deliveries"
                " where state = 'pending' and due <= ? order by due, position limit ?)"
                " returning position, event_id, attempts",
                (books.now + LEASE_SECONDS, books.now, most),
            ).fetchall()
        return sorted((Parcel(*row) for row in rows), key=lambda parcel: parcel.position)

    async def _carry(self, client: httpx.AsyncClient, parcel: Parcel) -> None:
        answer = await self._post(client, parcel.event_id)
        with self._ledger.books() as books:
            if answer.startswith("2"):
                state, due = "delivered", books.now
            elif parcel.attempts < len(self._backoff):
                state, due = "pending", books.now + self._backoff[parcel.attempts]
            else:
                state, due = "failed", books.now
            books.connection.execute(
                "update deliveries set state = ?, due = ?, attempts = attempts + 1, answer = ? where position = ?",
                (state, due, answer, parcel.position),
            )

    async def _post(self, client: httpx.AsyncClient, event_id: str) -> str:
        """The status the webhook answered, or the name of what went wrong."""
        with self._ledger.books() as books:
            url, event = books.setting("webhook_url"), books.find(event_id)
        if url is None or event is None:
            return "nothing to deliver, or nowhere"
        payload = json.dumps(shown(event), indent=2)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(payload, self._secret, int(time.time())),
        }
        try:
            response = await client.post(url, content=payload, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        return str(response.status_code)

    async def deliver(self, events: list[str], *, at_once: bool = False) -> list[str]:
        """Delivers these events now, in this order or all together, paused or not; answers what the webhook said."""
        async with self._client() as client:
            if at_once:
                answers = list(await asyncio.gather(*(self._post(client, event) for event in events)))
            else:
                answers = [await self._post(client, event) for event in events]
        arrived = [(event,) for event, answer in zip(events, answers, strict=True) if answer.startswith("2")]
        with self._ledger.books() as books:
            books.connection.executemany(
                "update deliveries set state = 'delivered', attempts = attempts + 1, answer = '200'"
                " where event_id = ? and state = 'pending'",
                arrived,
            )
        return answers

    async def wait_until_quiet(self, seconds: float = 30.0) -> bool:
        """Whether, within this time, everything in the post arrived (or was dropped, or given up)."""
        try:
            async with asyncio.timeout(seconds):
                while self._waiting():  # noqa: ASYNC110 - another process may be the one that delivers
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return False
        return True

    def _waiting(self) -> int:
        with self._ledger.books() as books:
            row = books.connection.execute("select count(*) from deliveries where state = 'pending'").fetchone()
        return int(row[0])
