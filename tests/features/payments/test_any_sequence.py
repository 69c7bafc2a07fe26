"""Whatever happens to an order, in whatever order: in the end nobody has paid without a seat or a refund, and both sides say the same."""

from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from rft.bookings.errors import TransitionRefused
from rft.bookings.service import PlacedOrder, release_unpaid_order
from rft.payments.errors import PaymentUnavailable
from tests.features.mailing import one, rows
from tests.features.payments.paying import DECLINED, SLOW, SLOW_THEN_FAILS, Shop


class Life:
    """One order, what its customer and the world do to it, and what must be true when all is quiet."""

    def __init__(self, shop: Shop, order: PlacedOrder) -> None:
        self.shop, self.order = shop, order
        self.pages: list[str] = []
        self.earlier = len(shop.events())
        # Not nothing when a run before has failed and hypothesis looks for a shorter one.
        self.difference = shop.difference()

    async def open(self) -> None:
        address = (await self.shop.visit(self.order)).headers["location"]
        if address.startswith(self.shop.stripe_address):
            self.pages.append(address.rsplit("/", 1)[1])

    async def pay_with(self, card: str, page: int) -> None:
        if self.pages:
            self.shop.ledger.pay(self.pages[page % len(self.pages)], card)

    async def pay(self) -> None:
        await self.pay_with("4242424242424242", -1)

    async def pay_on_the_first_page(self) -> None:
        await self.pay_with("4242424242424242", 0)

    async def pay_slowly(self) -> None:
        await self.pay_with(SLOW, -1)

    async def pay_slowly_in_vain(self) -> None:
        await self.pay_with(SLOW_THEN_FAILS, -1)

    async def be_declined(self) -> None:
        await self.pay_with(DECLINED, -1)

    async def let_slow_money_come(self) -> None:
        self.shop.ledger.tick(hurry=True)

    async def deliver(self) -> None:
        self.shop.ledger.resume_webhooks()
        await self.shop.post()
        self.shop.ledger.pause_webhooks()

    async def deliver_everything_again(self) -> None:
        self.shop.ledger.resume_webhooks()
        for event in self.shop.events()[self.earlier :]:
            self.shop.ledger.redeliver(event)
        await self.deliver()

    async def lose_the_post(self) -> None:
        self.shop.ledger.drop_pending()

    async def work(self) -> None:
        await self.shop.work()

    async def come_back(self) -> None:
        await self.shop.visit(self.order, "paid")

    async def forget_the_page(self) -> None:
        """Its life is over for us, though Stripe may still hear of it."""
        self.shop.db.execute("update checkout_attempts set created_at = created_at - interval '32 minutes'")

    async def end_the_hold(self) -> None:
        self.shop.hold_ended(self.order)
        await self.shop.expire()

    async def end_the_hold_while_stripe_is_away(self) -> None:
        self.shop.ledger.fault("answer", "*", "/v1/checkout", times=2, status=403)
        self.shop.hold_ended(self.order, minutes=5)
        await self.shop.expire()
        self.shop.ledger.clear_faults()

    async def release(self) -> None:
        placed = await self.shop.get(self.order)
        try:
            await self.shop.database.run(lambda db: release_unpaid_order(db, placed.id))
        except TransitionRefused:
            assert "pending" not in {status for status, _ in self.shop.bookings(self.order)}

    async def give_up_one_seat(self) -> None:
        self.shop.db.execute(
            "update bookings set status = 'cancelled' where booking_reference = %s and status = 'pending'",
            (self.order.booking_references[0],),
        )

    async def lose_a_refund(self) -> None:
        self.shop.ledger.fault("lose_reply", "POST", "/v1/refunds", times=2)
        try:
            await self.shop.work()
        except PaymentUnavailable:
            assert self.shop.ledger.objects("refund")
        self.shop.ledger.clear_faults()

    async def become_quiet(self) -> None:
        """The world as it goes on without anybody's doing: money comes, jobs run, holds end."""
        await self.let_slow_money_come()
        await self.deliver()
        await self.work()
        await self.shop.look_for_lost_news()
        await self.end_the_hold()
        await self.shop.look_for_lost_news()
        await self.deliver()
        await self.work()

    def require_that_nobody_paid_for_nothing(self) -> None:
        query = """
            select booking.status, booking.payment_status, booking.payment_amount,
                   coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0)
                   - coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0) as kept
              from bookings as booking left join payment_transactions as entry on entry.booking_id = booking.id
             where booking.id in (select seat.booking_id from order_bookings as seat join orders as placed on placed.id = seat.order_id
                                   where placed.reference = %(reference)s)
             group by booking.id
        """
        for seat in rows(self.shop.db, query, reference=self.order.reference):
            due = {"confirmed": seat["payment_amount"], "cancelled": 0}[seat["status"]]
            assert (seat["kept"], seat["payment_status"] == "paid") == (due, seat["status"] == "confirmed")
        assert self.shop.difference() == self.difference
        assert one(self.shop.db, "select count(*) from webhook_events where settled_at is null") == {"count": 0}


Step = Callable[[Life], Awaitable[None]]
OFTEN: list[Step] = [Life.open, Life.pay, Life.deliver, Life.work]
STEPS: list[Step] = [
    value for name, value in vars(Life).items() if not name.startswith(("_", "require", "become", "pay_with"))
]


@settings(
    max_examples=25, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(
    seats=st.integers(1, 2),
    steps=st.lists(st.one_of(st.sampled_from(OFTEN), st.sampled_from(STEPS)), min_size=3, max_size=14),
)
@example(seats=2, steps=[Life.open, Life.give_up_one_seat, Life.pay, Life.deliver, Life.work])
@example(seats=1, steps=[Life.open, Life.pay, Life.lose_the_post, Life.forget_the_page, Life.open, Life.pay])
@example(seats=1, steps=[Life.open, Life.pay_slowly, Life.end_the_hold_while_stripe_is_away, Life.let_slow_money_come])
@example(seats=2, steps=[Life.open, Life.release, Life.pay, Life.deliver, Life.lose_a_refund])
async def test_whatever_happens_nobody_has_paid_for_nothing(shop: Shop, seats: int, steps: list[Step]) -> None:
    shop.ledger.later_seconds(3600)
    await shop.work()
    shop.ledger.pause_webhooks()
    shop.ledger.drop_pending()
    life = Life(shop, await shop.order(seats=seats))
    for step in steps:
        await step(life)
    await life.become_quiet()
    life.require_that_nobody_paid_for_nothing()
    shop.ledger.resume_webhooks()
