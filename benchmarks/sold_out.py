"""The sold-out storm: 200 buyers over four web processes for 12 seats, round after round, with the audit watching."""

import argparse
import asyncio
import json
import time
from typing import Any

import psycopg
from psycopg.rows import dict_row

from benchmarks.load import fire, post
from benchmarks.stage import throwaway_server, web_processes
from rft.database.audit import run_audit
from rft.database.seeds.catalogue import seed_catalogue

_BUYERS, _SEATS, _PROCESSES = 200, 12, 4


def storm(rounds: int) -> dict[str, Any]:
    """Each round opens a date, lets everybody try at once and counts. Raises SystemExit where it is not exactly twelve."""
    with throwaway_server() as server, psycopg.connect(server.url, autocommit=True, row_factory=dict_row) as db:
        seed_catalogue(db)
        with web_processes(server.url, workers=_PROCESSES) as port:
            outcome = asyncio.run(_rounds(server.url, port, db, rounds))
    return outcome


async def _rounds(url: str, port: int, db: psycopg.Connection[Any], rounds: int) -> dict[str, Any]:
    attempts, took, audits, busy = 0, 0.0, 0, 0
    for turn in range(rounds):
        schedule = _open_date(db, turn)
        watching = asyncio.create_task(run_audit(url)) if turn % 10 == 0 else None
        tally = await fire(port, _BUYERS, _request(schedule), each=1)
        attempts, took = attempts + _BUYERS, took + tally.took
        row = db.execute(
            "select current_capacity as counted, (select count(*) from bookings where course_schedule_id = %(id)s) as booked"
            " from course_schedules where id = %(id)s",
            {"id": schedule},
        ).fetchone()
        # 503: too many at once for this machine; nothing was done, and whoever comes again is answered.
        busy += tally.statuses.get(503, 0)
        refused = tally.statuses.get(409, 0) + tally.statuses.get(503, 0)
        if (tally.statuses.get(201), refused) != (_SEATS, _BUYERS - _SEATS) or row != {
            "counted": _SEATS,
            "booked": _SEATS,
        }:
            raise SystemExit(f"Round {turn}: {tally.statuses}, {row}")
        if watching is not None:
            broken = [f"{finding.id} {finding.title}" for finding in await watching if finding.count]
            audits += 1
            if broken:
                raise SystemExit(f"Round {turn}: {broken}")
    return {
        "work": f"{_BUYERS} buyers, {_PROCESSES} processes, {_SEATS} seats", "rounds": rounds, "sold_each_round": _SEATS,
        "attempts_per_s": round(attempts / took), "audits_silent": audits, "answered_busy": busy, "at": time.strftime("%Y-%m-%d"),
    }  # fmt: skip


def _open_date(db: psycopg.Connection[Any], turn: int) -> int:
    row = db.execute(
        """
        insert into course_schedules (course_id, venue_id, start_datetime, end_datetime, status)
        values (1, 1, localtimestamp + %(turn)s * interval '1 day' + interval '2 days',
                localtimestamp + %(turn)s * interval '1 day' + interval '2 days 7 hours', 'published') returning id
        """,
        {"turn": turn},
    ).fetchone()
    return int(row["id"])


def _request(schedule: int) -> Any:
    def request(client: int, turn: int) -> bytes:
        who = {"email": f"buyer.{schedule}.{client}@people.example", "first_name": "Buyer", "last_name": str(client)}
        body = {"schedule_id": schedule, "seats": 1, "booker": who, "payment_method": "card", "terms_version": "1"}
        return post("/api/v1/orders", json.dumps(body).encode())

    return request


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    print(json.dumps(storm(parser.parse_args().rounds), indent=2))


if __name__ == "__main__":
    main()
