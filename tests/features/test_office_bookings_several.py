"""One act on many bookings: foreseen first, then done with each that it fits, and what is refused says why."""

from typing import Any

from tests.builders import Db, Row, a_booking, a_schedule, confirmed_booking, move_schedule_to_past, reload
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows, see_jobs

LIST, SEVERAL = "/office/bookings", "/office/bookings/several"


async def send(office: Browser, path: str, act: str, bookings: list[Row], **fields: str) -> Any:
    token = await office.csrf_token(LIST)
    chosen = [booking["booking_reference"] for booking in bookings]
    return await office.post(path, data={"csrf_token": token, "act": act, "chosen": chosen, **fields})


async def test_what_would_happen_is_told_and_nothing_happens(db: Db, office: Browser) -> None:
    bookings = an_order(db, people=("Amina Khan", "Bilal Khan"))["bookings"]
    page = await send(office, SEVERAL, "cancel", bookings)
    assert page.text.count("Cancelled; £65.00 goes back.") == 2
    assert "£130.00 goes back in all" in page.text
    assert reload(db, "bookings", bookings[0])["status"] == "confirmed"


async def test_many_are_cancelled_with_what_goes_back(db: Db, office: Browser) -> None:
    bookings = [*an_order(db)["bookings"], *an_order(db)["bookings"]]
    await send(office, f"{SEVERAL}/do", "cancel", bookings, reason="Her firm has closed")
    assert {reload(db, "bookings", booking)["status"] for booking in bookings} == {"cancelled"}
    assert [str(row["amount"]) for row in rows(db, "select amount from refunds")] == ["65.00", "65.00"]
    assert "2 bookings were cancelled." in (await office.get(LIST)).text


async def test_cancelling_needs_a_reason(db: Db, office: Browser) -> None:
    bookings = an_order(db)["bookings"]
    answer = await send(office, f"{SEVERAL}/do", "cancel", bookings)
    assert (answer.status_code, "Say why" in answer.text) == (422, True)
    assert reload(db, "bookings", bookings[0])["status"] == "confirmed"


async def test_only_those_of_a_course_that_has_begun_are_marked_as_not_attended(db: Db, office: Browser) -> None:
    past, coming = a_schedule(db), a_schedule(db)
    missed, early = confirmed_booking(db, past), confirmed_booking(db, coming)
    move_schedule_to_past(db, past)
    page = await send(office, SEVERAL, "no_show", [missed, early])
    assert "1 of 2 bookings" in page.text
    await send(office, f"{SEVERAL}/do", "no_show", [missed, early])
    assert [reload(db, "bookings", booking)["status"] for booking in (missed, early)] == ["no_show", "confirmed"]
    assert early["booking_reference"] in (await office.get(LIST)).text.split("<table")[0]


async def test_reminders_go_for_confirmed_places_to_come(db: Db, office: Browser) -> None:
    see_jobs(db)
    order = an_order(db)
    await send(office, f"{SEVERAL}/do", "remind", [*order["bookings"], a_booking(db, a_schedule(db))])
    job = one(db, "select args from procrastinate_jobs where task_name = 'notifications.send_reminder'")
    assert job["args"]["order_id"] == order["id"]
    assert one(db, "select action from admin_activity_logs")["action"] == "booking.remind"


async def test_with_nothing_chosen_one_is_led_back(office: Browser) -> None:
    assert (await send(office, SEVERAL, "remind", [])).headers["location"] == LIST
