"""Refunds: what is owed goes back the way it came, once, whoever brings the news; what fails is kept for a person."""

from decimal import Decimal
from typing import Any

import pytest

from rft.bookings.service import lock_order
from rft.payments.errors import RefundFixed, RefundTooLarge
from rft.payments.jobs import fetch_refunds
from rft.payments.refunds import find_refundable, mark_returned, owe_refund, retry_refund, withdraw_refund
from rft.payments.sending import send_refund
from tests.builders import a_booking, a_payment, a_schedule, update
from tests.cast import carol
from tests.features.mailing import one, rows
from tests.features.payments.paying import Shop

D = Decimal


async def owe(shop: Shop, booking_id: int, amount: str, reason: str = "goodwill") -> list[int]:
    async def work(db: Any) -> list[int]:
        found = one(shop.db, "select order_id from order_bookings where booking_id = %(id)s", id=booking_id)
        await lock_order(db, found["order_id"])
        return await owe_refund(db, booking_id, D(amount), reason=reason, requested_by=None)

    return await shop.database.run(work)


async def a_paid_seat(shop: Shop) -> Any:
    """The booking of Amina's order of one seat, £75.00, paid by card and cancelled since."""
    order = await shop.paid_order()
    booking = one(shop.db, "select * from bookings where booking_reference = %(ref)s", ref=order.booking_references[0])
    return update(shop.db, "bookings", booking, status="cancelled")


def state(shop: Shop, booking_id: int) -> list[tuple[str, str, Decimal]]:
    query = "select method, state, amount from refunds where booking_id = %(id)s order by id"
    return [tuple(row.values()) for row in rows(shop.db, query, id=booking_id)]


def payment_status(shop: Shop, booking_id: int) -> str:
    found = one(shop.db, "select payment_status from bookings where id = %(id)s", id=booking_id)
    return str(found["payment_status"])


async def test_a_part_goes_back_to_the_card_and_the_rest_stays(shop: Shop) -> None:
    booking = await a_paid_seat(shop)
    await owe(shop, booking["id"], "18.75", "cancelled_by_customer")
    await shop.news()
    assert state(shop, booking["id"]) == [("card", "returned", D("18.75"))]
    assert payment_status(shop, booking["id"]) == "paid"
    async with shop.database.connection() as db:
        assert await find_refundable(db, booking["id"]) == D("56.25")
    await owe(shop, booking["id"], "56.25")
    await shop.news()
    assert payment_status(shop, booking["id"]) == "refunded"


async def test_no_more_is_owed_than_is_still_here(shop: Shop) -> None:
    booking = await a_paid_seat(shop)
    await owe(shop, booking["id"], "50.00")
    with pytest.raises(RefundTooLarge, match=r"Only £25\.00 can go back"):
        await owe(shop, booking["id"], "25.01")
    await shop.news()
    with pytest.raises(RefundTooLarge):
        await owe(shop, booking["id"], "25.01")


async def test_what_came_two_ways_goes_back_two_ways_the_newest_first(shop: Shop) -> None:
    booking = await a_paid_seat(shop)
    a_payment(shop.db, booking, "30.00", payment_method="cash")
    await owe(shop, booking["id"], "100.00")
    assert state(shop, booking["id"]) == [("cash", "due", D("30.00")), ("card", "due", D("70.00"))]
    await shop.news()
    office = carol(shop.db)
    by_hand = one(shop.db, "select id from refunds where method = 'cash'")["id"]
    await shop.database.run(
        lambda db: mark_returned(db, by_hand, recorded_by=office["id"], method="bank_transfer", note="By BACS")
    )
    assert state(shop, booking["id"]) == [("bank_transfer", "returned", D("30.00")), ("card", "returned", D("70.00"))]
    await owe(shop, booking["id"], "5.00")
    await shop.news()
    assert payment_status(shop, booking["id"]) == "refunded"
    shop.disowned = -3000
    shop.disowned_returns = -3000


async def test_a_refund_that_comes_back_is_received_again_and_waits_for_a_person(shop: Shop) -> None:
    booking = await a_paid_seat(shop)
    await owe(shop, booking["id"], "75.00")
    await shop.news()
    [made] = shop.ledger.objects("refund")
    shop.ledger.fail_refund(made["id"])
    await shop.news()
    assert (state(shop, booking["id"]), payment_status(shop, booking["id"])) == (
        [("card", "failed", D("75.00"))],
        "paid",
    )
    ledger = rows(
        shop.db, "select id, status, amount, metadata -> 'reverses' as reverses from payment_transactions order by id"
    )
    assert [(row["status"], row["amount"]) for row in ledger] == [
        ("succeeded", D("75.00")), ("refunded", D("75.00")), ("succeeded", D("75.00")),
    ]  # fmt: skip
    assert ledger[2]["reverses"] == ledger[1]["id"]
    office, failed = carol(shop.db), one(shop.db, "select id from refunds")["id"]
    await shop.database.run(lambda db: retry_refund(db, failed, requested_by=office["id"]))
    await shop.news()
    assert state(shop, booking["id"]) == [("card", "withdrawn", D("75.00")), ("card", "returned", D("75.00"))]
    assert payment_status(shop, booking["id"]) == "refunded"


async def test_a_refund_on_its_way_is_sent_and_then_returned_or_failed(shop: Shop) -> None:
    shop.ledger.later_seconds(3600)
    for course, end in (("waits", "returned"), ("waits_then_fails", "failed")):
        booking = await a_paid_seat(shop)
        shop.ledger.next_refund(course)
        await owe(shop, booking["id"], "75.00")
        await shop.news()
        assert state(shop, booking["id"]) == [("card", "sent", D("75.00"))]
        shop.ledger.tick(hurry=True)
        await shop.news()
        assert state(shop, booking["id"]) == [("card", end, D("75.00"))]


async def test_all_the_news_at_once_and_twice_has_one_effect(shop: Shop) -> None:
    booking = await a_paid_seat(shop)
    shop.ledger.copy_webhooks(2)
    await owe(shop, booking["id"], "75.00")
    await shop.work()
    for event in shop.events("refund.created", "charge.refunded"):
        shop.ledger.redeliver(event, times=2)
    await shop.news()
    await fetch_refunds(shop.context)
    assert state(shop, booking["id"]) == [("card", "returned", D("75.00"))]
    assert one(shop.db, "select count(*) from payment_transactions where status = 'refunded'") == {"count": 1}


@pytest.mark.parametrize("told_by", ["webhook", "hourly look"])
async def test_a_refund_made_at_stripe_is_learnt_and_spread(shop: Shop, told_by: str) -> None:
    order = await shop.paid_order(seats=2)
    shop.db.execute(
        "update bookings set status = 'cancelled' where booking_reference = any (%s)", (order.booking_references,)
    )
    if told_by == "hourly look":
        shop.ledger.drop_webhooks(["*"])
    [intent] = shop.ledger.objects("payment_intent")
    await shop.gateway._call(  # what somebody does at Stripe itself, without a key of ours
        "refunds.create_async", {"payment_intent": intent["id"], "amount": 10000}
    )
    await (fetch_refunds(shop.context) if told_by == "hourly look" else shop.news())
    learnt = rows(shop.db, "select amount, state, reason from refunds order by amount")
    assert [tuple(row.values()) for row in learnt] == [
        (D("25.00"), "returned", "goodwill"),
        (D("75.00"), "returned", "goodwill"),
    ]
    assert sorted(shop.bookings(order)) == [("cancelled", "paid"), ("cancelled", "refunded")]


async def test_when_stripe_says_no_the_refund_waits_for_a_person(shop: Shop) -> None:
    booking = await a_paid_seat(shop)
    await owe(shop, booking["id"], "75.00")
    [charge] = shop.ledger.objects("charge")
    shop.ledger.open_dispute(charge["id"])
    await shop.work()
    found = one(shop.db, "select state, failure_reason from refunds")
    assert found["state"] == "failed"
    assert "charged back" in found["failure_reason"]
    assert shop.sums()[1] == 0


async def test_a_refund_withdrawn_is_not_sent(shop: Shop) -> None:
    booking = await a_paid_seat(shop)
    [refund] = await owe(shop, booking["id"], "75.00")
    await shop.database.run(lambda db: withdraw_refund(db, refund, why="Amina keeps her place."))
    await send_refund(shop.database, shop.gateway, refund)
    await shop.work()
    assert shop.ledger.objects("refund") == []
    with pytest.raises(RefundFixed):
        await shop.database.run(lambda db: withdraw_refund(db, refund, why="Twice."))


async def test_sql_cannot_owe_more_than_is_here_nor_change_what_was_agreed(shop: Shop) -> None:
    booking = a_booking(shop.db, a_schedule(shop.db), status="cancelled")
    a_payment(shop.db, booking, "10.00")
    insert = "insert into refunds (booking_id, amount, method, reason, idempotency_key) values (%s, %s, 'cash', 'goodwill', %s)"
    shop.db.execute(insert, (booking["id"], "6.00", "one"))
    with pytest.raises(Exception, match=r"£11.00 would be owed back of £10.00"):
        shop.db.execute(insert, (booking["id"], "5.00", "two"))
    with pytest.raises(Exception, match=r"£6.00 would be owed back of £5.00"):
        a_payment(shop.db, booking, "5.00", status="refunded")
    with pytest.raises(Exception, match="stays as it is"):
        shop.db.execute("update refunds set amount = 1")
    with pytest.raises(Exception, match="nothing is deleted"):
        shop.db.execute("delete from refunds")
    shop.disowned = -1000
