"""Placing an order of one seat over HTTP, all rules on, beside pgbench: spread over 500 dates, and on one hot date."""

import asyncio
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.load import fire, post
from benchmarks.pgbench import order_script, transactions_per_second
from benchmarks.stage import spread_schedules, throwaway_server, web_processes

_ROUNDS, _SECONDS = 3, 6


def measure(rounds: int = _ROUNDS, seconds: int = _SECONDS) -> list[dict[str, Any]]:
    """Interleaved rounds; each row has both medians and their ratio."""
    rows = []
    with throwaway_server() as server, tempfile.TemporaryDirectory() as folder:
        first, hot = spread_schedules(server.url)
        with web_processes(server.url, workers=2) as port:
            _warm_up(port, first, hot)
            for name, low, high in (("spread over 500 dates", first, hot - 1), ("one hot date", hot, hot)):
                script = Path(folder) / "order.sql"
                script.write_text(order_script(low, high))
                rows += [
                    _compare(server, port, script, name, (low, high), clients, rounds, seconds) for clients in (8, 32)
                ]
    return rows


def _compare(
    server: Any, port: int, script: Path, name: str, dates: tuple[int, int], clients: int, rounds: int, seconds: int
) -> dict[str, Any]:
    limit, ours, slow = [], [], []
    for turn in range(rounds):
        limit.append(transactions_per_second(server.binaries, server.url, script, clients=clients, seconds=seconds))
        tally = asyncio.run(fire(port, clients, _request(dates, f"{clients}.{turn}"), seconds=seconds))
        if set(tally.statuses) != {201}:
            raise SystemExit(f"Orders were refused: {tally.statuses}")
        ours.append(tally.per_second)
        slow.append(tally.percentile(0.99) * 1000)
    return {
        "work": f"order, {name}", "clients": clients, "pgbench_per_s": round(statistics.median(limit)),
        "rft_per_s": round(statistics.median(ours)), "ratio": round(statistics.median(map(_ratio, ours, limit)), 2),
        "p99_ms": round(statistics.median(slow), 1),
    }  # fmt: skip


def _ratio(ours: float, limit: float) -> float:
    return ours / limit


def _request(dates: tuple[int, int], tag: str) -> Any:
    first, last = dates

    def request(client: int, turn: int) -> bytes:
        schedule = first + (client * 7919 + turn * 104729) % (last - first + 1)
        who = {
            "email": f"b{tag}.{dates[0]}.{client}.{turn}@people.example",
            "first_name": "Amina",
            "last_name": "Yusuf",
        }
        attendee = {"first_name": "Amina", "last_name": "Yusuf"}
        body = {
            "schedule_id": schedule, "seats": 1, "booker": who, "attendees": [attendee], "payment_method": "card", "terms_version": "1"
        }  # fmt: skip
        return post("/api/v1/orders", json.dumps(body).encode())

    return request


def _warm_up(port: int, first: int, hot: int) -> None:
    asyncio.run(fire(port, 16, _request((first, hot), "warm"), seconds=2))
