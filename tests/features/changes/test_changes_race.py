"""A place is given up from every side at once: one refund, in our books and in Stripe's."""

import asyncio
from decimal import Decimal

import pytest

from rft.audit.service import Actor
from rft.changes.service import Wish, cancel_places
from rft.database.pool import Connection
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.payments.desk import take_payment
from rft.payments.errors import PaymentUnavailable
from rft.payments.schemas import PaymentRequest
from tests.builders import Db
from tests.cast import carol
from tests.features.changes.changing import owed
from tests.features.mailing import rows
from tests.features.payments.paying import Shop


async def test_amina_carol_and_stripes_news_at_once_make_one_refund(shop: Shop, db: Db) -> None:
    order = await shop.paid_order()
    found = await shop.get(order)
    (seat,) = rows(db, "select id from bookings where booking_reference = any (%(r)s)", r=order.booking_references)
    wishes = [Wish("customer", expected=Decimal("65.00")), Wish("office", Actor(carol(db)["id"]), "Asked by phone")] * 3
    # Nobody gets further than the first lock until all of them are there.
    db.execute("begin")
    db.execute("select from orders where id = %s for update", (found.id,))
    asked = [asyncio.ensure_future(ask(shop, found.id, seat["id"], wish)) for wish in wishes]
    await asyncio.sleep(0.3)
    db.execute("commit")
    assert sorted(await asyncio.gather(*asked)) == [False] * 5 + [True]
    assert owed(db) == [("65.00", "cancelled_by_customer")]
    await shop.news()
    assert shop.bookings(order) == [("cancelled", "paid")]
    assert [(status, str(amount)) for status, amount in shop.entries(order)] == [
        ("succeeded", "75.00"),
        ("refunded", "65.00"),
    ]
    assert shop.ledger.dump()["sums"]["refunded"] == 6500


async def ask(shop: Shop, order_id: int, booking_id: int, wish: Wish) -> bool:
    async def work(db: Connection) -> None:
        await cancel_places(db, order_id, [booking_id], wish, now=utc_now())

    try:
        await shop.database.run(work)
    except Refusal:
        return False
    return True


async def test_while_stripe_is_away_nothing_is_given_up_and_nobody_is_told_of_a_page_to_pay_on(shop: Shop) -> None:
    order = await shop.order()
    await shop.page(order)
    shop.ledger.fault("answer", "*", "/v1/checkout", times=4)
    with pytest.raises(PaymentUnavailable, match="could not be closed just now, so nothing was changed"):
        await take_payment(
            shop.database, shop.gateway, Actor(carol(shop.db)["id"]), order.reference, PaymentRequest(method="cash")
        )
    assert shop.bookings(order) == [("pending", "pending")]
