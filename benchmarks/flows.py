"""One random life of an order: what its customer, the office, the bank and a bad line do to it."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from benchmarks.six_events import DECLINED, FAILS_LATER, SLOW
from benchmarks.till import Till
from rft.audit.service import Actor
from rft.bookings.queries import get_booking
from rft.bookings.service import PlacedOrder, lock_order, release_unpaid_order
from rft.changes.moves import move_place
from rft.changes.queries import Seat, get_seat
from rft.changes.schemas import MoveRequest
from rft.changes.service import Wish, cancel_places, close_pages
from rft.database.pool import Connection
from rft.errors import Refusal
from rft.fake_stripe.cards import DEFAULT_CARD
from rft.fake_stripe.refusals import Refused
from rft.kit.clock import utc_now
from rft.payments.desk import take_payment
from rft.payments.refunds import find_refundable, owe_refund
from rft.payments.schemas import PaymentRequest
from rft.payments.service import settle_checkout

_FAULTS = ("lose_reply", "fail_after", "answer", "delay_after")
_PAGE_OVER = 32
GIVEN_BACK = Decimal("7.50")
# A hold long enough for a second page: the first one, whose life is over for us, may still be paid on at Stripe.
HOLD_MINUTES = 60


@dataclass
class Flow:
    """`done` counts what was really done, for the table; a refusal on the way is a customer who is told no."""

    till: Till
    dice: random.Random
    schedule_id: int
    dates: Sequence[int]
    office: Actor
    done: Counter[str]
    order: PlacedOrder | None = None
    pages: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        assert self.order is not None, "the order was placed"
        return self.order.reference

    async def begin(self) -> None:
        """Places the order and does what people do while its seats are held."""
        await self._try("order", self._place)
        if self.order is None:
            return
        plan = self.dice.choices([way for way, _ in WAYS], [weight for _, weight in WAYS])[0]
        self.done[plan.__name__] += 1
        await plan(self)

    async def afterwards(self) -> None:
        """What comes after the hold: money that was late, a second thought."""
        if self.order is None:
            return
        for act in AFTERWARDS:
            if self.dice.random() < AFTERWARDS[act]:
                await self._try(act.__name__, lambda act=act: act(self))  # type: ignore[misc]

    # The ways

    async def pay(self) -> None:
        await self._open()
        await self._pay(DEFAULT_CARD.number)
        if self.dice.random() < 0.6:
            await self._try("came back", self._come_back)

    async def decline_then_pay(self) -> None:
        await self._open()
        await self._pay(DECLINED)
        await self._pause()
        await self._pay(DEFAULT_CARD.number)

    async def abandon(self) -> None:
        if self.dice.random() < 0.7:
            await self._open()

    async def pay_slowly(self) -> None:
        await self._open()
        await self._pay(self.dice.choice((SLOW, FAILS_LATER)))

    async def pay_twice(self) -> None:
        """The first page is forgotten by us and paid on all the same."""
        await self._open()
        await self.till.later(self.reference, minutes=_PAGE_OVER)
        await self._open()
        for page in (-1, 0) if self.dice.random() < 0.5 else (0, -1):
            await self._pay(DEFAULT_CARD.number, page)

    async def open_twice_at_once(self) -> None:
        await asyncio.gather(self._open(), self._open())
        await self._pay(DEFAULT_CARD.number)

    async def pay_in_cash(self) -> None:
        if self.dice.random() < 0.5:
            await self._open()
        await self._try("took cash", self._take_cash)

    async def pay_by_card_while_the_office_takes_cash(self) -> None:
        await self._open()
        await asyncio.gather(self._pay(DEFAULT_CARD.number), self._try("took cash", self._take_cash))

    async def give_up_while_paying(self) -> None:
        await self._open()
        await asyncio.gather(self._pay(DEFAULT_CARD.number), self._try("gave up", self._release))

    async def cancel_while_paying(self) -> None:
        await self._open()
        await asyncio.gather(self._pay(DEFAULT_CARD.number), self._try("cancelled", self.cancel_a_place))

    # What comes after the hold

    async def cancel_a_place(self) -> None:
        """The customer, by the policy; or the office, whose own fault it is and which returns all."""
        seat = await self._some_seat()
        wish = Wish("customer") if self.dice.random() < 0.6 else Wish("us", self.office, "The heating is broken.")
        if wish.cause == "us":
            wish = replace(wish, refunds={seat.reference: await self._held(seat.id)})
        await close_pages(self.till.database, self.till.gateway, [seat])
        await self.till.database.run(lambda db: cancel_places(db, seat.order_id, [seat.id], wish, now=utc_now()))

    async def cancel_twice_at_once(self) -> None:
        await asyncio.gather(self._try("cancelled", self.cancel_a_place), self._try("cancelled", self.cancel_a_place))

    async def move_a_place(self) -> None:
        seat = await self._some_seat()
        asked = MoveRequest(schedule_id=self.dice.choice(self.dates))
        await self.till.database.run(lambda db: move_place(db, seat, asked, actor=None, now=utc_now()))

    async def be_disputed(self) -> None:
        """The bank takes a payment back, and in the end keeps it or not."""
        for page in self.pages:
            intent = self.till.intent_of(page)
            charge = self.till.charge_of(intent) if intent is not None else None
            if charge is None:
                continue
            with suppress(Refused):
                dispute = self.till.ledger.open_dispute(charge)
                await self._pause()
                won = self.dice.random() < 0.5
                self.till.ledger.close_dispute(dispute["id"], won=won)
                self.done["dispute won" if won else "dispute lost"] += 1
                return

    async def pay_late(self) -> None:
        """On whichever page Stripe still shows."""
        await self._pay(DEFAULT_CARD.number, self.dice.randrange(len(self.pages)) if self.pages else 0)

    async def get_some_back(self) -> None:
        """The office gives a few pounds back for one seat, whatever has become of it."""
        placed = await self.till.get(self._placed())
        reference = self.dice.choice(self._placed().booking_references)

        async def work(db: Connection) -> None:
            await lock_order(db, placed.id)
            booking = await get_booking(db, reference)
            await owe_refund(db, booking.id, GIVEN_BACK, reason="goodwill", requested_by=self.office.user_id)

        await self.till.database.run(work)

    async def be_refunded_at_stripe(self) -> None:
        """Somebody refunds in Stripe's dashboard, and tells nobody here."""
        for page in self.pages:
            intent = self.till.intent_of(page)
            if intent is not None and self.till.charge_of(intent) is not None:
                await self.till.gateway.refund(intent, GIVEN_BACK, idempotency_key=f"by-hand-{intent}")
                return

    async def have_a_refund_go_wrong(self) -> None:
        """The next refund, whoever's it is, waits or fails in the end."""
        self.till.ledger.next_refund(self.dice.choice(("fails_later", "waits", "waits_then_fails")))

    # The acts

    async def _place(self) -> None:
        self.order = await self.till.order(self.schedule_id, self.dice.randint(1, 4), hold_minutes=HOLD_MINUTES)

    async def _open(self) -> None:
        """A customer whose page did not open tries again, a few times."""
        for _ in range(3):
            await self._pause()
            with suppress(Refusal):
                self.pages.append(await self.till.open_page(self._placed()))
                return
            self.done["page did not open"] += 1

    async def _pay(self, card: str, page: int = -1) -> None:
        if self.pages:
            result = self.till.ledger.pay(self.pages[page], card).result
            self.done[f"at Stripe: {result}"] += 1
        await self._pause()

    async def _come_back(self) -> None:
        if self.pages:
            await settle_checkout(self.till.database, self.till.gateway, self.pages[-1])

    async def _take_cash(self) -> None:
        asked = PaymentRequest(method="cash")
        await take_payment(self.till.database, self.till.gateway, self.office, self.reference, asked)

    async def _release(self) -> None:
        placed = await self.till.get(self._placed())
        await self.till.database.run(lambda db: release_unpaid_order(db, placed.id))

    async def _some_seat(self) -> Seat:
        async with self.till.database.connection() as db:
            return await get_seat(db, self.dice.choice(self._placed().booking_references))

    async def _held(self, booking_id: int) -> Decimal:
        async with self.till.database.connection() as db:
            return await find_refundable(db, booking_id)

    def _placed(self) -> PlacedOrder:
        assert self.order is not None, "the order was placed"
        return self.order

    async def _try(self, what: str, act: Callable[[], Awaitable[object]]) -> None:
        await self._pause()
        try:
            await act()
        except Refusal as refusal:
            self.done[f"refused: {what}, {type(refusal).__name__}"] += 1
        else:
            self.done[what] += 1

    async def _pause(self) -> None:
        """Others have their turn, and now and then the line to Stripe goes bad."""
        await asyncio.sleep(self.dice.random() * 0.01)
        if self.dice.random() < 0.06:
            path = self.dice.choice(("/v1/checkout/sessions", "/v1/refunds", "/v1/"))
            self.till.ledger.fault(self.dice.choice(_FAULTS), "*", path, self.dice.randint(1, 3), seconds=0.05)


Way = Callable[[Flow], Awaitable[None]]
WAYS: list[tuple[Way, int]] = [
    (Flow.pay, 30),
    (Flow.decline_then_pay, 12),
    (Flow.abandon, 14),
    (Flow.pay_slowly, 10),
    (Flow.pay_twice, 10),
    (Flow.open_twice_at_once, 6),
    (Flow.pay_in_cash, 8),
    (Flow.pay_by_card_while_the_office_takes_cash, 5),
    (Flow.give_up_while_paying, 5),
    (Flow.cancel_while_paying, 5),
]
AFTERWARDS: dict[Way, float] = {
    Flow.pay_late: 0.3,
    Flow.have_a_refund_go_wrong: 0.05,
    Flow.get_some_back: 0.15,
    Flow.move_a_place: 0.2,
    Flow.be_disputed: 0.1,
    Flow.cancel_a_place: 0.2,
    Flow.cancel_twice_at_once: 0.05,
    Flow.be_refunded_at_stripe: 0.1,
}
