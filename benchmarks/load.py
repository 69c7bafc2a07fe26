"""A small HTTP/1.1 load generator: keep-alive connections, one request after another on each, answers read to their end."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What came back: how often each status, and how long each answer took (seconds)."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    took: float = 0.0

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.took if self.took else 0.0

    def percentile(self, share: float) -> float:
        ranked = sorted(self.seconds)
        return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else 0.0


async def fire(
    port: int,
    clients: int,
    request: Callable[[int, int], bytes],
    *,
    seconds: float | None = None,
    each: int | None = None,
) -> Tally:
    """Runs so many clients for so long, or until each has sent so many. `request(client, turn)` gives the whole request in bytes."""
    tally = Tally()
    ready = asyncio.Barrier(clients)

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await ready.wait()
        until = time.perf_counter() + seconds if seconds is not None else float("inf")
        turn = 0
        while time.perf_counter() < until and (each is None or turn < each):
            began = time.perf_counter()
            writer.write(request(number, turn))
            status, keeps = await _answer(reader)
            tally.seconds.append(time.perf_counter() - began)
            tally.statuses[status] = tally.statuses.get(status, 0) + 1
            turn += 1
            if not keeps:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(clients)))
    tally.took = time.perf_counter() - began
    return tally


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    return int(head[9:12]), b"connection: close" not in head


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
