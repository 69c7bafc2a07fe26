"""Moving a place and giving it to somebody else: capacity, money and codes as for a new booking."""

from typing import Any

import pytest

from tests.builders import PRICE, Db, Row, a_course, a_discount_code, code_takes_off, update
from tests.features.browser import Browser
from tests.features.changes.changing import bought, dated, opened, owed, queued, references
from tests.features.checkout.shopping import words
from tests.features.mailing import one, rows


@pytest.fixture
def course(db: Db) -> Row:
    return a_course(db)


async def moved_to(office: Browser, order: Row, schedule: Row, **fields: str) -> Any:
    page = f"/office/bookings/{references(order)[0]}/move"
    return await office.send_form(page, page=page, schedule_id=str(schedule["id"]), **fields)


async def chosen(amina: Browser, order: Row, schedule: Row) -> Any:
    page = f"{order['page']}/places/{references(order)[0]}/move"
    token = await amina.csrf_token()
    return await amina.post(page, data={"csrf_token": token, "schedule_id": str(schedule["id"])})


def place(db: Db) -> Row:
    return one(
        db, "select course_schedule_id, payment_amount, discount_applied, discount_code_id, status from bookings"
    )


async def test_amina_moves_her_place_and_pays_what_was_agreed(db: Db, browser: Browser, course: Row) -> None:
    here, there = dated(db, 15, course=course), dated(db, 50, course=course)
    order = bought(db, here)
    update(db, "courses", course, price="90.00")
    amina = await opened(browser, order)
    assert (
        "The price stays as you paid it."
        in (await amina.get(f"{order['page']}/places/{references(order)[0]}/move")).text
    )
    assert (await chosen(amina, order, there)).headers["location"] == order["page"]
    assert (place(db)["course_schedule_id"], str(place(db)["payment_amount"])) == (there["id"], "75.00")
    seats = {
        row["id"]: row["current_capacity"] for row in rows(db, "select id, current_capacity from course_schedules")
    }
    assert seats == {here["id"]: 0, there["id"]: 1}
    assert (owed(db), queued(db, "notifications.send_booking_moved")) == ([], 1)


async def test_from_fourteen_days_on_the_office_moves_places(
    db: Db, browser: Browser, office: Browser, course: Row
) -> None:
    there, order = dated(db, 50, course=course), bought(db, dated(db, 14, course=course))
    amina = await opened(browser, order)
    page = await amina.get(f"{order['page']}/places/{references(order)[0]}/move")
    assert "A place can be moved here until 15 days before the course." in page.text
    assert (await chosen(amina, order, there)).status_code == 409
    assert (await moved_to(office, order, there)).status_code == 303
    assert place(db)["course_schedule_id"] == there["id"]


async def test_a_full_date_and_another_course_are_refused(db: Db, browser: Browser, course: Row) -> None:
    order = bought(db, dated(db, 40, course=course))
    full = dated(db, 50, course=course, seats=1)
    bought(db, full)
    amina = await opened(browser, order)
    for target in (full, dated(db, 60), dated(db, 70, course=course, status="draft")):
        answer = await chosen(amina, order, target)
        assert (answer.status_code, place_of(db, order)) == (409, order["bookings"][0]["course_schedule_id"])


def place_of(db: Db, order: Row) -> int:
    query = "select course_schedule_id from bookings where id = %(id)s"
    return int(one(db, query, id=order["bookings"][0]["id"])["course_schedule_id"])


async def test_a_cheaper_course_gives_the_difference_back(db: Db, office: Browser, course: Row) -> None:
    order = bought(db, dated(db, 40, course=course), discount="7.50")
    await moved_to(office, order, dated(db, 40, course=a_course(db, name="CPR", price="60.00")))
    assert (str(place(db)["payment_amount"]), str(place(db)["discount_applied"])) == ("54.00", "6.00")
    assert owed(db) == [("13.50", "price_difference")]


async def test_a_dearer_course_is_paid_at_the_desk(db: Db, office: Browser, course: Row) -> None:
    order, dear = bought(db, dated(db, 40, course=course)), dated(db, 40, course=a_course(db, price="100.00"))
    refused = await moved_to(office, order, dear)
    assert "£25.00 more" in words(refused.text)
    assert (await moved_to(office, order, dear, difference="cash")).status_code == 303
    assert str(place(db)["payment_amount"]) == "100.00"
    assert str(one(db, "select sum(amount) from payment_transactions")["sum"]) == "100.00"


async def test_a_difference_is_let_go_for_a_reason_and_is_no_money_later(db: Db, office: Browser, course: Row) -> None:
    order, dear = bought(db, dated(db, 40, course=course)), dated(db, 40, course=a_course(db, price="100.00"))
    assert (await moved_to(office, order, dear, difference="waive")).status_code == 422
    await moved_to(office, order, dear, difference="waive", reason="We changed the room")
    assert (str(place(db)["payment_amount"]), str(place(db)["discount_applied"])) == ("75.00", "25.00")
    await moved_to(office, order, dated(db, 60, course=course))
    assert (str(place(db)["payment_amount"]), str(place(db)["discount_applied"]), owed(db)) == ("75.00", "0.00", [])


async def test_within_a_course_the_code_stays_and_on_another_its_use_comes_back(
    db: Db, office: Browser, course: Row
) -> None:
    code = a_discount_code(db, discount_value=20)
    off = code_takes_off(code, PRICE)
    order = bought(db, dated(db, 40, course=course), confirmed=False, payment_method="invoice", discount=str(off))
    db.execute("update bookings set discount_code_id = %s", (code["id"],))
    await moved_to(office, order, dated(db, 50, course=course))
    assert place(db)["discount_code_id"] == code["id"]
    db.execute(
        """
        begin;
        insert into payment_transactions (booking_id, amount, payment_method, status)
        select id, payment_amount, 'cash', 'succeeded' from bookings;
        update bookings set status = 'confirmed', payment_status = 'paid';
        commit;
        """
    )
    await moved_to(office, order, dated(db, 60))
    assert (place(db)["discount_code_id"], str(place(db)["discount_applied"])) == (None, "15.00")
    assert one(db, "select times_used from discount_codes") == {"times_used": 0}


async def test_an_unpaid_place_keeps_to_its_course(db: Db, office: Browser, course: Row) -> None:
    order = bought(db, dated(db, 40, course=course), confirmed=False, payment_method="invoice")
    assert (await moved_to(office, order, dated(db, 40))).status_code == 409
    assert (await moved_to(office, order, dated(db, 50, course=course))).status_code == 303


async def test_carol_gives_a_place_to_bilal_until_the_course_begins(db: Db, office: Browser, course: Row) -> None:
    order = bought(db, dated(db, 1, course=course))
    page = f"/office/bookings/{references(order)[0]}/attendee"
    await office.send_form(page, page=page, first_name="Bilal", last_name="Khan", email="bilal@example.com")
    assert one(db, "select first_name, email from attendees") == {"first_name": "Bilal", "email": "bilal@example.com"}
    assert one(db, "select action from admin_activity_logs") == {"action": "booking.substitute"}
    db.execute("update course_schedules set start_datetime = localtimestamp - interval '1 minute'")
    answer = await office.send_form(page, page=page, first_name="Dev", last_name="Shah", email="")
    assert (answer.status_code, one(db, "select first_name from attendees")["first_name"]) == (409, "Bilal")


async def test_nobody_gets_a_second_seat_on_a_date(db: Db, office: Browser, course: Row) -> None:
    order = bought(db, dated(db, 9, course=course), people=("Amina Khan", "Bilal Khan"))
    db.execute("update attendees set email = 'amina@example.com' where first_name = 'Amina'")
    page = f"/office/bookings/{references(order)[1]}/attendee"
    answer = await office.send_form(page, page=page, first_name="A", last_name="K", email="AMINA@example.com")
    assert (answer.status_code, "already has a" in answer.text) == (409, True)


@pytest.mark.parametrize("typed", ["9" * 5000, "\u0661\u0662", "-1", ""])
async def test_what_is_no_date_is_asked_for_again(
    typed: str, db: Db, browser: Browser, office: Browser, course: Row
) -> None:
    order = bought(db, dated(db, 40, course=course))
    nowhere = {"id": typed}
    assert (await chosen(await opened(browser, order), order, nowhere)).status_code == 422
    assert (await moved_to(office, order, nowhere)).status_code == 422
