"""Carol puts a new course on sale with the keyboard alone, and loses nothing of what another administrator writes at the same time."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rft.kit.clock import utc_now
from rft.kit.passwords import hash_password_now
from tests.builders import Db, Row, a_user, a_venue
from tests.features.browser import PASSWORD
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]
NAME = "Emergency First Aid on the water"


@pytest.fixture
def room(demo_db: Db) -> Row:
    return a_venue(demo_db, name="Aire Boathouse", capacity=8)


def test_a_course_becomes_a_series_and_is_sold(visitor: Come, room: Row) -> None:
    carol = visitor()
    carol.sign_in("carol@demo.example")
    carol_adds_the_course(carol)
    page = carol.page.url
    # Half a day is too short for what the course is to qualify for, and it stays a draft.
    carol_adds_a_series(carol, page, until="13:00")
    carol.expected.add(409)
    carol.press_keys("button", "Publish the chosen dates")
    carol.reads("could not be published")
    carol.reads("Not published")
    carol.look()
    carol_adds_a_series(carol, page, until="17:30", weeks_later=8)
    carol.press_keys("button", "Publish the chosen dates")
    carol.reads("2 dates are open for booking.")
    carol.look()
    dev = visitor()
    dev.go(f"/courses/{page.rsplit('/', 1)[1]}")
    dev.is_on(NAME)
    links = dev.page.locator("main a[href^='/dates/']").evaluate_all(
        "found => found.map(link => link.getAttribute('href'))"
    )
    assert len(set(links)) == 2, "not those that are short of the qualification"
    dev.look()


def carol_adds_the_course(carol: Visitor) -> None:
    carol.go("/office/courses/new")
    for label, text in (("Name", NAME), ("Family", "EFAW"), ("Qualification", "Emergency First Aid at Work"), ("Contact hours", "6"),
                        ("Price a place", "95")):  # fmt: skip
        carol.type_into(label, text)
    carol.press_keys("button", "Add the course")
    carol.is_on(NAME)
    carol.look()


def carol_adds_a_series(carol: Visitor, course: str, *, until: str, weeks_later: int = 0) -> None:
    """Two Mondays a year ahead, as drafts."""
    first = (utc_now() + timedelta(weeks=40 + weeks_later)).date()
    carol.go(f"/office/series/new?course={course.rsplit('/', 1)[1]}")
    carol.type_into("Venue", "Aire Boathouse")
    carol.page.get_by_label("First day").fill((first - timedelta(days=first.weekday())).isoformat())
    carol.type_into("How many dates", "2")
    carol.page.get_by_label("To", exact=True).fill(until)
    carol.press_keys("button", "Preview")
    carol.reads("nothing has been added yet")
    carol.look()
    carol.press_keys("button", "Add the chosen dates as drafts")
    carol.is_on(NAME)


def test_two_administrators_on_one_record_lose_nothing(visitor: Come, demo_db: Db, room: Row) -> None:
    a_user(
        demo_db,
        email="erin@demo.example",
        first_name="Erin",
        last_name="Cole",
        role="admin",
        password_hash=hash_password_now(PASSWORD),
    )
    carol, erin = visitor(), visitor()
    carol.sign_in("carol@demo.example")
    erin.sign_in("erin@demo.example", PASSWORD)
    carol.expected.add(409)
    for one in (carol, erin):
        one.go(f"/office/venues/{room['id']}/edit")
    erin.write("Name", "Aire Boathouse, upstairs")
    erin.page.get_by_role("textbox", name="Parking").fill("Behind the house")
    erin.press("Save")
    carol.type_into("Name", "Aire Boathouse (new)")
    carol.type_into("Postcode", "LS2 7EW")
    carol.press_keys("button", "Save")
    carol.reads("Theirs, saved already")
    carol.look()
    carol.press_keys("button", "Save what is chosen")
    carol.reads("LS2 7EW")
    carol.reads("Behind the house")
    carol.reads("Aire Boathouse (new)")
