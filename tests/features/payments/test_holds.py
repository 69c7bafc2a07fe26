"""The end of a hold: seats go back unless they were paid for, and money that comes too late goes back as well."""

import asyncio
from typing import Any

import pytest

from rft.bookings.queries import list_bookings_of_order
from rft.bookings.service import release_unpaid_order
from rft.notifications.jobs import send_payment_returned
from rft.payments import sending
from rft.payments.jobs import expire_holds
from rft.payments.service import settle_checkout
from tests.builders import a_schedule, confirmed_booking, reload
from tests.features.mailing import one, rows
from tests.features.payments.paying import Shop

REFUNDS = "/v1/refunds"


async def test_seats_nobody_paid_for_go_back_and_their_page_is_closed_first(shop: Shop) -> None:
    schedule = a_schedule(shop.db)
    order = await shop.order(seats=2, schedule=schedule)
    page = await shop.page(order)
    shop.hold_ended(order)
    assert await shop.expire() == 1
    assert shop.bookings(order) == [("cancelled", "pending")] * 2
    assert reload(shop.db, "course_schedules", schedule)["current_capacity"] == 0
    assert shop.ledger.pay(page).result == "closed"


async def test_a_hold_that_runs_is_left_alone(shop: Shop) -> None:
    order = await shop.order()
    await shop.page(order)
    assert await shop.expire() == 0
    assert shop.bookings(order) == [("pending", "pending")]


async def test_the_job_itself_does_the_same(shop: Shop) -> None:
    order = await shop.order()
    shop.hold_ended(order)
    await expire_holds(shop.context)
    assert shop.bookings(order) == [("cancelled", "pending")]


async def test_paid_in_the_last_second_is_paid(shop: Shop) -> None:
    shop.ledger.drop_webhooks(["*"])
    order = await shop.order(seats=2)
    shop.ledger.pay(await shop.page(order))
    shop.hold_ended(order)
    assert await shop.expire() == 0
    assert shop.bookings(order) == [("confirmed", "paid")] * 2
    assert shop.mails() == 1


async def test_payment_and_the_end_of_the_hold_at_once_leave_a_seat_or_no_charge(shop: Shop) -> None:
    for _ in range(5):
        order = await shop.order()
        page = await shop.page(order)
        shop.hold_ended(order)
        paying = asyncio.to_thread(shop.ledger.pay, page)
        settling = settle_checkout(shop.database, shop.gateway, page)
        await asyncio.gather(paying, shop.expire(), shop.expire(), settling)
        await shop.news()
        settled = (shop.bookings(order), [status for status, _ in shop.entries(order)])
        assert settled in (([("confirmed", "paid")], ["succeeded"]), ([("cancelled", "pending")], []))


async def test_two_workers_that_end_a_hold_at_once_give_its_seats_back_once(shop: Shop) -> None:
    schedule = a_schedule(shop.db)
    order = await shop.order(seats=3, schedule=schedule)
    shop.hold_ended(order)
    assert sum(await asyncio.gather(*(shop.expire() for _ in range(4)))) == 1
    assert reload(shop.db, "course_schedules", schedule)["current_capacity"] == 0


async def test_while_stripe_cannot_be_asked_seats_are_kept_for_four_minutes(shop: Shop) -> None:
    order = await shop.order()
    await shop.page(order)
    shop.ledger.fault("answer", times=20)
    shop.hold_ended(order, minutes=3)
    assert await shop.expire() == 0
    assert shop.bookings(order) == [("pending", "pending")]
    shop.hold_ended(order, minutes=4)
    assert await shop.expire() == 1
    assert shop.bookings(order) == [("cancelled", "pending")]


async def a_late_payment(shop: Shop, *, seats: int = 2, taken: bool = True) -> Any:
    """An order whose page was paid after its seats had gone (`taken`: to others), because Stripe could not be asked to close it."""
    schedule = a_schedule(shop.db, seats=seats)
    order = await shop.order(seats=seats, schedule=schedule)
    page = await shop.page(order)
    shop.hold_ended(order, minutes=5)
    shop.ledger.fault("answer", times=2)
    assert await shop.expire() == 1
    shop.ledger.clear_faults()
    if taken:
        confirmed_booking(shop.db, schedule)
        shop.disowned = -7500
    shop.ledger.pay(page)
    await shop.post()
    return order


async def test_money_that_comes_too_late_for_a_full_date_goes_back_once(shop: Shop) -> None:
    order = await a_late_payment(shop)
    await shop.work()
    made = shop.ledger.objects("refund")
    assert [refund["amount"] for refund in made] == [int(order.total * 50)] * 2
    assert shop.entries(order) == [("succeeded", order.total / 2)] * 2 + [("refunded", order.total / 2)] * 2
    assert shop.bookings(order) == [("cancelled", "refunded")] * 2
    stored = rows(shop.db, "select stripe_refund_id as id, reason, state from refunds")
    expected = [(refund["id"], "late_payment", "returned") for refund in made]
    assert sorted(tuple(row.values()) for row in stored) == sorted(expected)
    assert (shop.mails(), shop.mails("notifications.send_payment_returned")) == (0, 1)
    assert "Your money has gone back" in (await shop.visit(order, "")).text
    told = one(shop.db, "select args from procrastinate_jobs where task_name = 'notifications.send_payment_returned'")
    for _ in range(2):
        await send_payment_returned(shop.context, **told["args"])
    mail = one(shop.db, "select recipient, text_body from outbox_mails")
    assert mail["recipient"] == (await shop.get(order)).booker_email
    assert "your payment reached us after your places had been given back" in mail["text_body"]
    assert "Back to the card it was paid with: £150.00" in mail["text_body"]


async def test_money_that_comes_late_takes_seats_that_are_free_under_new_references(shop: Shop) -> None:
    order = await a_late_payment(shop, taken=False)
    await shop.work()
    assert shop.bookings(order) == [("cancelled", "pending")] * 2
    async with shop.database.connection() as db:
        seats = await list_bookings_of_order(db, (await shop.get(order)).id)
    again = [seat for seat in seats if seat.reference not in order.booking_references]
    assert [(seat.status, seat.payment_status) for seat in again] == [("confirmed", "paid")] * 2
    assert (shop.ledger.objects("refund"), shop.mails()) == ([], 1)
    assert (await shop.get(order)).paid == order.total
    assert again[0].reference in (await shop.visit(order, "")).text


async def test_an_order_given_up_by_hand_is_not_booked_again(shop: Shop) -> None:
    order = await shop.order()
    page = await shop.page(order)
    placed = await shop.get(order)
    await shop.database.run(lambda db: release_unpaid_order(db, placed.id))
    shop.ledger.pay(page)
    await shop.news()
    assert shop.bookings(order) == [("cancelled", "refunded")]


async def test_who_has_booked_again_in_the_meantime_gets_the_money_back(shop: Shop) -> None:
    order = await a_late_payment(shop, seats=1, taken=False)
    placed = await shop.get(order)
    confirmed_booking(shop.db, {"id": placed.schedule_id}, user={"id": placed.user_id})
    await shop.work()
    assert shop.bookings(order) == [("cancelled", "refunded")]
    shop.disowned = -7500


async def test_until_it_has_gone_back_the_customer_is_told_that_it_will(shop: Shop) -> None:
    order = await a_late_payment(shop)
    await shop.visit(order, "paid")
    assert "Your payment came too late" in (await shop.visit(order, "")).text
    await shop.work()


async def a_refund_due(shop: Shop) -> tuple[Any, int]:
    """A late payment, settled, whose refund nobody has asked Stripe for yet; answers the order and the refund's id."""
    order = await a_late_payment(shop, seats=1)
    await settle_checkout(shop.database, shop.gateway, shop.ledger.objects("checkout.session")[0]["id"])
    found = one(shop.db, "delete from procrastinate_jobs where task_name = 'payments.send_refund' returning args")
    return order, found["args"]["refund_id"]


async def test_the_job_run_twice_and_at_once_refunds_once(shop: Shop) -> None:
    order, refund = await a_refund_due(shop)
    await asyncio.gather(
        *(sending.send_refund(shop.database, shop.gateway, refund) for _ in range(3)), return_exceptions=True
    )
    await sending.send_refund(shop.database, shop.gateway, refund)
    assert len(shop.ledger.objects("refund")) == 1
    assert shop.bookings(order) == [("cancelled", "refunded")]


async def test_killed_between_the_refund_and_writing_it_down_the_second_run_converges(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, refund = await a_refund_due(shop)
    shop.ledger.pause_webhooks()

    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as power_cut:
        power_cut.setattr(sending, "record_refund", killed)
        with pytest.raises(asyncio.CancelledError):
            await sending.send_refund(shop.database, shop.gateway, refund)
    assert (len(shop.ledger.objects("refund")), shop.sums()[1]) == (1, 0)
    shop.ledger.expire_keys()
    await sending.send_refund(shop.database, shop.gateway, refund)
    assert len(shop.ledger.objects("refund")) == 1
    assert shop.bookings(order) == [("cancelled", "refunded")]
    shop.ledger.resume_webhooks()


@pytest.mark.parametrize("fault", ["lose_reply", "fail_after", "answer"])
async def test_a_refund_whose_answer_was_lost_is_not_made_twice(shop: Shop, fault: str) -> None:
    order = await a_late_payment(shop, seats=1)
    shop.ledger.fault(fault, "POST", REFUNDS, times=2)
    with pytest.raises(Exception, match="payment"):
        await shop.work()
    await shop.work()
    assert len(shop.ledger.objects("refund")) == 1
    assert shop.bookings(order) == [("cancelled", "refunded")]
