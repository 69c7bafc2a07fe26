"""kill -9 of web, worker and database at every step of a payment and of a refund: how long until all is right again, unattended."""

import argparse
import asyncio
import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.cuts import CUTS, Cut, Scene, Victim
from benchmarks.plant import Plant, running_plant
from rft.database.audit import run_audit

_RESULTS = Path(__file__).parent / "results"
_PATIENCE_SECONDS = 600.0
_STANDS_WITHIN = 120.0
_numbers = count(1)
_STATE = """
select (select array_agg(distinct booking.status || ', ' || booking.payment_status)
          from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
         where seat.order_id = placed.id) as seats,
       placed.total,
       (select coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0) from order_bookings as seat
          join payment_transactions as entry on entry.booking_id = seat.booking_id where seat.order_id = placed.id) as received,
       (select coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0) from order_bookings as seat
          join payment_transactions as entry on entry.booking_id = seat.booking_id where seat.order_id = placed.id) as returned,
       (select count(*) from webhook_events where settled_at is null) as unsettled,
       (select count(*) from jobs.procrastinate_jobs where status in ('todo', 'doing', 'failed') and queueing_lock is null
           and (task_name like 'payments.%%' or task_name like 'notifications.%%')
           and task_name not in ('payments.fetch_lost_news', 'payments.expire_holds', 'notifications.deliver_waiting')) as jobs,
       (select count(*) from outbox_mails where state <> 'sent') as mails_waiting
  from orders as placed where placed.reference = %(order)s
"""


@dataclass(frozen=True)
class Bought:
    """An order placed over the API, and the token that opens it."""

    reference: str
    token: str

    def pay_page(self, plant: Plant) -> str | None:
        """Stripe's id of the page that the customer is led to; None where we could not lead there this time."""
        with plant.http() as http, suppress(httpx.TransportError):
            answer = http.get(f"/orders/{self.reference}/pay", params={"access_token": self.token})
            location = answer.headers.get("location", "")
            return location.rsplit("/", 1)[1] if "/pay/cs_" in location else None
        return None


def buy(plant: Plant, schedule_id: int, *, seats: int = 2) -> Bought:
    body = {
        "schedule_id": schedule_id,
        "seats": seats,
        "booker": {"email": f"amina{next(_numbers)}@people.example", "first_name": "Amina", "last_name": "Khan"},
        "payment_method": "card",
        "terms_version": "1",
    }
    # The web process may still be looking for the database that was killed before.
    until = time.monotonic() + _STANDS_WITHIN
    while True:
        with plant.http() as http:
            answer = http.post("/api/v1/orders", json=body)
        if answer.status_code != 503 or time.monotonic() > until:
            break
        time.sleep(1)
    assert answer.status_code == 201, answer.text
    return Bought(answer.json()["reference"], answer.json()["access_token"])


def open_date(plant: Plant) -> int:
    """A date with two seats, in a room of its own."""
    [row] = plant.ask(
        """
        with room as (insert into venues (name, address_line1, city, postcode, capacity)
                      values ('Room', '1 High Street', 'Leeds', 'LS1 1AA', 2) returning id)
        insert into course_schedules (course_id, venue_id, start_datetime, end_datetime, status)
        select (select min(id) from courses where price = 100), room.id,
               localtimestamp + interval '60 days', localtimestamp + interval '60 days 7 hours', 'published' from room
        returning id
        """
    )
    return int(row["id"])


class Story:
    """How the product is led to a cut, and what must be true in the end."""

    def __init__(self, plant: Plant, kind: str) -> None:
        self.plant, self.kind = plant, kind
        schedule_id = open_date(plant)
        self.order = buy(plant, schedule_id)
        self._page = None
        if kind != "page":
            plant.wait(self._opens, _STANDS_WITHIN, "a page to pay on")
        if kind == "refund":
            # Given up while the page is open, and sold to somebody else: whoever pays now is given the money back.
            plant.ask("update bookings set status = 'cancelled' where course_schedule_id = %(id)s", {"id": schedule_id})
            buy(plant, schedule_id)

    def begin(self) -> None:
        """The customer's click; a page that does not open is asked for again, as people do."""
        if self._page is not None:
            self.plant.ledger.pay(self._page)
            return
        threading.Thread(target=self._insist, daemon=True).start()

    def _opens(self) -> bool:
        self._page = self._page or self.order.pay_page(self.plant)
        return self._page is not None

    def _insist(self) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not self._opens() and time.monotonic() < until:
            time.sleep(0.5)
        if self._page is not None:
            self.plant.ledger.pay(self._page)

    def is_right(self) -> bool:
        [state] = self.plant.ask(_STATE, {"order": self.order.reference})
        sums = self._stripe_says()
        done = not (state["unsettled"] or state["jobs"] or state["mails_waiting"])
        if self.kind == "refund":
            seats, returned = ["cancelled, refunded"], state["total"]
        else:
            seats, returned = ["confirmed, paid"], 0
        ours = (state["received"], state["returned"])
        return done and state["seats"] == seats and ours == (state["total"], returned) == sums

    def _stripe_says(self) -> tuple[float, float]:
        charges = [
            charge
            for charge in self.plant.ledger.objects("charge")
            if charge["metadata"].get("order") == self.order.reference
        ]
        return sum(one["amount"] for one in charges) / 100, sum(one["amount_refunded"] for one in charges) / 100

    def state(self) -> object:
        return self.plant.ask(_STATE, {"order": self.order.reference}), self._stripe_says()


def kill_at(plant: Plant, cut: Cut, victim: Victim, *, hurry: bool = False) -> float:
    """Leads the product to the cut, kills, and answers how many seconds it took until everything was right again.

    `hurry` makes a dead worker's silence a minute old at once, and runs what runs every minute now; a test has no minutes to wait.
    """
    plant.wait(plant.is_ready, _STANDS_WITHIN, "the web process, killed before")
    story = Story(plant, cut.story)
    scene = Scene(plant, story.order.reference)
    with ExitStack() as last:
        for turn, point in enumerate(cut.points):
            held = ExitStack()
            is_there = held.enter_context(point(scene))
            if turn == 0:
                story.begin()
            last.close()
            last.push(held.pop_all())
            plant.wait(is_there, _STANDS_WITHIN, f"somebody at: {cut.name}")
        died = time.monotonic()
        plant.kill(victim)
    if hurry:
        _no_minutes_to_wait(plant)
    try:
        plant.wait(story.is_right, _PATIENCE_SECONDS, f"{victim} killed when {cut.name}")
    except AssertionError as late:
        raise AssertionError(f"{late}: {story.state()}") from late
    return time.monotonic() - died


def _no_minutes_to_wait(plant: Plant) -> None:
    plant.ask("update jobs.procrastinate_workers set last_heartbeat = last_heartbeat - interval '2 minutes'")
    plant.ask("update webhook_events set received_at = received_at - interval '3 minutes'")
    for task in ("operations.take_up_stalled_jobs", "payments.fetch_lost_news", "notifications.deliver_waiting"):
        plant.ask(
            "insert into jobs.procrastinate_jobs (queue_name, task_name, args) values ('default', %(task)s, '{}')",
            {"task": task},
        )
    plant.ask("update jobs.procrastinate_jobs set scheduled_at = null where status = 'todo'")


@contextmanager
def audited(plant: Plant) -> Iterator[None]:
    """In the end no invariant is broken, and no two mails say the same under different names."""
    yield
    broken = [finding for finding in asyncio.run(run_audit(plant.url)) if finding.count]
    assert not broken, broken
    [sent] = plant.ask("select count(*) from outbox_mails where state = 'sent'")
    assert len(set(plant.mails.ids)) == sent["count"], plant.mails.ids


def _lane(deaths: Sequence[tuple[str, Victim]]) -> list[dict[str, object]]:
    """Some deaths in one plant, one after the other; `wrong` is empty where all came right."""
    rows: list[dict[str, object]] = []
    cuts = {cut.name: cut for cut in CUTS}
    with running_plant() as plant, audited(plant):
        for name, victim in deaths:
            cut = cuts[name]
            row: dict[str, object] = {"story": cut.story, "cut": cut.name, "victim": victim, "seconds": "", "wrong": ""}
            try:
                row["seconds"] = round(kill_at(plant, cut, victim), 1)
            except AssertionError as wrong:
                row["wrong"] = str(wrong)
            rows.append(row)
            print(row, flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--at-once", type=int, default=4, help="how many plants run beside each other")
    parser.add_argument("--only", default="", help="cuts whose name contains this")
    parser.add_argument("--keep", action="store_true", help="write the figures to benchmarks/results/kills.json")
    chosen = parser.parse_args()
    deaths = [(cut.name, victim) for cut in CUTS if chosen.only in cut.name for victim in cut.victims]
    console = Console()
    with ProcessPoolExecutor(chosen.at_once, mp_context=get_context("spawn")) as pool:
        lanes = [pool.submit(_lane, deaths[lane :: chosen.at_once]) for lane in range(chosen.at_once)]
        rows = [row for lane in lanes for row in lane.result()]
    failed = [row for row in rows if row["wrong"]]
    table = Table(title="Killed, and right again after")
    for column in ("story", "cut", "victim", "seconds", "wrong"):
        table.add_column(column, justify="right" if column == "seconds" else "left")
    for row in rows:
        table.add_row(*map(str, row.values()))
    console.print(table)
    longest = max((float(str(row["seconds"])) for row in rows if row["seconds"]), default=0.0)
    console.print(f"{len(rows) - len(failed)} of {len(deaths)} came right; the longest took {longest} s")
    if chosen.keep:
        _RESULTS.mkdir(exist_ok=True)
        kept = {"on": time.strftime("%Y-%m-%d"), "longest_s": longest, "rows": rows}
        (_RESULTS / "kills.json").write_text(json.dumps(kept, indent=2) + "\n")
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
