"""Invoices follow a place that is moved: a dearer date is asked for by a supplementary invoice, a cheaper one is credited."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from rft import jobs
from rft.audit.service import Actor
from rft.bookings.service import lock_order
from rft.changes.moves import move_place
from rft.changes.queries import list_seats
from rft.changes.schemas import MoveRequest
from rft.changes.service import Wish, cancel_places
from rft.database.audit import run_audit
from rft.database.pool import Database
from rft.invoices.queries import Invoice, list_of_order, list_received
from rft.invoices.service import issue_invoice, issue_supplement
from rft.kit.clock import utc_now
from rft.payments.refunds import mark_returned, owe_refund
from rft.settings import Settings
from tests.builders import Db, Row, a_course, a_payment
from tests.features.browser import Browser
from tests.features.changes.changing import bought, dated
from tests.features.invoicing import charge_vat, pdf_words, work
from tests.features.mailing import one, rows, see_jobs
from tests.rules.refusing import UNIQUE, refused

ISSUED = datetime(2026, 11, 22, 10, 0)  # noqa: DTZ001 (UTC without zone)


class Place:
    """One place of Amina's, £75.00, and what the office does with it; nothing is issued until `work`."""

    def __init__(self, db: Db, database: Database, settings: Settings, **columns: Any) -> None:
        self.db, self.database, self.settings = db, database, settings
        self.order = bought(db, dated(db, 40, course=a_course(db, name="First aid")), **columns)
        self.booking = self.order["bookings"][0]
        self.office = Actor(self.order["user_id"])

    async def invoice(self) -> None:
        await self.database.run(lambda db: issue_invoice(db, self.order["id"], now=ISSUED))

    async def invoice_when_there_is_time(self) -> None:
        lock, order_id = f"invoices-{self.order['id']}", self.order["id"]
        await self.database.run(lambda db: jobs.enqueue(db, "invoices.issue_invoice", lock=lock, order_id=order_id))

    async def move(self, price: str) -> None:
        if self.status in ("pending", "confirmed"):
            there = dated(self.db, 50, course=a_course(self.db, name=f"Course at {price}", price=price))
            asked = MoveRequest.model_validate({"schedule_id": there["id"], "payment_method": "card_terminal"})
            await self.database.run(lambda db: self._move(db, asked))

    async def _move(self, db: Any, asked: MoveRequest) -> None:
        (seat,) = await list_seats(db, [self.booking["id"]])
        await move_place(db, seat, asked, actor=self.office, now=utc_now())

    async def move_up(self) -> None:
        await self.move(str(self.price + 30))

    async def move_down(self) -> None:
        await self.move(str(max(self.price - 20, Decimal(1))))

    async def give_goodwill(self) -> None:
        async def owe(db: Any) -> None:
            await lock_order(db, self.order["id"])
            await owe_refund(db, self.booking["id"], Decimal(1), reason="goodwill", requested_by=self.office.user_id)

        if self.status == "confirmed":
            await self.database.run(owe)

    async def cancel(self, refund: Decimal | None = None) -> None:
        if self.status == "confirmed":
            refunds = None if refund is None else {self.booking["booking_reference"]: refund}
            wish = Wish("office", self.office, "Amina fell ill.", refunds=refunds)
            ids = [self.booking["id"]]
            await self.database.run(lambda db: cancel_places(db, self.order["id"], ids, wish, now=utc_now()))

    async def cancel_and_keep_most(self) -> None:
        await self.cancel(Decimal(1))

    async def give_back(self) -> None:
        """By hand, what waits."""
        for due in rows(self.db, "select id from refunds where state = 'due' order by id"):
            await self._return(due["id"])

    async def _return(self, refund_id: int) -> None:
        terms: Any = {"recorded_by": self.office.user_id, "method": "cash", "note": None}
        await self.database.run(lambda db: mark_returned(db, refund_id, **terms))

    async def work(self) -> None:
        await work(self.database, self.settings, self.db)

    @property
    def status(self) -> str:
        return str(self._now["status"])

    @property
    def price(self) -> Decimal:
        return Decimal(self._now["payment_amount"])

    @property
    def _now(self) -> Row:
        query = "select status, payment_amount from bookings where id = %(id)s"
        return one(self.db, query, id=self.booking["id"])

    @property
    def held(self) -> Decimal:
        query = """
            select sum(case status when 'succeeded' then amount when 'refunded' then -amount end) as held
              from payment_transactions where booking_id = %(id)s
            """
        return Decimal(one(self.db, query, id=self.booking["id"])["held"])

    async def documents(self) -> list[Invoice]:
        async with self.database.connection() as db:
            return await list_of_order(db, self.order["id"])


@pytest.fixture
def place(db: Db, database: Database, settings: Settings) -> Place:
    return Place(db, database, settings)


async def test_a_dearer_date_is_asked_for_on_a_supplementary_invoice(db: Db, place: Place) -> None:
    charge_vat(db)
    await place.invoice()
    await place.move("100.00")
    await place.work()
    first, added = await place.documents()
    sums = (added.net, added.vat, added.total)
    assert (added.series, added.adds_to_number, sums) == ("INV", first.number, (Decimal("20.83"), Decimal("4.17"), 25))
    assert [(found.received, found.due) for found in (first, added)] == [(75, 0), (25, 0)]
    found = await pdf_words(place.database, added.number)
    for text in ("Supplementary invoice and receipt", f"This adds to invoice {first.number}. Moved from First aid, "):
        assert text in found
    assert "£25.00 received by" in found
    assert "£75.00" not in found
    assert "£25.00" not in await pdf_words(place.database, first.number)


async def test_it_is_due_on_the_terms_of_the_orders_invoice(db: Db, database: Database, settings: Settings) -> None:
    on_account = {"payment_method": "invoice", "organisation_name": "Khan & Sons", "purchase_order": "PO-7"}
    place = Place(db, database, settings, **on_account)
    await place.invoice()
    await place.move("100.00")
    await place.work()
    _, added = await place.documents()
    assert (added.due_on - added.issued_on, added.purchase_order) == (timedelta(30), "PO-7")


async def test_a_move_is_asked_for_once(db: Db, place: Place) -> None:
    await place.invoice()
    await place.move("100.00")
    await place.work()
    again = await place.database.run(
        lambda d: issue_supplement(d, one(db, "select id from booking_moves")["id"], now=ISSUED)
    )
    assert [found.number for found in await place.documents()][1:] == [again]


async def test_an_invoice_issued_after_the_move_asks_the_new_price_alone(place: Place, database_url: str) -> None:
    await place.invoice_when_there_is_time()
    await place.move("100.00")
    await place.move("80.00")
    await place.work()
    await place.give_back()
    await place.work()
    assert [(found.kind, found.total) for found in await place.documents()] == [("invoice", 80)]
    assert await broken(database_url) == []


async def test_what_goes_back_is_credited_on_the_newest_invoice_first(place: Place, office: Browser) -> None:
    await place.invoice()
    await place.move("100.00")
    await place.work()
    await place.cancel(Decimal(60))
    await place.give_back()
    await place.work()
    first, added, *notes = await place.documents()
    assert [(note.credits_number, note.total) for note in notes] == [(added.number, 25), (first.number, 35)]
    assert [(found.credited, found.received, found.due) for found in (first, added)] == [(35, 40, 0), (25, 0, 0)]
    page = (await office.get(f"/office/invoices/{added.number}")).text
    for text in ("Adds to invoice", f"/office/invoices/{first.number}", "Moved from First aid", "Returned by cash"):
        assert text in page


async def test_each_payment_is_told_on_the_invoice_that_asked_for_it(place: Place) -> None:
    await place.invoice()
    await place.move("60.00")
    await place.give_back()
    await place.work()
    await place.move("100.00")
    await place.work()
    documents = {found.number: found for found in await place.documents()}
    added = next(found for found in documents.values() if found.adds_to_number)
    async with place.database.connection() as db:
        told = [(entry.status, entry.amount) for entry in await list_received(db, added.id)]
    assert sum(amount if status == "succeeded" else -amount for status, amount in told) == added.total == 40
    assert [found.due for found in documents.values() if not found.is_credit_note] == [0, 0]


async def test_a_difference_that_was_sent_twice_is_credited_once(db: Db, place: Place) -> None:
    await place.invoice()
    await place.move("50.00")
    await place.give_back()
    a_payment(db, place.booking, amount="25.00", payment_method="failed_refund")
    await place.database.run(
        lambda d: owe_refund(d, place.booking["id"], Decimal(25), reason="price_difference", requested_by=None)
    )
    await place.work()
    await place.give_back()
    await place.work()
    assert [(found.kind, found.total) for found in await place.documents()] == [("invoice", 75), ("credit_note", 25)]


async def test_a_supplementary_invoice_is_over_seats_of_the_orders_invoice(db: Db, place: Place) -> None:
    copy = """
        with issued as (
            insert into invoices (kind, order_id, reason, source, issued_on, due_on, seller_name, seller_address, seller_phone,
                                  seller_email, order_reference, customer_name, customer_email, line_count, net, vat, total)
            values ('invoice', %(order)s, %(reason)s, %(source)s, '2031-01-01', '2031-01-01', 'R', '{}', '0', 'r@example.com', 'O', 'A',
                    'a@example.com', 1, 5, 0, 5) returning id)
        insert into invoice_lines (invoice_id, position, booking_id, description, price, discount, net, vat, total)
        select id, 1, %(booking)s, 'Move', 5, 0, 5, 0, 5 from issued
        """
    values = {"order": place.order["id"], "booking": place.booking["id"], "reason": "Moved.", "source": "move 1"}
    with refused("invoices_add_up"):
        db.execute(copy, values)
    await place.invoice()
    with refused("invoices_credit_note_complete"):
        db.execute(copy, {**values, "reason": None})
    db.execute(copy, values)
    with refused("invoices_source_once", UNIQUE):
        db.execute(copy, values)


async def broken(database_url: str) -> list[Any]:
    return [(found.title, found.rows) for found in await run_audit(database_url) if found.count]


async def test_a_move_that_no_document_follows_is_found_by_the_audit(db: Db, place: Place, database_url: str) -> None:
    await place.invoice()
    await place.move("100.00")
    assert await broken(database_url) == []
    see_jobs(db)
    db.execute("delete from jobs.procrastinate_jobs where task_name = 'invoices.issue_supplement'")
    assert [title for title, _ in await broken(database_url)] == [
        "the invoices of a live place ask for another sum than its price"
    ]


Step = Callable[[Place], Awaitable[None]]
STEPS: list[Step] = [
    Place.move_up, Place.move_down, Place.give_goodwill, Place.give_back, Place.work, Place.cancel_and_keep_most, Place.cancel,
]  # fmt: skip


@settings(
    max_examples=12, deadline=None, derandomize=True, database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(late=st.booleans(), steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=10))
@example(
    late=False, steps=[Place.move_up, Place.move_down, Place.move_down, Place.give_back, Place.work, Place.move_up]
)
@example(late=False, steps=[Place.move_down, Place.give_back, Place.work, Place.move_up, Place.work, Place.cancel])
@example(
    late=True, steps=[Place.move_down, Place.give_goodwill, Place.work, Place.move_up, Place.give_back, Place.cancel]
)
async def test_whatever_becomes_of_a_place_the_documents_ask_for_what_is_held(
    db: Db, database: Database, settings: Settings, database_url: str, late: bool, steps: list[Step]
) -> None:
    place = Place(db, database, settings)
    await (place.invoice_when_there_is_time() if late else place.invoice())
    for step in [*steps, Place.work, Place.give_back, Place.work]:
        await step(place)
    documents = await place.documents()
    invoices = [found for found in documents if not found.is_credit_note]
    asked = sum(-found.total if found.is_credit_note else found.total for found in documents)
    assert asked == place.held == sum(found.received for found in invoices)
    assert [found.due for found in invoices] == [0] * len(invoices)
    assert await broken(database_url) == []
