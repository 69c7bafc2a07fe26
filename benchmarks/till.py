"""What the proofs about money stand on: the product's services, a practice Stripe over HTTP, and both sets of books beside each other."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any
from unittest.mock import patch

import psycopg
from psycopg.rows import dict_row

from rft import jobs
from rft.bookings.queries import Order, get_order
from rft.bookings.schemas import OrderRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.database.audit import run_audit
from rft.database.pool import Database
from rft.database.seeds.catalogue import seed_catalogue
from rft.fake_stripe.app import create_app as create_stripe
from rft.fake_stripe.courier import signature
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.serve import serving
from rft.kit.clock import utc_now
from rft.kit.money import to_pence
from rft.payments.checkout import open_payment_page
from rft.payments.gateway import Event, Gateway
from rft.payments.inbox import receive
from rft.settings import Settings

SECRET, SIGNING = "sk_test_till", "whsec_till"
_CONNECTIONS = 12
# Our ledger by Stripe's payments. A refund that came back is a row that names the one it undoes.
_CARD_ENTRIES = """
select coalesce(entry.stripe_payment_intent_id, undone.stripe_payment_intent_id) as intent,
       case when undone.id is null then entry.status else 'refund failed' end as status, entry.amount
  from payment_transactions as entry
  left join payment_transactions as undone
         on entry.payment_method = 'failed_refund' and undone.id = (entry.metadata ->> 'reverses')::integer
 where entry.status in ('succeeded', 'refunded')
"""
_BY_CARD = f"""
with entry as ({_CARD_ENTRIES})
select intent, coalesce(sum(amount) filter (where status = 'succeeded'), 0) as received,
       coalesce(sum(case status when 'refunded' then amount when 'refund failed' then -amount end), 0) as returned
  from entry where intent = any (%s) group by intent
"""
_SUMS = f"""
with entry as ({_CARD_ENTRIES})
select coalesce(sum(amount) filter (where status = 'succeeded'), 0) as received,
       coalesce(sum(case status when 'refunded' then amount when 'refund failed' then -amount end), 0) as returned
  from entry where intent is not null
"""
_LATER_HOLDS = """
update orders set hold_expires_at = hold_expires_at - make_interval(mins => %(minutes)s) where reference = any (%(references)s)
"""
_LATER_PAGES = """
update checkout_attempts set created_at = created_at - make_interval(mins => %(minutes)s)
 where order_id in (select id from orders where reference = any (%(references)s))
"""


class _Lent:
    """The till's one gateway for every job: a new connection to Stripe for each is what would take the time."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __aenter__(self) -> Gateway:
        return self._gateway

    async def __aexit__(self, *_: object) -> None:
        return


@dataclass
class Till:
    """One database, one practice Stripe. Nothing happens behind the scenes: whoever stands at the till delivers and works."""

    settings: Settings
    database: Database
    gateway: Gateway
    ledger: Ledger
    db: psycopg.Connection[dict[str, Any]]
    _numbers: Any = field(default_factory=lambda: count(1))

    # What customers do

    async def order(self, schedule_id: int, seats: int, *, now: Any = None, hold_minutes: int = 30) -> PlacedOrder:
        """Somebody new books and means to pay by card."""
        asked = OrderRequest.model_validate(
            {
                "schedule_id": schedule_id,
                "seats": seats,
                "booker": {
                    "email": f"buyer{next(self._numbers)}@people.example",
                    "first_name": "Amina",
                    "last_name": "Khan",
                },
                "payment_method": "card",
                "terms_version": "1",
            }
        )
        return await self.database.run(
            lambda db: place_order(db, asked, now=now or utc_now(), hold_minutes=hold_minutes), in_transaction=False
        )

    async def get(self, order: PlacedOrder) -> Order:
        async with self.database.connection() as db:
            return await get_order(db, order.reference, staff=True)

    async def open_page(self, order: PlacedOrder, *, now: Any = None) -> str:
        """Stripe's id of the page that the customer is sent to. Raises what open_payment_page does."""
        placed = await self.get(order)
        url = await open_payment_page(self.database, self.gateway, self.settings, placed, now=now or utc_now())
        return url.rsplit("/", 1)[1]

    # What Stripe and the workers do

    def mark(self) -> int:
        """Where Stripe's books end now; `events(since=…)` are the ones after it."""
        with self.ledger.books() as books:
            return int(books.connection.execute("select coalesce(max(position), 0) from objects").fetchone()[0])

    def events(self, since: int) -> list[Event]:
        """What Stripe has to tell since then, oldest first."""
        with self.ledger.books() as books:
            rows = books.connection.execute(
                "select body from objects where position > ? and kind = 'event' order by position", (since,)
            ).fetchall()
        told = [json.loads(row["body"]) for row in rows]
        return [Event(one["id"], one["type"], one["data"]["object"]["id"], livemode=False) for one in told]

    def intent_of(self, session_id: str) -> str | None:
        """Stripe's id of the payment that was tried on the page."""
        with self.ledger.books() as books:
            found: str | None = books.get("checkout.session", session_id)["payment_intent"]
        return found

    def charge_of(self, intent: str) -> str | None:
        """Stripe's id of the charge that brought the money, if one did."""
        with self.ledger.books() as books:
            charges = books.each("charge", payment_intent=intent)
        return next((str(one["id"]) for one in charges if one["status"] == "succeeded"), None)

    async def hear(self, event: Event) -> None:
        await self.database.run(lambda db: receive(db, event))

    async def hear_signed(self, event: dict[str, Any]) -> None:
        """As the webhook does: believes the signature, keeps the event."""
        payload = json.dumps(event)
        await self.hear(self.gateway.read_event(payload.encode(), signature(payload, SIGNING, int(time.time()))))

    async def work(self) -> None:
        """Runs the payment jobs that wait, and those that they enqueue; one that fails is not tried again in this turn."""
        failed: set[int] = set()
        while found := [job for job in self.waiting() if job["id"] not in failed]:
            failed |= {job["id"] for job in found if not await self.run_job(job)}

    def waiting(self) -> list[dict[str, Any]]:
        """The payment jobs in the queue, oldest first."""
        return self.db.execute(
            "select id, task_name, args from procrastinate_jobs where status = 'todo' and task_name like 'payments.%' order by id"
        ).fetchall()

    async def run_job(self, job: dict[str, Any]) -> bool:
        """Whether the job came to its end; one that did not stays in the queue."""
        context = jobs.Context(self.database, self.settings)
        try:
            await jobs._tasks[job["task_name"]].run(context, **job["args"])
        except Exception:  # noqa: BLE001 - what a worker does with any failure: the job is tried again
            return False
        self.db.execute("delete from procrastinate_jobs where id = %s", (job["id"],))
        return True

    # What is true

    def stripe_says(self, *intents: str) -> dict[str, tuple[int, int]]:
        """By payment, in pence: captured, and gone back (refunds that failed do not count, disputes that were lost do)."""
        said: dict[str, tuple[int, int]] = {}
        with self.ledger.books() as books:
            for intent in intents:
                charges = books.each("charge", payment_intent=intent)
                refunds = books.each("refund", payment_intent=intent)
                disputes = books.each("dispute", payment_intent=intent)
                captured = sum(charge["amount_captured"] for charge in charges if charge["status"] == "succeeded")
                returned = sum(refund["amount"] for refund in refunds if refund["status"] in ("succeeded", "pending"))
                lost = sum(dispute["amount"] for dispute in disputes if dispute["status"] == "lost")
                said[intent] = (captured, returned + lost)
        return said

    def books_say(self, *intents: str) -> dict[str, tuple[int, int]]:
        """The same by our ledger."""
        said = dict.fromkeys(intents, (0, 0))
        for row in self.db.execute(_BY_CARD, (list(intents),)).fetchall():
            said[row["intent"]] = (to_pence(row["received"]), to_pence(row["returned"]))
        return said

    def difference(self) -> tuple[Decimal, Decimal]:
        """By how much Stripe has received and returned more than our books say, over everything."""
        dump = self.ledger.dump()
        lost = sum(dispute["amount"] for dispute in dump["disputes"] if dispute["status"] == "lost")
        ours = self.db.execute(_SUMS).fetchone()
        assert ours is not None, "sums are one row"
        received, returned = dump["sums"]["charged"], dump["sums"]["refunded"] + lost
        return Decimal(received) / 100 - ours["received"], Decimal(returned) / 100 - ours["returned"]

    async def broken(self) -> list[str]:
        """What the audit complains of, alarms included."""
        found = await run_audit(self.settings.database_url)
        return [f"{finding.id} {finding.title}: {finding.rows}" for finding in found if finding.count]

    # The stage itself

    def open_date(self, seats: int) -> int:
        """A date in the future with so many seats, in a room of its own."""
        row = self.db.execute(
            """
            with room as (
                insert into venues (name, address_line1, city, postcode, capacity)
                values ('Room', '1 High Street', 'Leeds', 'LS1 1AA', %(seats)s) returning id
            )
            insert into course_schedules (course_id, venue_id, start_datetime, end_datetime, status)
            select (select min(id) from courses where price = 100), room.id,
                   date_trunc('day', localtimestamp) + interval '60 days 9 hours',
                   date_trunc('day', localtimestamp) + interval '60 days 16 hours', 'published'
              from room
            returning id
            """,
            {"seats": seats},
        ).fetchone()
        assert row is not None, "the statement returns one row"
        return int(row["id"])

    async def later(self, *references: str, minutes: int) -> None:
        """Moves the data, not the clock: for these orders so much time has gone by."""
        async with self.database.transaction() as db:
            await db.execute(_LATER_HOLDS, {"minutes": minutes, "references": list(references)})
            await db.execute(_LATER_PAGES, {"minutes": minutes, "references": list(references)})


@asynccontextmanager
async def open_till(url: str) -> AsyncIterator[Till]:
    """A till on a migrated database; seeds the price list where there is none."""
    stripe = create_stripe(
        database=None, secret_key=SECRET, webhook_secret=SIGNING, webhook_url="http://till.invalid/", controls=False
    )
    ledger: Ledger = stripe.state.ledger
    # Events are carried by whoever stands at the till.
    ledger.pause_webhooks()
    # What the bank does later, it does when it is told to.
    ledger.later_seconds(86_400)
    with serving(stripe) as address, psycopg.connect(url, autocommit=True, row_factory=dict_row) as db:
        db.execute("set search_path to public, jobs")
        db.execute("set timezone to 'UTC'")
        # A statement of ours that waits for one of our own transactions would wait for ever.
        db.execute("set lock_timeout to '5s'")
        seed_catalogue(db)
        # No trainer has so many learners: these courses are nobody's qualification.
        db.execute("delete from course_variants")
        db.execute("update courses set max_capacity = 100000")
        settings = _settings(url, address)
        database = Database(url, size=_CONNECTIONS)
        await database.open()
        try:
            async with Gateway(settings) as gateway:
                jobs._load_tasks()
                with patch("rft.payments.jobs.Gateway", lambda _: _Lent(gateway)):
                    yield Till(settings, database, gateway, ledger, db)
        finally:
            await database.close()


def _settings(url: str, stripe: str) -> Settings:
    return Settings.from_environment(
        {
            "RFT_DEMO": "1",
            "RFT_JOBS": "0",
            "RFT_BASE_URL": "http://till.example",
            "DATABASE_URL": url,
            "STRIPE_SECRET_KEY": SECRET,
            "STRIPE_WEBHOOK_SECRET": SIGNING,
            "STRIPE_API_BASE": stripe,
        }
    )
