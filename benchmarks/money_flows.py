"""Random lives of orders over a bad line to Stripe: in the end both books say the same, and nobody has paid for nothing."""

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.flows import HOLD_MINUTES, Flow
from benchmarks.six_events import ALL_ORDERS, STORIES, WAYS, ending, tell
from benchmarks.stage import throwaway_server
from benchmarks.till import Till, open_till
from rft import jobs
from rft.audit.service import Actor
from rft.errors import Busy
from rft.kit.clock import utc_now
from rft.payments.jobs import expire_due_holds, fetch_lost_news

_RESULTS = Path(__file__).parent / "results"
_AT_ONCE, _JOBS_AT_ONCE = 40, 6
_SEATS = 12
_DATES = 8
_AUDIT_EVERY = 10
# So often is what is left undone taken up again before it is a fault of ours.
_TURNS = 30
# What only a webhook tells is never lost for good: Stripe tries for three days. The rest may be.
_MAY_BE_LOST = ("checkout.session.", "payment_intent.")
# `waiting`: what the office has been told to give back by hand, or what a bank has sent back. `given`: on top of what a seat costs, or
# lost to a bank. `fee`: what the policy keeps of a place that its customer gave up, so long before the course.
_SEATS_AND_MONEY = """
select placed.reference, booking.booking_reference, booking.status, booking.payment_status, booking.payment_amount,
       ledger.received - ledger.returned as kept, refunds.waiting, refunds.given,
       case when cancelled.cause = 'customer' and cancelled.policy_refund > 0 then 10.00 else 0.00 end as fee
  from orders as placed
  join order_bookings as seat on seat.order_id = placed.id
  join bookings as booking on booking.id = seat.booking_id
  join lateral (select coalesce(sum(amount) filter (where status = 'succeeded'), 0.00) as received,
                       coalesce(sum(amount) filter (where status = 'refunded'), 0.00) as returned
                  from payment_transactions where booking_id = booking.id) as ledger on true
  join lateral (select coalesce(sum(amount) filter (where state = 'failed' or state = 'due' and method <> 'card'), 0.00) as waiting,
                       coalesce(sum(amount) filter (where reason in ('goodwill', 'dispute') and state <> 'withdrawn'), 0.00) as given
                  from refunds where booking_id = booking.id) as refunds on true
  left join booking_cancellations as cancelled on cancelled.booking_id = booking.id
 where placed.reference = any (%s)
"""


@dataclass
class World:
    """Rounds of flows at one till. `wrong` says what must not be; it stays empty."""

    till: Till
    seed: int
    office: Actor
    done: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    async def round(self, numbers: Sequence[int]) -> None:
        """Some flows at once: what they do while seats are held, what comes after the hold, and then quiet."""
        dice = random.Random(f"{self.seed}/{numbers[0]}")
        dates = [self.till.open_date(_SEATS) for _ in range(_DATES)]
        flows = [
            Flow(
                self.till,
                random.Random(f"{self.seed}/flow/{number}"),
                dice.choice(dates),
                dates,
                self.office,
                self.done,
            )
            for number in numbers
        ]
        await self._meanwhile(dice, [flow.begin() for flow in flows])
        placed = [flow for flow in flows if flow.order is not None]
        await self.till.later(*(flow.reference for flow in placed), minutes=HOLD_MINUTES + 1)
        await self._meanwhile(dice, [*(flow.afterwards() for flow in placed), self._expire()])
        await self._become_quiet(dice, placed)
        self._require_true_books(placed)
        self._require_seat_or_money(placed)
        self.till.db.execute("delete from procrastinate_jobs where status = 'todo' and task_name not like 'payments.%'")

    async def _meanwhile(self, dice: random.Random, lives: Sequence[Awaitable[None]]) -> None:
        """The post is carried and jobs run as long as anybody lives; both are out of order, and the post is also lost."""
        over = asyncio.Event()
        work = asyncio.create_task(self._work_until(over, dice))
        await asyncio.gather(*lives)
        over.set()
        await work

    async def _work_until(self, over: asyncio.Event, dice: random.Random) -> None:
        while not over.is_set():
            await asyncio.sleep(0.02)
            await self._deliver(dice, lossy=True)
            await self._run_jobs(dice)

    async def _deliver(self, dice: random.Random, *, lossy: bool) -> int:
        post = self.till.ledger.collect_post(lambda _: not lossy or dice.random() < 0.6)
        dice.shuffle(post)
        for event in post:
            if lossy and event["type"].startswith(_MAY_BE_LOST) and dice.random() < 0.1:
                self.done["news lost"] += 1
                continue
            for _ in range(2 if dice.random() < 0.15 else 1):
                await self._hand_over(event)
        return len(post)

    async def _hand_over(self, event: dict[str, Any]) -> None:
        """To a product that is too busy Stripe comes again, as long as it takes."""
        while True:
            try:
                return await self.till.hear_signed(event)
            except Busy:
                self.done["news told again"] += 1
                await asyncio.sleep(0.2)

    async def _run_jobs(self, dice: random.Random) -> int:
        waiting = self.till.waiting()
        dice.shuffle(waiting)
        for first in range(0, len(waiting), _JOBS_AT_ONCE):
            some = waiting[first : first + _JOBS_AT_ONCE]
            ended = await asyncio.gather(*(self.till.run_job(job) for job in some))
            self.done["jobs that failed and were run again"] += ended.count(False)
        return len(waiting)

    async def _expire(self) -> None:
        await asyncio.sleep(0.05)
        await expire_due_holds(self.till.database, self.till.gateway, now=utc_now(), hold_minutes=HOLD_MINUTES)

    async def _become_quiet(self, dice: random.Random, flows: Sequence[Flow]) -> None:
        """The line is good again, the bank makes up its mind, and nobody does anything any more but what runs by itself."""
        self.till.ledger.clear_faults()
        context = jobs.Context(self.till.database, self.till.settings)
        references = [flow.reference for flow in flows]
        for _ in range(_TURNS):
            self.till.ledger.tick(hurry=True)
            moved = await self._deliver(dice, lossy=False) + await self._run_jobs(dice)
            if not moved and not self._undone(references):
                return
            await self.till.later(*references, minutes=3)
            self.till.db.execute(
                "update webhook_events set received_at = received_at - interval '3 minutes' where settled_at is null"
            )
            await fetch_lost_news(context)
            now = utc_now() + timedelta(minutes=HOLD_MINUTES)
            await expire_due_holds(self.till.database, self.till.gateway, now=now, hold_minutes=HOLD_MINUTES)
        self.wrong.append(f"{self._undone(references)} orders or events are never done, or a job fails for ever")

    def _undone(self, references: list[str]) -> int:
        row = self.till.db.execute(
            """
            select (select count(*) from webhook_events where settled_at is null)
                 + (select count(*) from refunds where state = 'sent' or state = 'due' and method = 'card')
                 + (select count(*) from checkout_attempts as attempt join orders as placed on placed.id = attempt.order_id
                     where attempt.url is not null and placed.reference = any (%(references)s))
                 + (select count(*) from orders as placed
                      join order_bookings as seat on seat.order_id = placed.id
                      join bookings as booking on booking.id = seat.booking_id
                     where placed.reference = any (%(references)s) and booking.status = 'pending') as left_over
            """,
            {"references": references},
        ).fetchone()
        assert row is not None, "a count is a row"
        return int(row["left_over"])

    def _require_true_books(self, flows: Sequence[Flow]) -> None:
        for flow in flows:
            intents = [intent for page in set(flow.pages) if (intent := self.till.intent_of(page))]
            ours, theirs = self.till.books_say(*intents), self.till.stripe_says(*intents)
            if ours != theirs:
                self.wrong.append(f"{flow.reference}: our books say {ours}, Stripe {theirs}")

    def _require_seat_or_money(self, flows: Sequence[Flow]) -> None:
        rows = self.till.db.execute(_SEATS_AND_MONEY, ([flow.reference for flow in flows],)).fetchall()
        for row in rows:
            self.ends[f"{row['status']}, {row['payment_status']}"] += 1
            price = row["payment_amount"] if row["status"] == "confirmed" else row["fee"]
            # What is kept for nothing. Less than nothing may be kept where pounds were given away, not elsewhere.
            spare = row["kept"] - row["waiting"] - price
            if row["status"] not in ("confirmed", "cancelled") or not -row["given"] <= spare <= 0:
                self.wrong.append(f"{spare} is kept for nothing: {row}")

    async def audit(self) -> None:
        self.wrong += await self.till.broken()
        if any(self.till.difference()):
            self.wrong.append(f"Over everything Stripe has received and returned more by {self.till.difference()}")


async def run_flows(url: str, *, flows: int, seed: int, show: Any = None) -> World:
    """Lives through so many flows on a migrated database. Stops at the first round after which something is wrong."""
    async with open_till(url) as till:
        row = till.db.execute(
            "insert into users (email, password_hash, role) values ('till@office.example', '!', 'admin') returning id"
        ).fetchone()
        assert row is not None, "the statement returns one row"
        world = World(till, seed, Actor(row["id"]))
        for turn, first in enumerate(range(0, flows, _AT_ONCE), 1):
            numbers = range(first, min(first + _AT_ONCE, flows))
            await world.round(numbers)
            if turn % _AUDIT_EVERY == 0:
                await world.audit()
            if world.wrong:
                return world
            if show:
                show(numbers[-1] + 1)
        await world.audit()
        return world


async def run_all_orders(url: str, *, orders: Sequence[tuple[int, ...]], show: Any = None) -> dict[str, Counter[str]]:
    """Tells both stories in these orders, once, twice and at once; answers how often each story had which ending."""
    endings: dict[str, Counter[str]] = {story.__name__: Counter() for story in STORIES}
    async with open_till(url) as till:
        schedule_id = till.open_date(100_000)
        for turn, order in enumerate(orders, 1):
            for way in WAYS:
                for live in STORIES:
                    story = await live(till, schedule_id)
                    await tell(till, [story.events[place] for place in order], way)
                    endings[live.__name__][repr(ending(till, story))] += 1
            if show:
                show(turn)
        for wrong in await till.broken():
            endings["audit"] = Counter([wrong])
        if any(till.difference()):
            endings["books"] = Counter([str(till.difference())])
    return endings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.money_flows", description=__doc__)
    parser.add_argument("--flows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all-orders", action="store_true", help="the six events in all 720 orders instead")
    parser.add_argument("--keep", action="store_true", help="write the figures to benchmarks/results/")
    chosen = parser.parse_args()
    console = Console()
    began = time.monotonic()
    with throwaway_server() as server:
        found = (
            _all_orders(server.url, console)
            if chosen.all_orders
            else _flows(server.url, console, chosen.flows, chosen.seed)
        )
    found["seconds"] = round(time.monotonic() - began, 1)
    if chosen.keep:
        _RESULTS.mkdir(exist_ok=True)
        name = "six_events.json" if chosen.all_orders else "money_flows.json"
        (_RESULTS / name).write_text(json.dumps({"on": time.strftime("%Y-%m-%d"), **found}, indent=2) + "\n")
    if found["wrong"]:
        raise SystemExit("\n".join(found["wrong"]))


def _flows(url: str, console: Console, flows: int, seed: int) -> dict[str, Any]:
    began = time.monotonic()

    def show(lived: int) -> None:
        if lived % 400 == 0:
            console.print(f"{lived} flows, {lived / (time.monotonic() - began):.1f} a second")

    world = asyncio.run(run_flows(url, flows=flows, seed=seed, show=show))
    rate = round(flows / (time.monotonic() - began), 1)
    table = Table(title=f"{flows} flows from seed {seed}, {rate} a second; difference £0.00: {not world.wrong}")
    table.add_column("what")
    table.add_column("times", justify="right")
    for what, times in [*sorted(world.done.items()), *sorted(world.ends.items())]:
        table.add_row(what, str(times))
    console.print(table)
    return {
        "flows": flows, "seed": seed, "flows_per_s": rate, "wrong": world.wrong,
        "done": dict(sorted(world.done.items())), "seats": dict(sorted(world.ends.items())),
    }  # fmt: skip


def _all_orders(url: str, console: Console) -> dict[str, Any]:
    def show(turn: int) -> None:
        if turn % 60 == 0:
            console.print(f"{turn} of {len(ALL_ORDERS)} orders")

    endings = asyncio.run(run_all_orders(url, orders=ALL_ORDERS, show=show))
    for story, found in endings.items():
        console.print(story, dict(found))
    wrong = [
        f"{story}: {dict(found)}" for story, found in endings.items() if len(found) != 1 or story in ("audit", "books")
    ]
    told = sum(sum(found.values()) for found in endings.values())
    return {
        "orders": len(ALL_ORDERS),
        "told": told,
        "endings": {k: dict(v) for k, v in endings.items()},
        "wrong": wrong,
    }


if __name__ == "__main__":
    main()
