"""Events wait here, in memory, until a background task writes many of them in one statement: no page ever waits for it."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import psycopg
import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rft.analytics.rules import device_of
from rft.database.pool import Database
from rft.database.sql import statement
from rft.errors import Refusal

_INSERT = statement(__file__, "insert.sql")
# As many as a busy minute brings; beyond it they are dropped, and the drops are counted.
_ROOM = 20_000
_AT_ONCE = 1_000
_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Event:
    """`address` is a network already, `page` and `referrer` are without queries; `at` is UTC without zone."""

    type: str
    session: str
    page: str
    at: datetime
    referrer: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    address: str | None = None
    user_agent: str = ""
    user_id: int | None = None


class EventQueue(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Event] = deque()
        self.written = self.dropped = 0

    def put(self, event: Event) -> None:
        """Never waits and never fails."""
        if len(self._waiting) >= _ROOM:
            self.dropped += 1
            return
        self._waiting.append(event)

    async def flush(self) -> None:
        """Writes what waits. What the database does not take is dropped: it is not worth a page's time."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            try:
                # The first reading of a browser's name takes a second; the pages go on meanwhile.
                values = await asyncio.to_thread(_columns, batch)
                async with self._database.connection() as db:
                    await db.execute(_INSERT, values)
                self.written += len(values["types"])
            except (Refusal, psycopg.Error) as failure:
                self.dropped += len(batch)
                structlog.get_logger().warning("events_dropped", count=len(batch), cause=type(failure).__name__)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Writes every second meanwhile, and what is left on leaving."""
        task = asyncio.create_task(self._flush_for_ever(), name="events")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            await self.flush()

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await self.flush()

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "rft_events_waiting", "Events of visits that are not written yet.", value=len(self._waiting)
        )
        yield CounterMetricFamily("rft_events_written", "Events of visits that were written.", value=self.written)
        yield CounterMetricFamily("rft_events_dropped", "Events of visits that were given up.", value=self.dropped)


def _columns(batch: list[Event]) -> dict[str, list[object]]:
    """The events of people, column by column: what robots do is not kept."""
    told = [(event, *_known(event.user_agent)) for event in batch]
    kept = [(event, device, browser) for event, device, browser in told if device != "bot"]
    return {
        "types": [event.type for event, _, _ in kept],
        "users": [event.user_id for event, _, _ in kept],
        "sessions": [event.session for event, _, _ in kept],
        "pages": [event.page for event, _, _ in kept],
        "referrers": [event.referrer for event, _, _ in kept],
        "data": [json.dumps(dict(event.data)) for event, _, _ in kept],
        "addresses": [event.address for event, _, _ in kept],
        "agents": [event.user_agent for event, _, _ in kept],
        "devices": [device for _, device, _ in kept],
        "browsers": [browser for _, _, browser in kept],
        "times": [event.at for event, _, _ in kept],
    }


@lru_cache(maxsize=2048)
def _known(user_agent: str) -> tuple[str, str]:
    """Device and browser."""
    # Its patterns are large: a process that nobody agreed to be counted in does without.
    from ua_parser import parse

    found = parse(user_agent)
    family = found.device.family if found.device else ""
    return device_of(user_agent, family), (found.user_agent.family if found.user_agent else "Other")[:50]
