"""What visitors find: the home page, courses, dates and their filters, one date in each of its states, the terms."""

import re
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from rft.kit.clock import utc_now
from tests.builders import (
    Db,
    Row,
    a_booking,
    a_course,
    a_schedule,
    a_venue,
    confirmed_booking,
    insert,
    move_schedule_to_past,
    update,
)
from tests.features.browser import Browser
from tests.features.checkout.shopping import words


@pytest.fixture
def begins() -> datetime:
    """A hundred days ahead, in the morning."""
    return (utc_now() + timedelta(days=100)).replace(hour=9, minute=30, second=0, microsecond=0)


@pytest.fixture
def leeds(db: Db) -> Row:
    facilities = '{"step_free": false, "wifi": true, "climbing_wall": true}'
    return a_venue(db, city="Leeds", postcode="LS1 1AA", facilities=facilities, parking_info="Behind the building.")


@pytest.fixture
def schedule(db: Db, leeds: Row, begins: datetime) -> Row:
    return a_schedule(db, venue=leeds, start_datetime=begins)


async def read(browser: Browser, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, path
    return words(answer.text)


def listed(page: str) -> list[int]:
    """The dates that a page lists, in its order."""
    return [int(found) for found in re.findall(r'class="schedule__course"><a href="/dates/(\d+)"', page)]


async def test_an_empty_shop_says_so_and_offers_a_way_on(browser: Browser) -> None:
    assert "There are no dates yet" in await read(browser, "/")
    assert "There are no dates yet" in await read(browser, "/dates")
    assert "There are no courses yet" in await read(browser, "/courses")


async def test_the_home_page_sells_the_next_date_that_has_a_place(browser: Browser, db: Db, schedule: Row) -> None:
    sooner = a_schedule(db, seats=1, start_datetime=schedule["start_datetime"] - timedelta(days=7))
    confirmed_booking(db, sooner)
    later = a_schedule(db, start_datetime=schedule["start_datetime"] + timedelta(days=7))
    page = (await browser.get("/")).text
    assert page.count(f'href="/dates/{schedule["id"]}"') == 1
    assert listed(page) == [later["id"]]


async def test_the_list_counts_the_places_that_are_left_and_shows_full_dates_as_full(
    browser: Browser, db: Db, schedule: Row
) -> None:
    full = a_schedule(db, seats=1, start_datetime=schedule["start_datetime"] + timedelta(days=1))
    a_booking(db, full)
    a_booking(db, schedule)
    page = await read(browser, "/dates")
    assert "11 places left" in page
    assert "Full" in page


async def test_dates_are_found_by_course_town_and_month(browser: Browser, db: Db, leeds: Row, begins: datetime) -> None:
    faw = a_course(db, name="First Aid at Work", course_type="FAW")
    york = a_venue(db, city="York")
    first = a_schedule(db, course=faw, venue=leeds, start_datetime=begins)
    second = a_schedule(db, venue=leeds, start_datetime=begins + timedelta(days=40))
    third = a_schedule(db, course=faw, venue=york, start_datetime=begins + timedelta(days=40))
    month = f"{begins + timedelta(days=40):%Y-%m}"
    asked = {
        f"course={faw['id']}": [first, third],
        "town=leeds": [first, second],
        f"month={month}": [second, third],
        f"course={faw['id']}&town=York&month={month}": [third],
        "town=Nowhere": [],
    }
    for query, expected in asked.items():
        page = (await browser.get(f"/dates?{query}")).text
        assert listed(page) == [row["id"] for row in expected], query
    assert "No dates match" in words(page)


async def test_filters_that_mean_nothing_are_as_if_not_said(browser: Browser, schedule: Row) -> None:
    for query in ("course=abc", "course=-1", "month=2026-13", "month=soon", "month=9999-12", "after=x", "course=٣"):
        assert listed((await browser.get(f"/dates?{query}")).text) == [schedule["id"]], query
    for query in ("town=%00", "course=99999999999999", f"town={quote('x' * 101)}", "after=%00"):
        assert (await browser.get(f"/dates?{query}")).status_code < 500, query


async def test_a_long_list_is_walked_page_by_page_and_misses_nothing(
    browser: Browser, db: Db, leeds: Row, begins: datetime
) -> None:
    course = a_course(db)
    made = [
        a_schedule(db, course=course, venue=leeds, start_datetime=begins + timedelta(days=n))["id"] for n in range(45)
    ]
    path: str | None = "/dates?town=Leeds"
    seen: list[int] = []
    while path:
        page = (await browser.get(path)).text
        seen += listed(page)
        later = re.search(r'href="([^"]+)">Later dates', page)
        path = later[1].replace("&amp;", "&") if later else None
    assert seen == made


async def test_a_date_tells_when_where_and_what_a_cancellation_costs(
    browser: Browser, schedule: Row, begins: datetime
) -> None:
    page = await read(browser, f"/dates/{schedule['id']}")
    last_day = begins - timedelta(days=31)
    assert f"Cancel by {last_day.day} {last_day:%B %Y} Everything, less £10.00 a place" in page
    assert "Behind the building." in page
    assert "No step-free access" in page
    assert "Climbing wall" in page
    assert "You must be at least 16 years old" in page
    assert "openstreetmap.org/search?query=LS1%201AA" in (await browser.get(f"/dates/{schedule['id']}")).text


async def test_a_day_that_is_held_elsewhere_says_where(browser: Browser, db: Db, leeds: Row, begins: datetime) -> None:
    york = a_venue(db, name="Minster Meeting House", city="York", postcode="YO1 9RL")
    schedule = a_schedule(
        db, venue=leeds, start_datetime=begins, end_datetime=begins + timedelta(days=1, hours=7), status="draft"
    )
    for day, venue in ((0, None), (1, york["id"])):
        starts = begins + timedelta(days=day)
        times = {"starts_at": starts, "ends_at": starts + timedelta(hours=7)}
        insert(db, "schedule_sessions", course_schedule_id=schedule["id"], venue_id=venue, **times)
    update(db, "course_schedules", schedule, status="published")
    assert "Minster Meeting House, 1 High Street, York, YO1 9RL" in await read(browser, f"/dates/{schedule['id']}")


async def test_dates_that_cannot_be_booked_say_why_and_offer_others(
    browser: Browser, db: Db, leeds: Row, schedule: Row
) -> None:
    course = a_course(db)
    open_one = a_schedule(db, course=course, start_datetime=schedule["start_datetime"] + timedelta(days=3))
    cancelled = a_schedule(db, course=course, venue=leeds, status="cancelled")
    full = a_schedule(db, course=course, seats=1)
    confirmed_booking(db, full)
    over = move_schedule_to_past(db, a_schedule(db, course=course))
    begun = a_schedule(db, course=course)
    start = begun["start_datetime"]
    moved = utc_now() - timedelta(hours=1)
    update(db, "course_schedules", begun, start_datetime=moved, end_datetime=moved + timedelta(days=2))
    assert start > moved
    for row, sentence in (
        (cancelled, "This date is cancelled"),
        (full, "This date is full"),
        (over, "This course is over"),
        (begun, "This course has begun"),
    ):
        page = (await browser.get(f"/dates/{row['id']}")).text
        assert sentence in words(page)
        assert f'href="/book/{row["id"]}"' not in page
        assert open_one["id"] in listed(page)


async def test_drafts_and_what_never_was_are_not_found(browser: Browser, db: Db, leeds: Row) -> None:
    draft = a_schedule(db, venue=leeds, status="draft")
    gone = a_course(db, is_active=False)
    for path in (f"/dates/{draft['id']}", "/dates/999999", "/dates/x", "/dates/99999999999", f"/courses/{gone['id']}"):
        assert (await browser.get(path)).status_code == 404, path


async def test_a_course_tells_its_length_price_and_next_dates(browser: Browser, db: Db, schedule: Row) -> None:
    course_id = schedule["course_id"]
    page = await read(browser, f"/courses/{course_id}")
    assert "1 day, 6 hours of contact time" in page
    assert "£75.00" in page
    assert "12 places left" in page
    assert "Leeds" in await read(browser, "/courses")
    lonely = a_course(db, name="Oxygen Therapy", duration_hours=4)
    assert "No dates for this course yet" in await read(browser, f"/courses/{lonely['id']}")


async def test_the_terms_are_those_of_the_database(browser: Browser, db: Db) -> None:
    assert "31 days or more before the first day Everything, less £10.00 a place" in await read(browser, "/terms")
    tiers = '[{"at_least_days": 3, "percent": "80", "less": "0.00"}]'
    insert(
        db, "cancellation_policies",
        version="2", in_force_from="2021-01-01", tiers=tiers, minimum_age=14, late_after_minutes=30,
    )  # fmt: skip
    page = await read(browser, "/terms")
    assert "3 days or more before the first day 80% of what you paid" in page
    assert "at least 14 years old" in page


async def test_every_page_has_a_title_a_description_and_one_address_of_its_own(browser: Browser, schedule: Row) -> None:
    paths = ("/", "/courses", f"/courses/{schedule['course_id']}", "/dates", f"/dates/{schedule['id']}")
    pages = [(await browser.get(path)).text for path in (*paths, "/terms", "/privacy", "/accessibility")]
    for pattern in (
        r"<title>(.+?)</title>",
        r'<link rel="canonical" href="(.+?)">',
        r'name="description" content="(.+?)"',
    ):
        found = [re.search(pattern, page) for page in pages]
        assert len({match[1] for match in found if match}) == len(pages), pattern


async def test_no_page_leads_to_one_that_is_not_there(browser: Browser, schedule: Row) -> None:
    paths = ["/", f"/courses/{schedule['course_id']}", f"/dates/{schedule['id']}", f"/book/{schedule['id']}", "/terms"]
    pages = [(await browser.get(path)).text for path in paths]
    links = {link.partition("#")[0] for page in pages for link in re.findall(r'href="(/[^"]*)"', page)}
    for link in sorted(links - {"/sign-in"}):
        assert (await browser.get(link.replace("&amp;", "&"))).status_code == 200, link
