"""Two real web processes over one database, and a lock that lets all requests to them go at once."""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from tests.builders import Db

_PROCESSES = 2
# As many as a process keeps busy at once: its pool's size. What is beyond waits its turn, for two seconds at most.
_AT_ONCE = 8
_HELD_SECONDS = 1.2
_START_SECONDS = 60
_STANDING = """
select count(*) as standing from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
"""


@dataclass(frozen=True)
class Ask:
    """One request of a burst."""

    path: str
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True)
class Web:
    """The processes' addresses, and sessions of ours on their database."""

    database_url: str
    addresses: list[str]
    db: Db
    holder: Db

    async def burst(self, asks: Sequence[Ask], hold: str) -> list[httpx.Response]:
        """Sends all of them, spread over the processes, while `hold` is held; releases it once they stand still."""
        async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=len(asks))) as client:
            with self.holder.transaction():
                self.holder.execute(hold.encode())
                sent = [asyncio.create_task(self._send(client, number, ask)) for number, ask in enumerate(asks)]
                await self._until_they_stand_still(sent)
            return await asyncio.gather(*sent)

    async def _send(self, client: httpx.AsyncClient, number: int, ask: Ask) -> httpx.Response:
        address = self.addresses[number % len(self.addresses)]
        body = {} if ask.body is None else {"json": ask.body}
        return await client.request(ask.method, f"{address}/api/v1{ask.path}", headers=ask.headers, **body)

    async def _until_they_stand_still(self, sent: Sequence["asyncio.Task[httpx.Response]"]) -> None:
        wanted = min(len(sent), _PROCESSES * _AT_ONCE)
        deadline = time.monotonic() + _HELD_SECONDS
        standing = 0
        while standing + sum(one.done() for one in sent) < wanted and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
            row = self.db.execute(_STANDING).fetchone()
            standing = row["standing"] if row else 0
        assert standing or any(one.done() for one in sent), "nobody waits and nobody is done: there is no race"


@contextmanager
def two_web_processes(url: str) -> Iterator[Web]:
    """`rft serve` twice, each with one process. Ended by their process ids."""
    with ExitStack() as stack:
        sessions = [_session(stack, url) for _ in range(2)]
        addresses = [stack.enter_context(_served(url)) for _ in range(_PROCESSES)]
        for address in addresses:
            _wait_until_ready(address)
        yield Web(url, addresses, *sessions)


def _session(stack: ExitStack, url: str) -> Db:
    return stack.enter_context(psycopg.connect(url, autocommit=True, row_factory=dict_row, options="-c timezone=UTC"))


@contextmanager
def _served(url: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": url,
        "RFT_SECRET_KEY": secrets.token_urlsafe(48),
        "RFT_BASE_URL": f"http://127.0.0.1:{port}",
        "STRIPE_SECRET_KEY": "",
        "STRIPE_WEBHOOK_SECRET": "",
    }
    command = [sys.executable, "-m", "rft", "serve", "--port", str(port), "--workers", "1", "--no-jobs"]
    server = subprocess.Popen(command, env=environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{address} did not become ready")
