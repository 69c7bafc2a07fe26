"""Money that no seat waits for, because it was paid for twice or given up meanwhile, goes back; what a seat costs stays."""

from decimal import Decimal

from rft.bookings.service import release_unpaid_order
from rft.payments.received import record_payment
from tests.builders import Row, a_user, update
from tests.features.mailing import one
from tests.features.payments.paying import SLOW, Shop


def refunds(shop: Shop) -> list[int]:
    return [refund["amount"] for refund in shop.ledger.objects("refund")]


def give_up(shop: Shop, reference: str) -> Row:
    """One seat is cancelled by hand."""
    booking = one(shop.db, "select * from bookings where booking_reference = %(reference)s", reference=reference)
    return update(shop.db, "bookings", booking, status="cancelled")


async def test_paid_in_cash_and_by_card_the_card_gets_its_money_back(shop: Shop) -> None:
    order = await shop.order(seats=2)
    page = await shop.page(order)
    placed, carol = await shop.get(order), a_user(shop.db, role="admin")
    await shop.database.run(lambda db: record_payment(db, placed.id, method="cash", note=None, recorded_by=carol["id"]))
    shop.ledger.pay(page)
    await shop.news()
    assert refunds(shop) == [int(order.total * 50)] * 2
    assert shop.bookings(order) == [("confirmed", "paid")] * 2
    assert (await shop.get(order)).paid == order.total
    # What came in cash is not in Stripe's books.
    shop.disowned = -int(order.total * 100)


async def test_paid_on_two_pages_the_second_payment_goes_back(shop: Shop) -> None:
    shop.ledger.later_seconds(3600)
    order = await shop.order()
    first = await shop.page(order)
    shop.ledger.pay(first, SLOW)
    shop.db.execute("update checkout_attempts set state = 'closed'")
    shop.ledger.pay(await shop.page(order))
    shop.ledger.settle(shop.ledger.objects("payment_intent")[0]["id"])
    await shop.news()
    assert [status for status, _ in shop.entries(order)] == ["succeeded", "succeeded", "refunded"]
    assert (shop.bookings(order), refunds(shop)) == ([("confirmed", "paid")], [7500])
    assert shop.mails() == 1


async def test_two_payments_that_both_come_too_late_both_go_back(shop: Shop) -> None:
    shop.ledger.later_seconds(3600)
    order = await shop.order()
    shop.ledger.pay(await shop.page(order), SLOW)
    shop.db.execute("update checkout_attempts set state = 'closed'")
    shop.ledger.pay(await shop.page(order), SLOW)
    placed = await shop.get(order)
    await shop.database.run(lambda db: release_unpaid_order(db, placed.id))
    for intent in shop.ledger.objects("payment_intent"):
        shop.ledger.settle(intent["id"])
        await shop.news()
        assert shop.bookings(order) == [("cancelled", "refunded")]
    assert refunds(shop) == [7500, 7500]


async def test_both_come_before_either_has_gone_back(shop: Shop) -> None:
    shop.ledger.later_seconds(3600)
    order = await shop.order()
    shop.ledger.pay(await shop.page(order), SLOW)
    shop.db.execute("update checkout_attempts set state = 'closed'")
    shop.ledger.pay(await shop.page(order), SLOW)
    placed = await shop.get(order)
    await shop.database.run(lambda db: release_unpaid_order(db, placed.id))
    for intent in shop.ledger.objects("payment_intent"):
        shop.ledger.settle(intent["id"])
    await shop.news()
    assert (refunds(shop), shop.bookings(order)) == ([7500, 7500], [("cancelled", "refunded")])


async def test_a_seat_given_up_before_the_page_is_not_on_it(shop: Shop) -> None:
    order = await shop.order(seats=2)
    give_up(shop, order.booking_references[0])
    shop.ledger.pay(await shop.page(order))
    await shop.news()
    assert shop.bookings(order) == [("cancelled", "pending"), ("confirmed", "paid")]
    assert shop.entries(order) == [("succeeded", order.total / 2)]


async def test_a_seat_given_up_while_the_page_is_open_is_paid_back(shop: Shop) -> None:
    order = await shop.order(seats=3)
    page = await shop.page(order)
    give_up(shop, order.booking_references[1])
    shop.ledger.pay(page)
    await shop.news()
    assert shop.bookings(order) == [("confirmed", "paid"), ("cancelled", "refunded"), ("confirmed", "paid")]
    assert refunds(shop) == [int(order.total * 100 / 3)]
    assert (await shop.get(order)).paid == order.total * 2 / 3


async def test_the_same_news_again_moves_nothing_after_a_seat_was_given_up(shop: Shop) -> None:
    order = await shop.order(seats=2)
    give_up(shop, order.booking_references[0])
    shop.ledger.pay(await shop.page(order))
    await shop.news()
    give_up(shop, order.booking_references[1])
    shop.ledger.redeliver(
        shop.ledger.announce("checkout.session.completed", shop.ledger.objects("checkout.session")[0]["id"])["id"]
    )
    await shop.news()
    await shop.look_for_lost_news()
    assert shop.entries(order) == [("succeeded", order.total / 2)]
    assert refunds(shop) == []


async def test_seats_that_stripe_took_another_sum_for_are_left_to_a_person(shop: Shop) -> None:
    order = await shop.order(seats=2)
    page = await shop.page(order)
    booking = one(shop.db, "select * from bookings order by id limit 1")
    update(
        shop.db,
        "bookings",
        booking,
        payment_amount=Decimal("70.00"),
        discount_applied=booking["payment_amount"] + booking["discount_applied"] - 70,
    )
    shop.ledger.pay(page)
    await shop.news()
    assert (
        shop.outcomes()["checkout.session.completed"]
        == f"Refused: {order.total} GBP is not what any seats of the order cost."
    )
    assert shop.entries(order) == []
    update(
        shop.db,
        "bookings",
        booking,
        payment_amount=booking["payment_amount"],
        discount_applied=booking["discount_applied"],
    )
    shop.disowned = int(order.total * 100)


async def test_a_page_that_was_open_when_a_seat_was_given_up_is_opened_anew_for_less(shop: Shop) -> None:
    order = await shop.order(seats=2)
    first = await shop.page(order)
    give_up(shop, order.booking_references[0])
    second = await shop.page(order)
    assert second != first
    shop.ledger.pay(second)
    await shop.news()
    assert shop.ledger.pay(first).result == "closed"
    assert (shop.entries(order), refunds(shop)) == ([("succeeded", order.total / 2)], [])
