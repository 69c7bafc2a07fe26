"""Giving places up: the sum is shown first, and what was confirmed is what goes back."""

from collections.abc import Callable

import pytest

from tests.builders import Db, a_booking, a_course, confirm
from tests.cast import dev
from tests.features.browser import Browser
from tests.features.changes.changing import bought, dated, opened, owed, queued, references, standing
from tests.features.checkout.shopping import words
from tests.features.mailing import an_order, one, rows


async def test_amina_sees_the_sum_confirms_it_and_it_goes_back(db: Db, browser: Browser) -> None:
    order = bought(db, dated(db, 40))
    amina = await opened(browser, order)
    page = words((await amina.get(f"{order['page']}/cancel")).text)
    assert "£65.00 goes back to you." in page
    assert "All of it, less £10.00: the course is 40 days away." in page
    answer = await amina.send_form(
        f"{order['page']}/cancel", page=f"{order['page']}/cancel", places=references(order)[0], expected="65.00"
    )
    assert answer.headers["location"] == order["page"]
    shown = words((await amina.get(order["page"])).text)
    assert "This booking is cancelled" in shown
    assert "£65.00 goes back the way you paid." in shown
    assert (standing(db, order), owed(db)) == (["cancelled"], [("65.00", "cancelled_by_customer")])
    assert queued(db, "notifications.send_booking_cancelled") == 1


async def test_a_sum_that_is_no_longer_true_is_shown_anew_and_nothing_happens(db: Db, browser: Browser) -> None:
    order = bought(db, dated(db, 30))
    amina = await opened(browser, order)
    answer = await amina.send_form(
        f"{order['page']}/cancel", page=f"{order['page']}/cancel", places=references(order)[0], expected="65.00"
    )
    assert answer.status_code == 409
    assert "£37.50 goes back now, not £65.00. Nothing was cancelled" in words(answer.text)
    assert (standing(db, order), owed(db)) == (["confirmed"], [])


async def test_of_three_places_two_are_given_up(db: Db, browser: Browser) -> None:
    order = bought(db, dated(db, 20), people=("Amina Khan", "Bilal Khan", None))
    amina = await opened(browser, order)
    assert "Which places do you want to cancel?" in (await amina.get(f"{order['page']}/cancel")).text
    chosen = references(order)[:2]
    page = words((await amina.get(f"{order['page']}/cancel", params={"places": chosen})).text)
    assert "£75.00 goes back to you." in page
    token = await amina.csrf_token(f"{order['page']}/cancel?places={chosen[0]}")
    await amina.post(f"{order['page']}/cancel", data={"csrf_token": token, "places": chosen, "expected": "75.00"})
    assert standing(db, order) == ["cancelled", "cancelled", "confirmed"]
    assert owed(db) == [("37.50", "cancelled_by_customer")] * 2
    assert "You are booked" in (await amina.get(order["page"])).text


async def test_once_the_course_has_begun_nothing_is_given_up(db: Db, browser: Browser) -> None:
    order = bought(db, dated(db, 5))
    db.execute("update course_schedules set start_datetime = localtimestamp - interval '1 minute'")
    amina = await opened(browser, order)
    form = {"csrf_token": await amina.csrf_token(), "places": references(order)[0], "expected": "0.00"}
    await amina.post(f"{order['page']}/cancel", data=form)
    assert standing(db, order) == ["confirmed"]


async def test_days_are_counted_to_the_first_session(db: Db, browser: Browser) -> None:
    schedule = dated(db, 28)
    db.execute(
        """
        update course_schedules set end_datetime = end_datetime + interval '9 days';
        insert into schedule_sessions (course_schedule_id, starts_at, ends_at)
        select id, start_datetime + interval '3 days', start_datetime + interval '3 days 6 hours' from course_schedules;
        """
    )
    order = bought(db, schedule)
    page = words((await (await opened(browser, order)).get(f"{order['page']}/cancel")).text)
    assert "the course is 31 days away" in page


async def test_somebody_elses_order_cannot_be_given_up(
    db: Db, browser: Browser, new_browser: Callable[..., Browser]
) -> None:
    order = bought(db, dated(db, 40))
    stranger = await opened(browser, bought(db, dated(db, 40), booker_name="Dev Shah"))
    form = {"csrf_token": await stranger.csrf_token(), "places": references(order)[0], "expected": "65.00"}
    assert (await stranger.get(f"{order['page']}/cancel")).status_code == 404
    assert (await stranger.post(f"{order['page']}/cancel", data=form)).status_code == 404
    assert standing(db, order) == ["confirmed"]


async def test_a_place_reserved_on_a_purchase_order_is_given_up_for_nothing(db: Db, browser: Browser) -> None:
    order = bought(db, dated(db, 40), confirmed=False, payment_method="invoice", purchase_order="PO-7")
    amina = await opened(browser, order)
    assert "Nothing has been paid for this place." in (await amina.get(f"{order['page']}/cancel")).text
    await amina.send_form(
        f"{order['page']}/cancel", page=f"{order['page']}/cancel", places=references(order)[0], expected="0.00"
    )
    assert (standing(db, order), owed(db)) == (["cancelled"], [])
    assert "No money goes back." in (await amina.get(order["page"])).text


async def test_the_seat_and_the_use_of_the_code_come_back(db: Db, browser: Browser) -> None:
    schedule = dated(db, 40, seats=1)
    order = bought(db, schedule)
    assert one(db, "select status from course_schedules") == {"status": "full"}
    amina = await opened(browser, order)
    await amina.send_form(
        f"{order['page']}/cancel", page=f"{order['page']}/cancel", places=references(order)[0], expected="65.00"
    )
    assert one(db, "select status, current_capacity from course_schedules") == {
        "status": "published",
        "current_capacity": 0,
    }


async def test_carol_says_another_sum_and_why(db: Db, office: Browser) -> None:
    order = bought(db, dated(db, 3))
    page = f"/office/bookings/{references(order)[0]}"
    shown = words((await office.get(f"{page}/cancel")).text)
    assert "£0.00. Nothing is returned: the course is 3 days away." in shown
    fields = {f"refund_{references(order)[0]}": "50.00", "who": "customer"}
    refused = await office.send_form(f"{page}/cancel", page=f"{page}/cancel", **fields)
    assert (refused.status_code, "Say why" in refused.text, 'value="50.00"' in refused.text) == (422, True, True)
    await office.send_form(f"{page}/cancel", page=f"{page}/cancel", reason="Broken leg", **fields)
    assert (standing(db, order), owed(db)) == (["cancelled"], [("50.00", "cancelled_by_customer")])
    log = one(db, "select action, new_values from admin_activity_logs")
    assert log == {
        "action": "booking.cancel",
        "new_values": {"status": "cancelled", "amount": "50.00", "reason": "Broken leg"},
    }
    kept = one(db, "select cause, policy_refund, refund, days_ahead from booking_cancellations")
    assert (kept["cause"], str(kept["policy_refund"]), str(kept["refund"]), kept["days_ahead"]) == (
        "office",
        "0.00",
        "50.00",
        3,
    )


@pytest.mark.parametrize("sum_typed", ["75.01", "-1", "much"])
async def test_no_more_than_is_held_goes_back(sum_typed: str, db: Db, office: Browser) -> None:
    order = bought(db, dated(db, 40))
    page = f"/office/bookings/{references(order)[0]}/cancel"
    fields = {f"refund_{references(order)[0]}": sum_typed, "who": "us", "reason": "Our mistake"}
    answer = await office.send_form(page, page=page, **fields)
    assert (answer.status_code, standing(db, order), owed(db)) == (422, ["confirmed"], [])


async def test_carol_gives_up_a_whole_order_and_says_that_it_was_us(db: Db, office: Browser) -> None:
    order = bought(db, dated(db, 10), people=("Amina Khan", None))
    page = f"/office/orders/{order['reference']}/cancel"
    fields = {f"refund_{reference}": "75.00" for reference in references(order)}
    await office.send_form(page, page=page, who="us", reason="No lift", **fields)
    assert (standing(db, order), owed(db)) == (["cancelled"] * 2, [("75.00", "cancelled_by_us")] * 2)


async def test_a_booking_without_an_order_is_given_up_by_the_policy_of_its_day(db: Db, office: Browser) -> None:
    booking = confirm(db, a_booking(db, dated(db, 20, course=a_course(db)), user=dev(db)))
    page = f"/office/bookings/{booking['booking_reference']}/cancel"
    fields = {f"refund_{booking['booking_reference']}": "37.50", "who": "customer", "reason": "Asked by phone"}
    assert (await office.send_form(page, page=page, **fields)).status_code == 303
    assert owed(db) == [("37.50", "cancelled_by_customer")]


async def test_a_cancellation_is_written_once_and_stays(db: Db) -> None:
    order = an_order(db)
    insert = """
        insert into booking_cancellations (booking_id, cause, policy_version, days_ahead, policy_refund, refund, cancelled_at)
        values (%s, 'customer', '1', 40, 65, 65, localtimestamp)
        """
    with pytest.raises(Exception, match="not cancelled"):
        db.execute(insert, (order["bookings"][0]["id"],))
    db.execute("update bookings set status = 'cancelled'")
    db.execute(insert, (order["bookings"][0]["id"],))
    for change in ("update booking_cancellations set refund = 1", "delete from booking_cancellations"):
        with pytest.raises(Exception, match=r"never changed|nothing is deleted"):
            db.execute(change)
    assert len(rows(db, "select from booking_cancellations")) == 1


async def test_who_gives_up_a_date_that_we_called_off_gets_everything_back(db: Db, browser: Browser) -> None:
    schedule = dated(db, 5)
    order = bought(db, schedule)
    db.execute("update course_schedules set status = 'cancelled' where id = %s", (schedule["id"],))
    amina = await opened(browser, order)
    page = words((await amina.get(f"{order['page']}/cancel")).text)
    assert "£75.00 goes back to you." in page
    assert "All of it: we have called this date off." in page
    await amina.send_form(
        f"{order['page']}/cancel", page=f"{order['page']}/cancel", places=references(order)[0], expected="75.00"
    )
    assert (standing(db, order), owed(db)) == (["cancelled"], [("75.00", "cancelled_by_us")])
