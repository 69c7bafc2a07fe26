"""What the tests of payments stand on: the site and a practice Stripe, both over HTTP, and the two sets of books compared."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import count

import httpx
from starlette.applications import Starlette

from rft import jobs
from rft.bookings.queries import Order, get_order
from rft.bookings.schemas import OrderRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.database.audit import run_audit
from rft.database.pool import Database
from rft.fake_stripe.ledger import Ledger
from rft.kit.clock import utc_now
from rft.kit.money import to_pence
from rft.payments.gateway import Gateway
from rft.payments.inbox import settle_event
from rft.payments.jobs import expire_due_holds, fetch_lost_news
from rft.payments.sending import send_refund
from rft.payments.unsettled import send_unsettled
from rft.settings import Settings
from tests.builders import Db, Row, a_schedule
from tests.features.mailing import one, rows

SECRET, SIGNING = "sk_test_shop", "whsec_shop"
DECLINED, SLOW, SLOW_THEN_FAILS = "4000000000000002", "4000000000000077", "4000000000000093"
WEBHOOK = "/api/v1/payments/stripe/webhook"
HOLD_MINUTES = 30
_WORK = {
    "payments.settle_event": settle_event,
    "payments.send_refund": send_refund,
    "payments.send_unsettled": send_unsettled,
}
_numbers = count(1)


def shop_settings(url: str, stripe: str, **values: str) -> Settings:
    return Settings.from_environment(
        {
            "RFT_DEMO": "1",
            "RFT_JOBS": "0",
            "RFT_BASE_URL": "http://booking.example",
            "DATABASE_URL": url,
            "STRIPE_SECRET_KEY": SECRET,
            "STRIPE_WEBHOOK_SECRET": SIGNING,
            "STRIPE_API_BASE": stripe,
            **values,
        }
    )


@dataclass
class Shop:
    """The site (`http`), what runs behind it (`database`, `gateway`), and the practice Stripe, whose ledger is the truth."""

    settings: Settings
    database: Database
    gateway: Gateway
    db: Db
    stripe: Starlette
    stripe_address: str
    http: httpx.AsyncClient
    # Money that Stripe has and our books refuse to know, in pence.
    disowned: int = 0
    # Likewise of what went back.
    disowned_returns: int = 0

    @property
    def ledger(self) -> Ledger:
        found: Ledger = self.stripe.state.ledger
        return found

    @property
    def context(self) -> jobs.Context:
        return jobs.Context(self.database, self.settings)

    # What a customer does

    async def order(
        self,
        *,
        seats: int = 1,
        schedule: Row | None = None,
        hold_minutes: int = HOLD_MINUTES,
        database: Database | None = None,
    ) -> PlacedOrder:
        """Amina books; each time with another address, because nobody may hold much unpaid."""
        asked = OrderRequest.model_validate(
            {
                "schedule_id": (schedule or a_schedule(self.db))["id"],
                "seats": seats,
                "booker": {"email": f"amina{next(_numbers)}@example.com", "first_name": "Amina", "last_name": "Khan"},
                "payment_method": "card",
                "terms_version": "1",
            }
        )
        return await (database or self.database).run(
            lambda db: place_order(db, asked, now=utc_now(), hold_minutes=hold_minutes), in_transaction=False
        )

    async def visit(self, order: PlacedOrder, act: str = "pay") -> httpx.Response:
        """Opens a page of the order with its own token; `pay` leads on to Stripe."""
        token = {"access_token": order.access_token}
        if act == "pay":
            return await self.http.get(f"/orders/{order.reference}/pay", params=token)
        await self.http.get(f"/orders/{order.reference}", params=token)
        return await self.http.get(f"/orders/{order.reference}/{act}".rstrip("/"))

    async def page(self, order: PlacedOrder) -> str:
        """Stripe's id of the payment page that the customer is sent to."""
        answer = await self.visit(order)
        address = answer.headers.get("location", "")
        assert (answer.status_code, address.startswith(f"{self.stripe_address}/pay/")) == (303, True), address
        return address.rsplit("/", 1)[1]

    async def paid_order(self, *, seats: int = 1) -> PlacedOrder:
        order = await self.order(seats=seats)
        self.ledger.pay(await self.page(order))
        await self.news()
        return order

    # What happens behind

    async def post(self) -> None:
        """Waits until the practice Stripe has delivered everything."""
        assert await self.stripe.state.courier.wait_until_quiet(20)

    async def work(self) -> None:
        """Runs the payment jobs that wait, and those they enqueue."""
        waiting = "select id, task_name, args from procrastinate_jobs where status = 'todo' and task_name like 'payments.%%' order by id"
        while found := rows(self.db, waiting):
            for job in found:
                await _WORK[job["task_name"]](self.database, self.gateway, **job["args"])
                self.db.execute("delete from procrastinate_jobs where id = %s", (job["id"],))

    async def news(self) -> None:
        await self.post()
        await self.work()

    async def expire(self) -> int:
        return await expire_due_holds(self.database, self.gateway, now=utc_now(), hold_minutes=HOLD_MINUTES)

    async def look_for_lost_news(self) -> None:
        """The job that asks Stripe itself, some minutes after everything so far."""
        self.db.execute(
            "update checkout_attempts set created_at = created_at - interval '3 minutes' where state = 'open'"
        )
        self.db.execute("update webhook_events set received_at = received_at - interval '3 minutes'")
        await fetch_lost_news(self.context)

    def hold_ended(self, order: PlacedOrder, minutes: int = 1) -> None:
        """Moves the data, not the clock: the order's time was over so many minutes ago."""
        ended = "update orders set hold_expires_at = localtimestamp - %s * interval '1 minute' where reference = %s"
        self.db.execute(ended, (minutes, order.reference))

    # What is true

    async def get(self, order: PlacedOrder) -> Order:
        async with self.database.connection() as db:
            return await get_order(db, order.reference, staff=True)

    def bookings(self, order: PlacedOrder) -> list[tuple[str, str]]:
        """Status and payment status of each seat."""
        query = "select status, payment_status from bookings where booking_reference = any (%(references)s) order by id"
        found = rows(self.db, query, references=order.booking_references)
        return [(row["status"], row["payment_status"]) for row in found]

    def entries(self, order: PlacedOrder) -> list[tuple[str, Decimal]]:
        """Status and amount of each row in our ledger, oldest first."""
        query = """
            select entry.status, entry.amount
              from payment_transactions as entry join bookings as booking on booking.id = entry.booking_id
             where booking.booking_reference = any (%(references)s)
             order by entry.id
        """
        return [(row["status"], row["amount"]) for row in rows(self.db, query, references=order.booking_references)]

    def mails(self, job: str = "notifications.send_order_confirmation") -> int:
        """Mails of a kind that are queued to be written."""
        query = "select count(*) from procrastinate_jobs where task_name = %(job)s"
        return int(one(self.db, query, job=job)["count"])

    def outcomes(self) -> dict[str, str | None]:
        return {row["kind"]: row["outcome"] for row in rows(self.db, "select kind, outcome from webhook_events")}

    def events(self, *kinds: str) -> list[str]:
        """Ids of Stripe's events, of these kinds or of all, oldest first."""
        return [event["id"] for event in self.ledger.objects("event") if not kinds or event["type"] in kinds]

    def sums(self) -> tuple[int, int]:
        """What our books say was received and returned, in pence."""
        query = """
            select coalesce(sum(amount) filter (where status = 'succeeded' and payment_method <> 'failed_refund'), 0) as received,
                   coalesce(sum(amount) filter (where status = 'refunded'), 0)
                   - coalesce(sum(amount) filter (where payment_method = 'failed_refund'), 0) as returned
              from payment_transactions
        """
        found = one(self.db, query)
        return to_pence(found["received"]), to_pence(found["returned"])

    def difference(self) -> tuple[int, int]:
        """By how much Stripe has received and returned more than our books say, in pence."""
        theirs, (received, returned) = self.ledger.dump()["sums"], self.sums()
        lost = sum(dispute["amount"] for dispute in self.ledger.objects("dispute") if dispute["status"] == "lost")
        return theirs["charged"] - received, theirs["refunded"] + lost - returned

    async def require_true_books(self) -> None:
        """Nothing is broken, not even for the moment, and our books and Stripe's have the same sums."""
        broken = [finding for finding in await run_audit(self.settings.database_url) if finding.count]
        assert not broken, broken
        assert self.difference() == (self.disowned, self.disowned_returns)
