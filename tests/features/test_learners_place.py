"""Attendees and their links: invited once, let in, old enough, replaced, and shut out when it is over."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import psycopg
import pytest

from rft.bookings.schemas import AttendeeRequest
from rft.database.pool import Connection, Database
from rft.kit.clock import utc_now
from rft.learners.errors import LinkOver
from rft.learners.schemas import DetailsRequest, OtherProviderRequest
from rft.learners.service import give_away, open_place, prove_with_another, save_details
from rft.settings import Settings
from tests.builders import Db, Row, a_course, a_schedule, insert, move_schedule_to_past
from tests.features.attending import a_place, attendee_of, details_of, invite_everybody, link_in
from tests.features.browser import Browser
from tests.features.mailing import cancel, one, rows, utc

FORM = {"first_name": "Devdan", "last_name": "Shah", "date_of_birth": "1990-02-03", "needs": "A chair with arms"}
PDF = b"%PDF-1.7\n\x00\xff not much of one"


@pytest.fixture
def place(db: Db) -> Row:
    return a_place(db)


@pytest.fixture
async def dev(browser: Browser, database: Database, settings: Settings, place: Row) -> Browser:
    """Dev's browser, which has opened the link of the mail."""
    (mail,) = await invite_everybody(database, settings)
    answer = await browser.get(link_in(mail))
    assert (answer.status_code, answer.headers["location"]) == (303, "/attending")
    return browser


async def send(dev: Browser, path: str, **fields: str) -> int:
    return (await dev.send_form(f"/attending{path}", page="/attending", **fields)).status_code


async def test_whoever_has_an_address_is_invited_once(db: Db, database: Database, settings: Settings) -> None:
    a_place(db)
    a_place(db, email=None)
    a_place(db, email="early@example.com", confirmed=False)
    for _ in range(2):
        mails = await invite_everybody(database, settings)
        assert [mail["recipient"] for mail in mails] == ["dev@example.com"]


async def test_dev_writes_what_stands_on_the_certificate(db: Db, dev: Browser, place: Row) -> None:
    assert await send(dev, "/details", **FORM) == 303
    assert attendee_of(db, place)["first_name"] == "Devdan"
    assert one(db, "select needs from access_needs")["needs"] == "A chair with arms"
    page = (await dev.get("/attending")).text
    assert 'value="1990-02-03"' in page
    assert "Details complete" in page
    assert await send(dev, "/details", **(FORM | {"needs": " "})) == 303
    assert rows(db, "select from access_needs") == []


async def test_a_page_that_was_open_when_the_place_was_given_away_writes_nothing_on_it(
    db: Db, database: Database, settings: Settings, place: Row
) -> None:
    (mail,) = await invite_everybody(database, settings)
    async with database.connection() as reading:
        devs = await open_place(reading, settings, link_in(mail).partition("token=")[2], now=utc_now())
    eve, mallory = (AttendeeRequest(first_name="Eve", last_name="Wong", email=f"{name}@example.com") for name in "em")
    await database.run(lambda db: give_away(db, devs, eve, now=utc_now()))
    details = DetailsRequest.model_validate(FORM)
    other = OtherProviderRequest.model_validate({"provider": "Red Cross", "completed_on": "2024-02-29"})
    late: list[Callable[[Connection], Awaitable[None]]] = [
        lambda db: save_details(db, devs, details),
        lambda db: prove_with_another(db, devs, other, b"", now=utc_now()),
        lambda db: give_away(db, devs, mallory, now=utc_now()),
    ]
    for act in late:
        with pytest.raises(LinkOver):
            await database.run(act)
    assert attendee_of(db, place)["email"] == "e@example.com"
    assert rows(db, "select from attendee_details union all select from access_needs") == []


async def test_a_form_that_is_not_right_comes_back_with_what_was_typed(db: Db, dev: Browser, place: Row) -> None:
    answer = await dev.send_form("/attending/details", page="/attending", **(FORM | {"date_of_birth": "3/2/1990"}))
    assert answer.status_code == 422
    assert "Give a day as text" in answer.text
    assert "A chair with arms" in answer.text
    assert details_of(db, place) == []


async def test_the_birthday_is_on_the_first_day_at_the_latest(
    db: Db, browser: Browser, database: Database, settings: Settings
) -> None:
    # 00:30 in London, while it is still the day before in UTC.
    schedule = a_schedule(db, start_datetime=utc(2031, 6, 30, 23, 30), end_datetime=utc(2031, 7, 1, 7))
    place = a_place(db, schedule=schedule)
    (mail,) = await invite_everybody(database, settings)
    await browser.get(link_in(mail))
    assert await send(browser, "/details", **(FORM | {"date_of_birth": "2015-07-02"})) == 422
    assert details_of(db, place) == []
    assert await send(browser, "/details", **(FORM | {"date_of_birth": "2015-07-01"})) == 303


def test_the_database_knows_the_minimum_age_too(db: Db, place: Row) -> None:
    first_day = one(db, "select min(start_datetime)::date as day from course_schedules")["day"]
    birth = first_day.replace(year=first_day.year - 15)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        insert(db, "attendee_details", booking_id=place["id"], date_of_birth=birth)
    assert refused.value.diag.constraint_name == "attendee_details_old_enough"


async def test_who_gives_the_place_away_takes_what_they_said_along(
    db: Db, dev: Browser, place: Row, database: Database, settings: Settings
) -> None:
    await send(dev, "/details", **FORM)
    other = {"other_first_name": "Ruth", "other_last_name": "Holt", "other_email": "ruth@example.com"}
    assert await send(dev, "/give-away", **other) == 303
    assert attendee_of(db, place)["email"] == "ruth@example.com"
    assert details_of(db, place) + rows(db, "select from access_needs") == []
    assert (await dev.get("/attending")).status_code == 404
    newest = (await invite_everybody(database, settings))[0]
    assert newest["recipient"] == "ruth@example.com"
    assert (await dev.get(link_in(newest))).status_code == 303


async def test_a_booker_who_mends_a_name_takes_nothing_away(db: Db, dev: Browser, place: Row) -> None:
    await send(dev, "/details", **FORM)
    with db.transaction():
        db.execute("delete from attendees where booking_id = %s", (place["id"],))
        insert(db, "attendees", booking_id=place["id"], first_name="Dev", last_name="Shah", email="Dev@example.com")
    assert len(details_of(db, place)) == 1
    assert (await dev.get("/attending")).status_code == 200


async def test_a_link_ends_with_the_office_the_booking_and_the_course(
    db: Db, dev: Browser, place: Row, office: Browser, new_browser: Callable[..., Browser]
) -> None:
    page = f"/office/bookings/{place['booking_reference']}/details"
    assert "Stands:" in (await office.get(page)).text
    schedule = one(db, "select * from course_schedules where id = %(id)s", id=place["course_schedule_id"])
    assert (await dev.get("/attending")).status_code == 200
    move_schedule_to_past(db, schedule)
    assert (await dev.get("/attending")).status_code == 404
    assert (await office.send_form(f"{page}/end", page=page)).status_code == 303
    assert one(db, "select revoked_at is not null as ended from attendee_links")["ended"]
    assert (await new_browser().get("/attending")).status_code == 404


async def test_a_cancelled_place_and_a_changed_token_open_nothing(
    db: Db, place: Row, browser: Browser, database: Database, settings: Settings
) -> None:
    (mail,) = await invite_everybody(database, settings)
    link = link_in(mail)
    assert (await browser.get(link[:-1] + ("A" if link[-1] != "A" else "B"))).status_code == 404
    cancel(db, place)
    assert (await browser.get(link)).status_code == 404


async def test_the_office_sends_a_new_link_and_the_old_one_dies(
    db: Db, dev: Browser, place: Row, office: Browser, database: Database, settings: Settings
) -> None:
    page = f"/office/bookings/{place['booking_reference']}/details"
    await office.send_form(f"{page}/send", page=page)
    assert (await dev.get("/attending")).status_code == 404
    newest = (await invite_everybody(database, settings))[0]
    assert (await dev.get(link_in(newest))).status_code == 303
    acts = rows(db, "select action from admin_activity_logs")
    assert [act["action"] for act in acts] == ["attendee.send_link"]


async def test_the_calendar_has_the_days_of_this_place(dev: Browser, place: Row) -> None:
    answer = await dev.get("/attending/calendar.ics")
    assert answer.text.count("BEGIN:VEVENT") == 1
    assert place["booking_reference"] in answer.headers["content-disposition"]


class TestEarlierCertificates:
    @pytest.fixture
    def place(self, db: Db) -> Row:
        course = a_course(db, name="First Aid at Work: requalification", course_type="FAW", duration_hours=12)
        insert(db, "course_variants", course_id=course["id"], qualification="faw_requalification")
        start = utc(2031, 7, 1, 8)
        return a_place(
            db,
            schedule=a_schedule(
                db, course=course, start_datetime=start, end_datetime=start + timedelta(days=1, hours=7)
            ),
        )

    async def send_file(self, dev: Browser, content: bytes) -> int:
        fields = {
            "csrf_token": await dev.csrf_token("/attending"),
            "provider": "Red Cross",
            "completed_on": "2024-05-01",
        }
        files = {"file": ("certificate.pdf", content, "application/pdf")}
        return (await dev.post("/attending/certificate", data=fields, files=files)).status_code

    async def test_a_copy_is_kept_for_the_office_alone(self, db: Db, dev: Browser, place: Row, office: Browser) -> None:
        assert await self.send_file(dev, PDF) == 303
        assert "Red Cross" in (await dev.get("/attending")).text
        copy = f"/office/bookings/{place['booking_reference']}/earlier-certificate"
        answer = await office.get(copy)
        assert (answer.content, answer.headers["content-type"]) == (PDF, "application/pdf")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert (await dev.get(copy)).status_code == 303

    async def test_what_is_no_document_is_refused_whatever_it_is_called(self, db: Db, dev: Browser) -> None:
        for content in (b"MZ\x00 a program", b"<svg onload=alert(1)>", b"%PDF-" + b"0" * 5 * 2**20):
            assert await self.send_file(dev, content) == 422
        assert rows(db, "select from earlier_certificates") == []

    async def test_a_number_that_is_not_theirs_tells_nothing(self, db: Db, dev: Browser) -> None:
        answer = await dev.send_form("/attending/certificate", page="/attending", number="RFT-C-7K2M9-QX4TB-0HDW")
        assert answer.status_code == 422
        assert "no certificate with this number in your name" in answer.text
        assert rows(db, "select from earlier_certificates") == []
