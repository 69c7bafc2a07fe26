"""The waiting list: joined from a full date, offered in turn what comes free, taken by a link, left."""

from datetime import timedelta
from typing import Any

import pytest

from rft.database.pool import Database
from rft.kit.clock import minutes_after, utc_now
from rft.notifications.jobs import send_waiting_joined, send_waiting_offer
from rft.waiting.offers import make_offers
from rft.waiting.service import forget_entries
from tests.builders import Db, Row, a_booking, a_schedule, reload, update
from tests.features.browser import Browser
from tests.features.mailing import cancel, context, one, rows, see_jobs

AMINA = {"first_name": "Amina", "last_name": "Khan", "email": "amina@example.com"}
DEV = {"first_name": "Dev", "last_name": "Shah", "email": "dev@example.com"}


@pytest.fixture(autouse=True)
def _jobs(db: Db) -> None:
    see_jobs(db)


def a_full_date(db: Db, seats: int = 2, **columns: Any) -> tuple[Row, list[Row]]:
    schedule = a_schedule(db, seats=seats, **columns)
    return schedule, [a_booking(db, schedule) for _ in range(seats)]


async def waits(browser: Browser, schedule: Row, person: dict[str, str], places: int = 1, **fields: Any) -> None:
    page = f"/waiting/join/{schedule['id']}"
    answer = await browser.send_form(page, page=page, places=str(places), **person, **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/waiting/joined")


def entry_of(db: Db, person: dict[str, str]) -> Row:
    return one(db, "select * from waiting_entries where email = %(email)s", email=person["email"])


def offered(db: Db) -> list[str]:
    query = "select first_name from waiting_entries where order_id is not null order by offered_at, id"
    return [row["first_name"] for row in rows(db, query)]


async def test_who_joined_first_is_offered_the_seat_that_comes_free(
    db: Db, browser: Browser, database: Database
) -> None:
    schedule, taken = a_full_date(db)
    await waits(browser, schedule, AMINA)
    await waits(browser, schedule, DEV)
    assert await make_offers(database, now=utc_now()) == 0
    cancel(db, taken[0])
    assert await make_offers(database, now=utc_now()) == 1
    assert offered(db) == ["Amina"]
    assert reload(db, "course_schedules", schedule)["status"] == "full"
    assert await make_offers(database, now=utc_now()) == 0


async def test_a_group_that_does_not_fit_is_passed_and_keeps_its_turn(
    db: Db, browser: Browser, database: Database
) -> None:
    schedule, taken = a_full_date(db, 3)
    await waits(browser, schedule, AMINA, places=2)
    await waits(browser, schedule, DEV)
    cancel(db, taken[0])
    await make_offers(database, now=utc_now())
    assert offered(db) == ["Dev"]
    cancel(db, taken[1])
    assert await make_offers(database, now=utc_now()) == 0
    cancel(db, taken[2])
    await make_offers(database, now=utc_now())
    assert offered(db) == ["Dev", "Amina"]


async def test_an_offer_that_lapses_goes_to_the_next_in_turn(db: Db, browser: Browser, database: Database) -> None:
    schedule, taken = a_full_date(db, 1)
    await waits(browser, schedule, AMINA)
    await waits(browser, schedule, DEV)
    cancel(db, taken[0])
    await make_offers(database, now=utc_now())
    order = one(db, "select * from orders where id = %(order_id)s", **entry_of(db, AMINA))
    assert order["hold_expires_at"] > minutes_after(utc_now(), 23 * 60)
    cancel(db, one(db, "select booking_id as id from order_bookings where order_id = %(id)s", **order))
    await make_offers(database, now=utc_now())
    assert offered(db) == ["Amina", "Dev"]
    assert "The offer is over" in (await browser.get(f"/waiting/{entry_of(db, AMINA)['reference']}")).text


async def test_any_of_these_dates_is_offered_once(db: Db, browser: Browser, database: Database) -> None:
    first, first_taken = a_full_date(db, 1)
    course = {"id": first["course_id"]}
    second, second_taken = a_full_date(db, 1, course=course)
    await waits(browser, first, AMINA, also=str(second["id"]))
    cancel(db, second_taken[0])
    cancel(db, first_taken[0])
    assert await make_offers(database, now=utc_now()) == 1
    assert reload(db, "course_schedules", second)["current_capacity"] == 0


async def test_the_mail_leads_to_the_order_and_its_payment(db: Db, browser: Browser, database: Database) -> None:
    schedule, taken = a_full_date(db)
    await waits(browser, schedule, AMINA)
    entry = entry_of(db, AMINA)
    await send_waiting_joined(context(database), entry_id=entry["id"])
    cancel(db, taken[0])
    await make_offers(database, now=utc_now())
    for _ in range(2):
        await send_waiting_offer(context(database), entry_id=entry["id"])
    mails = rows(db, "select email_type, text_body from outbox_mails order by id")
    assert [mail["email_type"] for mail in mails] == ["waiting_joined", "waiting_offer"]
    link = f"/waiting/{entry['reference']}"
    assert link in mails[1]["text_body"]
    answer = await browser.send_form(f"{link}/take", page=link)
    page = await browser.get(answer.headers["location"])
    assert (page.status_code, "Who is coming?" in page.text) == (200, True)


async def test_nobody_hears_that_somebody_else_waits_already(db: Db, browser: Browser) -> None:
    schedule, _ = a_full_date(db)
    await waits(browser, schedule, AMINA)
    await waits(browser, schedule, AMINA | {"email": "AMINA@example.com"}, places=2)
    assert entry_of(db, AMINA)["places"] == 1


async def test_who_has_left_is_offered_nothing(db: Db, browser: Browser, database: Database) -> None:
    schedule, taken = a_full_date(db)
    await waits(browser, schedule, AMINA)
    link = f"/waiting/{entry_of(db, AMINA)['reference']}"
    await browser.send_form(f"{link}/leave", page=link)
    cancel(db, taken[0])
    assert await make_offers(database, now=utc_now()) == 0
    assert "You have left the waiting list" in (await browser.get(link)).text


async def test_with_room_for_all_there_is_nothing_to_wait_for(db: Db, browser: Browser) -> None:
    schedule = a_schedule(db)
    page = f"/waiting/join/{schedule['id']}"
    answer = await browser.send_form(page, page=page, places="2", **AMINA)
    assert answer.headers["location"] == f"/dates/{schedule['id']}"
    assert rows(db, "select from waiting_entries") == []


async def test_one_who_cannot_be_offered_anything_keeps_nobody_waiting(
    db: Db, browser: Browser, database: Database
) -> None:
    schedule, taken = a_full_date(db)
    await waits(browser, schedule, AMINA)
    await waits(browser, schedule, DEV)
    unpaid = [a_schedule(db) for _ in range(5)]
    for date in unpaid:
        page = f"/book/{date['id']}/who?places=1"
        await browser.send_form(f"/book/{date['id']}/who", page=page, places="1", form_key=str(date["id"]) * 9, **AMINA)
    cancel(db, taken[0])
    assert await make_offers(database, now=utc_now()) == 1
    assert offered(db) == ["Dev"]


async def test_nothing_is_offered_in_the_last_hours_before_the_course(
    db: Db, browser: Browser, database: Database
) -> None:
    schedule, taken = a_full_date(db)
    await waits(browser, schedule, AMINA)
    cancel(db, taken[0])
    eve = minutes_after(schedule["start_datetime"], -3 * 60)
    assert await make_offers(database, now=eve) == 0


async def test_carol_sees_the_queue_in_its_order_and_why(db: Db, browser: Browser, office: Browser) -> None:
    schedule, taken = a_full_date(db, 3)
    await waits(browser, schedule, AMINA, places=2)
    await waits(browser, schedule, DEV)
    cancel(db, taken[0])
    page = (await office.get(f"/office/schedules/{schedule['id']}/waiting")).text
    assert page.index("Amina Khan") < page.index("Needs 2 places together; 1 place is free. The turn is kept.")
    assert "Fits; 1 entry is ahead." in page
    assert "Emergency First Aid at Work" in (await office.get("/office/waiting")).text


async def test_carol_adds_and_removes_somebody_and_the_log_tells(db: Db, office: Browser) -> None:
    schedule, _ = a_full_date(db)
    page = f"/office/schedules/{schedule['id']}/waiting"
    assert (await office.send_form(page, page=page, places="2", **DEV)).status_code == 303
    again = await office.send_form(page, page=page, places="2", **DEV)
    assert "This person waits for the course already." in again.text
    await office.send_form(f"{page}/leave", page=page, reference=entry_of(db, DEV)["reference"])
    assert entry_of(db, DEV)["left_at"]
    acts = rows(db, "select action from admin_activity_logs where entity_type = 'waiting_entry' order by id")
    assert [act["action"] for act in acts] == ["waiting.join", "waiting.leave"]


@pytest.mark.parametrize(("field", "value"), [("places", "0"), ("places", "x"), ("email", "amina"), ("first_name", "")])
async def test_what_is_not_right_is_said_beside_its_field(field: str, value: str, db: Db, browser: Browser) -> None:
    schedule, _ = a_full_date(db)
    page = f"/waiting/join/{schedule['id']}"
    answer = await browser.send_form(page, page=page, **{"places": "1", **AMINA, field: value})
    assert (answer.status_code, f'id="field-{field}-error"' in answer.text) == (422, True)
    assert AMINA["last_name"] in answer.text


async def test_who_waited_is_forgotten_when_the_last_of_their_dates_is_long_over(
    db: Db, browser: Browser, database: Database
) -> None:
    near, _ = a_full_date(db)
    far, _ = a_full_date(db, course={"id": near["course_id"]})
    await waits(browser, near, AMINA, also=str(far["id"]))
    await waits(browser, near, DEV)
    async with database.transaction() as connection:
        assert await forget_entries(connection, before=near["end_datetime"]) == 0
        assert await forget_entries(connection, before=near["end_datetime"] + timedelta(seconds=1)) == 1
    assert [row["email"] for row in rows(db, "select email from waiting_entries")] == ["amina@example.com"]


async def test_a_killed_worker_has_offered_or_has_not(db: Db, browser: Browser, database: Database) -> None:
    schedule, taken = a_full_date(db)
    await waits(browser, schedule, AMINA)
    update(db, "bookings", taken[0], status="cancelled")
    # Its last step but one fails: the whole offer is undone, and made again in the next turn.
    db.execute("alter table order_sources add constraint killed check (source <> 'waiting_list')")
    with pytest.raises(ExceptionGroup):
        await make_offers(database, now=utc_now())
    assert (offered(db), rows(db, "select from orders")) == ([], [])
    db.execute("alter table order_sources drop constraint killed")
    assert await make_offers(database, now=utc_now()) == 1
    assert (
        one(db, "select count(*) from procrastinate_jobs where task_name = 'notifications.send_waiting_offer'")["count"]
        == 1
    )
