"""The office's bookings: found in a list, and taken through their life; what cannot be done says why."""

from datetime import timedelta

import pytest

from rft.kit.clock import utc_now
from tests.builders import (
    Db,
    Row,
    a_booking,
    a_payment,
    a_schedule,
    completed_booking,
    confirmed_booking,
    move_schedule_to_past,
    update,
)
from tests.cast import amina, ben, dev
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows, utc


def page_of(booking: Row) -> str:
    return f"/office/bookings/{booking['booking_reference']}"


async def shown(office: Browser, db: Db, **filters: object) -> set[str]:
    """The references that the list shows with these filters."""
    answer = await office.get("/office/bookings", params={name: str(value) for name, value in filters.items()})
    assert answer.status_code == 200
    references = [row["booking_reference"] for row in rows(db, "select booking_reference from bookings")]
    return {reference for reference in references if reference in answer.text}


async def test_the_list_is_narrowed_by_state_payment_date_and_schedule(db: Db, office: Browser) -> None:
    monday = a_schedule(db, start_datetime=utc(2031, 6, 2, 8, 30), end_datetime=utc(2031, 6, 2, 15, 30))
    pending, paid, other = a_booking(db, monday), confirmed_booking(db, monday), a_booking(db, a_schedule(db))
    two = {pending["booking_reference"], paid["booking_reference"]}
    assert await shown(office, db) == two | {other["booking_reference"]}
    assert await shown(office, db, status="confirmed") == {paid["booking_reference"]}
    assert await shown(office, db, payment="paid") == {paid["booking_reference"]}
    assert await shown(office, db, on="2031-06-02") == two
    assert await shown(office, db, on="2031-06-02", status="pending") == {pending["booking_reference"]}
    assert await shown(office, db, schedule=monday["id"]) == two


async def test_a_course_just_after_londons_midnight_is_on_that_day_and_not_on_the_one_before(
    db: Db, office: Browser
) -> None:
    night = a_schedule(db, start_datetime=utc(2031, 6, 1, 23, 30), end_datetime=utc(2031, 6, 2, 6, 0))
    booking = a_booking(db, night)
    assert await shown(office, db, on="2031-06-02") == {booking["booking_reference"]}
    assert await shown(office, db, on="2031-06-01") == set()


@pytest.mark.parametrize("typed", ["amina@", "Kha", "amina khan", "seat holder", "holder"])
async def test_a_booking_is_found_by_who_booked_or_who_sits(typed: str, db: Db, office: Browser) -> None:
    order = an_order(db, people=("Seat Holder",), confirmed=False)
    a_booking(db, a_schedule(db), user=dev(db))
    update(db, "users", {"id": order["user_id"]}, email="amina@example.com")
    assert await shown(office, db, q=typed) == {order["bookings"][0]["booking_reference"]}


async def test_a_whole_reference_leads_straight_to_its_booking(db: Db, office: Browser) -> None:
    booking = a_booking(db, a_schedule(db))
    answer = await office.get("/office/bookings", params={"q": booking["booking_reference"].lower()})
    assert answer.headers["location"] == page_of(booking)


async def test_an_orders_reference_shows_its_bookings(db: Db, office: Browser) -> None:
    order = an_order(db, people=("Amina Khan", None))
    a_booking(db, a_schedule(db))
    found = await shown(office, db, q=order["reference"])
    assert found == {booking["booking_reference"] for booking in order["bookings"]}


@pytest.mark.parametrize("day", ["tomorrow", "2031-13-40", "0001-01-01", "9999-12-31"])
async def test_a_day_that_is_none_is_told_at_its_field(day: str, office: Browser) -> None:
    answer = await office.get("/office/bookings", params={"on": day})
    assert answer.status_code == 422
    assert "Enter a date, such as 2026-12-01." in answer.text


async def test_a_seat_without_an_order_is_the_customers_own_and_one_in_an_order_may_be_named_later(
    db: Db, office: Browser
) -> None:
    own = a_booking(db, a_schedule(db), user=amina(db))
    nameless = an_order(db, people=(None,))["bookings"][0]
    assert "Amina Khan, Emergency First Aid at Work." in (await office.get(page_of(own))).text
    assert "Attendee to be named" in (await office.get(page_of(nameless))).text


async def test_a_booking_that_the_ledger_covers_is_confirmed(db: Db, office: Browser) -> None:
    booking = a_booking(db, a_schedule(db))
    a_payment(db, booking)
    answer = await office.send_form(f"{page_of(booking)}/confirm", page=page_of(booking))
    assert answer.status_code == 303
    assert "The booking is confirmed." in (await office.get(page_of(booking))).text
    line = one(db, "select action, old_values, new_values from admin_activity_logs")
    assert line == {
        "action": "booking.confirm", "old_values": {"status": "pending"}, "new_values": {"status": "confirmed"},
    }  # fmt: skip


async def test_a_booking_that_is_short_says_how_much_and_is_not_confirmed(db: Db, office: Browser) -> None:
    booking = a_booking(db, a_schedule(db))
    a_payment(db, booking, "50.00")
    page = await office.get(page_of(booking))
    assert "£25.00 has not been received yet." in page.text
    assert f'action="{page_of(booking)}/confirm"' not in page.text
    answer = await office.send_form(f"{page_of(booking)}/confirm", page="/account")
    assert answer.status_code == 409
    assert "The payment is not confirmed" in answer.text
    assert rows(db, "select id from admin_activity_logs") == []


async def test_a_course_that_is_over_is_completed_and_its_certificate_issued(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, instructor_id=ben(db)["id"])
    booking = confirmed_booking(db, schedule, user=amina(db))
    move_schedule_to_past(db, schedule)
    for act in ("complete", "certificate"):
        answer = await office.send_form(f"{page_of(booking)}/{act}", page=page_of(booking))
        assert answer.status_code == 303
    now = one(db, "select status, certificate_issued from bookings")
    assert now == {"status": "completed", "certificate_issued": True}
    actions = [row["action"] for row in rows(db, "select action from admin_activity_logs order by id")]
    assert actions == ["booking.completed", "certificate.issue"]


async def test_nobody_who_came_can_be_marked_absent_once_the_certificate_is_out(db: Db, office: Browser) -> None:
    booking = completed_booking(db, a_schedule(db))
    update(db, "bookings", booking, certificate_issued=True, certificate_issued_date=utc_now().date())
    assert "The certificate has been issued." in (await office.get(page_of(booking))).text
    answer = await office.send_form(f"{page_of(booking)}/no-show", page="/account")
    assert answer.status_code == 409
    assert one(db, "select status from bookings")["status"] == "completed"


async def test_an_absent_attendee_can_still_be_marked_as_having_come(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    booking = confirmed_booking(db, schedule)
    move_schedule_to_past(db, schedule)
    for act, status in (("no-show", "no_show"), ("complete", "completed")):
        await office.send_form(f"{page_of(booking)}/{act}", page=page_of(booking))
        assert one(db, "select status from bookings")["status"] == status


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("complete", "it cannot be completed before that"),
        ("no-show", "Nobody can have missed a course that has not begun."),
        ("certificate", "no certificate can be issued"),
        ("confirm", "A confirmed booking cannot be confirmed."),
    ],
)
async def test_before_the_course_each_act_is_refused_with_its_sentence(
    act: str, sentence: str, db: Db, office: Browser
) -> None:
    booking = confirmed_booking(db, a_schedule(db))
    page = await office.get(page_of(booking))
    assert f"{page_of(booking)}/{act}" not in page.text
    answer = await office.send_form(f"{page_of(booking)}/{act}", page="/account")
    assert answer.status_code == 409
    assert sentence in answer.text
    assert rows(db, "select id from admin_activity_logs") == []


async def test_with_a_cancelled_booking_nothing_can_be_done(db: Db, office: Browser) -> None:
    booking = update(db, "bookings", a_booking(db, a_schedule(db)), status="cancelled")
    page = (await office.get(page_of(booking))).text
    assert "To have it again is to book again." in page
    assert f'action="{page_of(booking)}/' not in page


async def test_times_are_londons(db: Db, office: Browser) -> None:
    start = utc(2031, 6, 2, 8, 30)
    summer = a_schedule(db, start_datetime=start, end_datetime=start + timedelta(hours=7))
    page = (await office.get(page_of(a_booking(db, summer)))).text
    assert "09:30 to 16:30" in page


async def test_an_unknown_booking_is_not_found(office: Browser) -> None:
    assert (await office.get("/office/bookings/RFT-NOBODY")).status_code == 404
    assert (await office.send_form("/office/bookings/RFT-NOBODY/complete", page="/account")).status_code == 404
