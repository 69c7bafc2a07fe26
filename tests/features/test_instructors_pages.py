"""Instructors for the office and for themselves: papers, absences, usual hours, the calendar's address, requests to teach."""

import asyncio
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from icalendar import Calendar

from rft.audit.service import Actor
from rft.database.pool import Database
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.notifications.jobs import send_teaching_request
from rft.notifications.teaching import write_expiry_reminders
from rft.planning.errors import RequestClosed
from rft.planning.requests import accept, answer_token, expire
from rft.settings import Settings
from tests.builders import Db, Row, a_schedule, an_instructor, insert, reload
from tests.cast import ben
from tests.features.browser import HERE, Browser
from tests.features.mailing import context, one, rows, utc
from tests.features.test_office_courses_pages import carried

OFFICE, OWN = "/office/instructors", "/instructor/availability"
MONDAY = utc(2031, 3, 3, 9, 30)
DAY = timedelta(days=1)


@pytest.fixture
def teacher(db: Db, password_hash: str) -> Row:
    return ben(db, password_hash=password_hash)


@pytest.fixture
async def bens(new_browser: Callable[..., Browser], teacher: Row) -> Browser:
    """Ben's browser, signed in."""
    browser = new_browser()
    assert (await browser.sign_in(teacher["email"])).status_code == 303
    return browser


async def test_a_paper_is_recorded_counts_and_is_withdrawn(db: Db, office: Browser, teacher: Row) -> None:
    page = f"{OFFICE}/{teacher['id']}/qualifications/new"
    paper = {"kind": "FAW", "awarding_body": "Qualsafe", "issued_on": "2026-01-05", "expires_on": "2190-01-04"}
    wrong = await office.send_form(page, page=page, **paper | {"expires_on": ""})
    assert (wrong.status_code, "has a last day on which it is valid" in wrong.text) == (422, True)
    assert 'value="Qualsafe"' in wrong.text
    assert (await office.send_form(page, page=page, **paper)).status_code == 303
    assert "First to end: 4 January 2190" in (await office.get(OFFICE)).text
    row = one(db, "select id from instructor_qualifications")
    withdraw = f"{OFFICE}/{teacher['id']}/qualifications/{row['id']}/withdraw"
    assert (await office.send_form(withdraw, page=page)).status_code == 303
    assert "Withdrawn" in (await office.get(f"{OFFICE}/{teacher['id']}")).text
    assert "No papers yet" in (await office.get(OFFICE)).text
    logged = rows(db, "select action from admin_activity_logs order by id")
    assert [row["action"] for row in logged] == ["instructor.add_qualification", "instructor.withdraw_qualification"]


async def test_an_absence_shows_the_dates_that_it_hits_here_and_on_today(db: Db, office: Browser, teacher: Row) -> None:
    start = (utc_now() + DAY * 5).replace(hour=9, minute=30, second=0, microsecond=0)
    schedule = a_schedule(db, instructor_id=teacher["id"], start_datetime=start)
    page, day = f"{OFFICE}/{teacher['id']}/absences/new", start.date().isoformat()
    fields = {"kind": "sickness", "first": day, "last": day}
    assert (await office.send_form(page, page=page, **fields)).status_code == 303
    shown = (await office.get(f"{OFFICE}/{teacher['id']}")).text
    assert f"what=instructor:{teacher['id']}&amp;from={day}&amp;to={day}" in shown
    assert "1 date is hit" in shown
    today = (await office.get("/office")).text
    assert "Ben Osei is away, and teaches a date then" in today
    assert f"/office/planning/replace?schedule={schedule['id']}" in today
    again = await office.send_form(page, page=page, **fields)
    assert (again.status_code, "on record as an absence already" in again.text) == (422, True)


async def test_the_profile_is_changed_and_the_telephone_is_the_accounts_own(
    db: Db, office: Browser, teacher: Row
) -> None:
    page = f"{OFFICE}/{teacher['id']}/edit"
    fields = {"phone": "0113 496 0000", "home_town": "Leeds", "postcode_area": "ls2", "bio": "Paramedic."}
    shown = carried((await office.get(page)).text)
    assert (await office.send_form(page, page=page, **fields, **shown)).status_code == 303
    assert reload(db, "users", teacher)["phone"] == "0113 496 0000"
    assert one(db, "select postcode_area from instructor_profiles")["postcode_area"] == "LS2"
    shown = carried((await office.get(page)).text)
    wrong = await office.send_form(page, page=page, **fields | {"postcode_area": "2LS"} | shown)
    assert "Enter the first part of a postcode" in wrong.text


async def test_a_date_that_nobody_of_the_kind_may_teach_is_not_published_and_the_others_are(
    db: Db, office: Browser, teacher: Row
) -> None:
    db.execute("insert into instructor_profiles (user_id) values (%s)", (teacher["id"],))
    draft = a_schedule(db, instructor_id=teacher["id"], status="draft", start_datetime=MONDAY)
    page = f"/office/schedules/{draft['id']}"
    answer = await office.send_form(f"{page}/publish", page=page)
    assert answer.status_code == 409
    assert "Ben Osei has no EFAW qualification that is valid on Monday 3 March 2031." in answer.text
    assert reload(db, "course_schedules", draft)["status"] == "draft"


async def test_a_paper_that_ends_is_announced_at_90_and_at_30_days_once_each_and_on_today(
    db: Db, office: Browser, teacher: Row, database: Database, settings: Settings
) -> None:
    now, today = utc_now(), utc_now().date()
    db.execute("insert into instructor_profiles (user_id) values (%s)", (teacher["id"],))
    insert(db, "instructor_qualifications", user_id=teacher["id"], kind="EFAW", awarding_body="Qualsafe",
           issued_on=date(2020, 1, 1), expires_on=today + DAY * 85)  # fmt: skip
    for days_on in (0, 1, 60, 61):
        async with database.transaction() as session:
            await write_expiry_reminders(session, settings, now + DAY * days_on)
    mails = rows(db, "select subject, text_body from outbox_mails order by id")
    assert [re.findall(r"(\d+) days from now", mail["text_body"]) for mail in mails] == [["85"], ["25"]]
    assert "A qualification of Ben Osei runs out" not in (await office.get("/office")).text
    db.execute("update instructor_qualifications set expires_on = %s", (today + DAY * 20,))
    assert "A qualification of Ben Osei runs out" in (await office.get("/office")).text


async def test_ben_says_when_he_usually_can_and_takes_leave(db: Db, bens: Browser) -> None:
    wrong = await bens.send_form(OWN, page=OWN, **{"opens-1": "09:00", "opens-2": "17:00", "closes-2": "09:00"})
    assert (wrong.status_code, "Enter both times for Monday" in wrong.text) == (422, True)
    assert "On Tuesday the end comes after the start." in wrong.text
    assert (await bens.send_form(OWN, page=OWN, **{"opens-1": "09:00", "closes-1": "17:00"})).status_code == 303
    assert one(db, "select weekday, opens::text, closes::text from instructor_availability") == {
        "weekday": 1, "opens": "09:00:00", "closes": "17:00:00",
    }  # fmt: skip
    leave = {"first": "2031-03-03", "last": "2031-03-07"}
    assert (await bens.send_form(f"{OWN}/leave", page=OWN, **leave)).status_code == 303
    assert "Leave: 3 March 2031 to 7 March 2031" in (await bens.get(OWN)).text


async def test_bens_calendar_has_his_dates_and_no_others_until_its_address_is_ended(
    db: Db, bens: Browser, browser: Browser, teacher: Row
) -> None:
    start = utc_now().replace(microsecond=0) + DAY * 3
    a_schedule(db, instructor_id=teacher["id"], start_datetime=start)
    a_schedule(db, instructor_id=an_instructor(db)["id"], start_datetime=start)
    page = (await bens.send_form(f"{OWN}/calendar", page=OWN)).text
    address = re.findall(rf"{HERE}(/calendar/mine/[^<]+\.ics)", page)[0]
    (event,) = Calendar.from_ical((await browser.get(address)).text).walk("VEVENT")
    assert event.decoded("dtstart").replace(tzinfo=None) == start
    assert "1 High Street" in event["location"]
    assert (await bens.send_form(f"{OWN}/calendar/end", page=OWN)).status_code == 303
    assert (await browser.get(address)).status_code == 404


async def ask(office: Browser, schedule: Row, *people: Row) -> None:
    page = f"/office/planning/requests/{schedule['id']}"
    for person in people:
        answer = await office.send_form(page, page=page, people=str(person["id"]), note="Can you?")
        assert answer.status_code == 303


async def test_ben_accepts_by_the_link_in_his_mail_without_signing_in(
    db: Db, office: Browser, browser: Browser, teacher: Row, database: Database
) -> None:
    schedule, other = a_schedule(db, start_datetime=MONDAY), an_instructor(db)
    await ask(office, schedule, teacher, other)
    request = one(db, "select id from teaching_requests where instructor_id = %(id)s", id=teacher["id"])
    for _ in range(2):
        await send_teaching_request(context(database), request["id"])
    mail = one(db, "select recipient, text_body from outbox_mails")
    assert mail["recipient"] == teacher["email"]
    assert f"/teaching-requests/{request['id']}?token=" in mail["text_body"]
    assert (await browser.get(f"/teaching-requests/{request['id']}?token=x")).status_code == 404


async def test_who_accepts_first_has_the_date_and_the_others_are_told_so(
    db: Db, office: Browser, browser: Browser, teacher: Row, settings: Settings
) -> None:
    schedule, other = a_schedule(db, start_datetime=MONDAY), an_instructor(db)
    await ask(office, schedule, teacher, other)
    mine, theirs = (row["id"] for row in rows(db, "select id from teaching_requests order by id"))
    link, late = (f"/teaching-requests/{each}?token={answer_token(settings, each)}" for each in (mine, theirs))
    assert (await browser.send_form(link, page=link, answer="accept")).status_code == 303
    assert reload(db, "course_schedules", schedule)["instructor_id"] == teacher["id"]
    assert "Somebody else teaches this date now." in (await browser.get(late)).text
    assert (
        one(db, "select admin_id from admin_activity_logs where action = 'schedule.accept'")["admin_id"]
        == teacher["id"]
    )


async def test_of_two_who_accept_at_once_one_has_the_date(
    db: Db, office: Browser, teacher: Row, database: Database
) -> None:
    schedule, other = a_schedule(db, start_datetime=MONDAY), an_instructor(db)
    await ask(office, schedule, teacher, other)
    requests = rows(db, "select id, instructor_id from teaching_requests")

    async def say_yes(request: Row) -> None:
        actor = Actor(request["instructor_id"])
        await database.run(lambda session: accept(session, actor, request["id"], utc_now()))

    done = await asyncio.gather(*map(say_yes, requests), return_exceptions=True)
    assert [type(each) for each in done if isinstance(each, Refusal)] == [RequestClosed]
    assert done.count(None) == 1


async def test_ben_declines_signed_in_and_nobody_answers_for_another(
    db: Db, office: Browser, bens: Browser, teacher: Row
) -> None:
    await ask(office, a_schedule(db, start_datetime=MONDAY), teacher, an_instructor(db))
    mine, theirs = (row["id"] for row in rows(db, "select id from teaching_requests order by id"))
    page = "/instructor/requests"
    assert (await bens.send_form(f"{page}/{theirs}", page=page, answer="accept")).status_code == 404
    assert (await bens.send_form(f"{page}/{mine}", page=page, answer="decline", note="Holiday")).status_code == 303
    states = rows(db, "select state, answer_note from teaching_requests order by id")
    assert states[0] == {"state": "declined", "answer_note": "Holiday"}
    assert states[1]["state"] == "asked"


async def test_who_became_ill_since_cannot_accept_and_a_request_ends_by_itself(
    db: Db, office: Browser, bens: Browser, teacher: Row, database: Database
) -> None:
    schedule = a_schedule(db, start_datetime=MONDAY)
    await ask(office, schedule, teacher)
    request = one(db, "select id from teaching_requests")
    insert(db, "instructor_absences", user_id=teacher["id"], kind="sickness", during="[2031-03-03,2031-03-04)")
    answer = await bens.send_form(f"/instructor/requests/{request['id']}", page="/instructor/requests", answer="accept")
    assert (answer.status_code, "Ben Osei is away (sickness)" in answer.text) == (409, True)
    assert reload(db, "course_schedules", schedule)["instructor_id"] is None
    async with database.transaction() as session:
        await expire(session, utc_now() + DAY * 6)
    assert one(db, "select state from teaching_requests")["state"] == "expired"
