"""The office's calendar: a month, a week by venue or instructor, an agenda, and an address for other calendars."""

import re
from datetime import timedelta

import pytest
from icalendar import Calendar

from rft.kit.clock import utc_now
from tests.builders import Db, Row, a_course, a_schedule, a_user, a_venue, an_instructor, insert, update
from tests.features.browser import HERE, Browser
from tests.features.mailing import one, utc

CALENDAR = "/office/calendar"


@pytest.fixture
def spread(db: Db) -> Row:
    """A course of two days, a week apart, the first on the Tuesday after Easter 2031, taught by Ruth at the Town Hall."""
    ruth = an_instructor(db, first_name="Ruth", last_name="Adeyemi")
    start = utc(2031, 4, 15, 8, 30)
    schedule = a_schedule(
        db, course=a_course(db, name="Paediatric First Aid"), venue=a_venue(db, name="Town Hall"), instructor_id=ruth["id"],
        start_datetime=start, end_datetime=start + timedelta(days=7, hours=7), status="cancelled",
    )  # fmt: skip
    for weeks in (0, 1):
        begins = start + timedelta(weeks=weeks)
        ends = begins + timedelta(hours=7)
        insert(db, "schedule_sessions", course_schedule_id=schedule["id"], starts_at=begins, ends_at=ends)
    return update(db, "course_schedules", schedule, status="published")


def days_with(page: str, schedule: Row) -> list[str]:
    """The days under which a calendar shows the date."""
    cells = re.split(r'class="calendar__full">|class="calendar__date calendar__date--phone">', page)[1:]
    return [cell.partition("<")[0] for cell in cells if f'href="/office/schedules/{schedule["id"]}"' in cell]


async def test_a_month_shows_each_day_of_a_course_and_the_bank_holidays(office: Browser, spread: Row) -> None:
    page = (await office.get(f"{CALENDAR}?on=2031-04-01")).text
    assert days_with(page, spread) == ["Tuesday 15 April 2031", "Tuesday 22 April 2031"]
    assert "Easter Monday" in page
    assert re.search(r"0 of 12.*?2/2.*?Leeds, Ruth Adeyemi", page, re.S)
    assert "on=2031-03-01" in page
    assert "on=2031-05-01" in page


async def test_days_that_follow_each_other_are_one_bar_that_keeps_its_place(db: Db, office: Browser) -> None:
    start = utc(2031, 4, 15, 8, 30)
    long = a_schedule(db, start_datetime=start, end_datetime=start + timedelta(days=2, hours=7), status="draft")
    for days in (0, 1, 2):
        begins = start + timedelta(days=days)
        insert(
            db,
            "schedule_sessions",
            course_schedule_id=long["id"],
            starts_at=begins,
            ends_at=begins + timedelta(hours=7),
        )
    update(db, "course_schedules", long, status="published")
    early = a_schedule(db, start_datetime=utc(2031, 4, 16, 7, 0), end_datetime=utc(2031, 4, 16, 8, 0))
    page = (await office.get(f"{CALENDAR}?on=2031-04-01")).text
    bars = re.findall(r'calendar__entry--(days-\d|on)">\s*<a href="/office/schedules/(\d+)"', page)
    first, second = str(long["id"]), str(early["id"])
    assert bars == [("days-3", first), ("on", first), ("days-1", second), ("on", first)]


async def test_a_week_has_a_row_for_each_instructor_and_the_dates_that_nobody_teaches_come_first(
    db: Db, office: Browser, spread: Row
) -> None:
    a_schedule(db, start_datetime=utc(2031, 4, 17, 8, 30))
    page = (await office.get(f"{CALENDAR}?view=week&by=instructor&on=2031-04-16")).text
    assert re.findall(r'<th scope="row">([^<]+)', page) == ["Nobody yet", "Ruth Adeyemi"]
    assert days_with(page, spread) == ["Tuesday 15 April 2031"]


async def test_the_calendar_is_narrowed_to_one_venue_or_one_person(db: Db, office: Browser, spread: Row) -> None:
    other = a_schedule(db, start_datetime=utc(2031, 4, 17, 8, 30))
    for query in (f"venue={other['venue_id']}", f"instructor={an_instructor(db)['id']}"):
        assert days_with((await office.get(f"{CALENDAR}?on=2031-04-01&{query}")).text, spread) == []
    page = (await office.get(f"{CALENDAR}?view=agenda&on=2031-04-10&instructor={spread['instructor_id']}")).text
    assert page.count(f'href="/office/schedules/{spread["id"]}"') == 2
    assert f'href="/office/schedules/{other["id"]}"' not in page


async def test_a_cancelled_date_is_in_no_calendar_and_a_draft_is(db: Db, office: Browser, spread: Row) -> None:
    draft = a_schedule(db, start_datetime=utc(2031, 4, 17, 8, 30), status="draft")
    update(db, "course_schedules", spread, status="cancelled")
    page = (await office.get(f"{CALENDAR}?on=2031-04-01")).text
    assert (days_with(page, spread), days_with(page, draft)) == ([], ["Thursday 17 April 2031"])


@pytest.mark.parametrize("query", ["view=year", "on=x", "on=0001-01-01", "venue=x", "by=course"])
async def test_an_address_that_nobody_gave_out_is_refused(query: str, office: Browser) -> None:
    assert (await office.get(f"{CALENDAR}?{query}")).status_code == 422


async def make_address(office: Browser) -> str:
    page = (await office.send_form(f"{CALENDAR}/feed", page=f"{CALENDAR}/feed")).text
    return re.findall(rf"{HERE}(/calendar/[^<]+\.ics)", page)[0]


async def test_other_calendars_read_every_day_by_an_address_without_signing_in(
    db: Db, office: Browser, browser: Browser
) -> None:
    start = utc_now().replace(microsecond=0) + timedelta(days=3)
    a_schedule(db, start_datetime=start, status="draft")
    answer = await browser.get(await make_address(office))
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    assert (event["SUMMARY"], event["STATUS"]) == ("Emergency First Aid at Work (0/12)", "TENTATIVE")
    assert event.start.replace(tzinfo=None) == start
    assert answer.headers["cache-control"] == "private, no-store"


async def test_an_address_works_until_a_new_one_is_made_it_is_ended_or_its_person_leaves(
    db: Db, office: Browser, browser: Browser, admin: Row
) -> None:
    first, second = await make_address(office), await make_address(office)
    assert [(await browser.get(address)).status_code for address in (first, second)] == [404, 200]
    a_user(db, role="admin")  # the last one stays
    update(db, "users", admin, role="instructor")
    assert (await browser.get(second)).status_code == 404
    update(db, "users", admin, role="admin")
    await office.sign_in("carol@example.com")
    await office.send_form(f"{CALENDAR}/feed/end", page=f"{CALENDAR}/feed")
    assert (await browser.get(second)).status_code == 404
    assert one(db, "select count(*) as rows from calendar_feeds")["rows"] == 0
