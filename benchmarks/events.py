"""How many events of visits a second are taken and written in batches: `python -m benchmarks.events`."""

import asyncio
import sys
import time
from pathlib import Path

from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.stage import throwaway_server
from rft.analytics.queue import Event, EventQueue
from rft.database.pool import Database
from rft.kit.clock import utc_now

EVENTS = 20_000
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


async def measure(url: str) -> tuple[float, float]:
    """Events put into the queue a second, and written a second."""
    database = Database(url, size=2)
    await database.open()
    try:
        queue = EventQueue(database)
        queue.put(Event("page_view", "first", "/", utc_now(), user_agent=AGENT))
        await queue.flush()
        began = time.perf_counter()
        for number in range(EVENTS):
            queue.put(
                Event(
                    "page_view",
                    f"visit {number // 10}",
                    "/dates",
                    utc_now(),
                    user_agent=AGENT,
                    address="203.0.113.0/24",
                )
            )
        put = time.perf_counter()
        await queue.flush()
        written = time.perf_counter()
    finally:
        await database.close()
    return EVENTS / (put - began), EVENTS / (written - put)


def main() -> None:
    with throwaway_server() as server:
        put, written = asyncio.run(measure(server.url))
    Console().print(f"Events: {put:,.0f} a second taken, {written:,.0f} a second written")


if __name__ == "__main__":
    main()
