"""Venues in the office: facilities and the way in, closures that no date can be put over, seats that somebody sits on."""

from datetime import timedelta

import psycopg
import pytest

from rft.venues.forms import LABELS
from tests.builders import FIRST_MONDAY, Db, Row, a_booking, a_schedule, a_venue, insert, reload, update
from tests.conftest import Connect
from tests.features.api import Api, a_run, a_token, bearer, problem
from tests.features.browser import Browser
from tests.features.mailing import one, rows
from tests.features.test_office_courses_pages import carried, opened
from tests.races.audited import broken

NEW = "/office/venues/new"
FORM = {
    "name": "Holy Trinity Hall", "address_line1": "High Street", "city": "Guildford", "postcode": "GU1 3JN", "capacity": "12",
    "step_free": "yes", "accessible_toilet": "no", "access": "Ring the left bell", "map_url": "https://maps.example/hall",
    "parking_info": "Behind the hall", "further": "Kitchen\nLift: to the second floor", "is_active": "yes",
}  # fmt: skip


async def test_a_venue_says_what_it_has_and_what_it_lacks(db: Db, office: Browser) -> None:
    answer = await office.send_form(NEW, page=NEW, **FORM)
    assert answer.status_code == 303, answer.text
    venue = one(db, "select * from venues")
    assert venue["facilities"] == {
        "step_free": True, "accessible_toilet": False, "kitchen": True, "lift": "to the second floor",
        "access": "Ring the left bell", "map_url": "https://maps.example/hall",
    }  # fmt: skip
    public = (await office.get(f"/dates/{a_schedule(db, venue=venue)['id']}")).text
    for words in ("Ring the left bell", "https://maps.example/hall", "Kitchen", "No accessible toilet"):
        assert words in public


async def test_a_map_is_a_link_and_nothing_else(db: Db, office: Browser) -> None:
    answer = await office.send_form(NEW, page=NEW, **FORM | {"map_url": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert 'href="#field-map_url"' in answer.text
    assert rows(db, "select id from venues") == []


async def test_what_a_program_wrote_survives_the_form(db: Db, office: Browser) -> None:
    venue = a_venue(db, facilities=psycopg.types.json.Jsonb({"rooms": {"a": 1}, "parking": "3 bays"}))
    path = f"/office/venues/{venue['id']}/edit"
    form = await opened(office, path, LABELS) | {"wifi": "yes"}
    assert (await office.send_form(path, page=path, **form)).status_code == 303
    assert reload(db, "venues", venue)["facilities"] == {"rooms": {"a": 1}, "parking": "3 bays", "wifi": True}


async def test_fewer_seats_are_shown_with_the_dates_they_touch_and_never_below_those_taken(
    db: Db, office: Browser
) -> None:
    venue = a_venue(db, capacity=12)
    a_booking(db, schedule := a_schedule(db, venue=venue))
    a_booking(db, schedule)
    path = f"/office/venues/{venue['id']}/edit"
    form = await opened(office, path, LABELS)
    assert (await office.send_form(path, page=path, **form | {"capacity": "1"})).status_code == 422
    asks = await office.send_form(path, page=path, **form | {"capacity": "2"})
    assert "<del>12</del> 2" in asks.text
    assert (await office.send_form(path, page=path, **carried(asks.text))).status_code == 303
    assert reload(db, "course_schedules", schedule)["status"] == "full"


async def test_no_date_is_put_into_a_closure_whoever_asks(db: Db, office: Browser, api: Api, admin: Row) -> None:
    api.headers.update(bearer(a_token(db, admin)))
    schedule = a_schedule(db, start_datetime=FIRST_MONDAY)
    venue = {"id": schedule["venue_id"]}
    page, week = f"/office/venues/{venue['id']}", FIRST_MONDAY + timedelta(weeks=1)
    closed = await office.send_form(
        f"{page}/closures",
        page=page,
        first_day=f"{week:%Y-%m-%d}",
        last_day=f"{week + timedelta(days=2):%Y-%m-%d}",
        reason="New floor",
    )
    assert closed.status_code == 303, closed.text
    assert "10 March 2031 to 12 March 2031" in (await office.get(page)).text
    run = a_run({"id": schedule["course_id"]}, venue, start=week + timedelta(days=2))
    answer = await api.post("/admin/schedules", json=run)
    assert problem(answer) == (409, "venues_open_when_used")
    assert "The Training Rooms is closed from 10 March 2031 to 12 March 2031: New floor." in answer.text
    with pytest.raises(psycopg.errors.CheckViolation):
        update(db, "course_schedules", schedule, start_datetime=week, end_datetime=week + timedelta(hours=7))
    assert (
        await api.post(
            "/admin/schedules", json=run | a_run({"id": run["course_id"]}, venue, start=week + timedelta(days=3))
        )
    ).status_code == 201


async def test_a_venue_is_not_closed_over_a_date(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, start_datetime=FIRST_MONDAY)
    page = f"/office/venues/{schedule['venue_id']}"
    days = {"first_day": "2031-03-01", "last_day": "2031-03-31", "reason": "New floor"}
    refused = await office.send_form(f"{page}/closures", page=page, **days)
    assert refused.status_code == 409
    assert "Emergency First Aid at Work on Monday 3 March 2031" in refused.text
    assert 'value="New floor"' in refused.text
    update(db, "course_schedules", schedule, status="cancelled")
    assert (await office.send_form(f"{page}/closures", page=page, **days)).status_code == 303
    with pytest.raises(psycopg.errors.CheckViolation):
        update(db, "course_schedules", schedule, status="draft")
    twice = await office.send_form(f"{page}/closures", page=page, **days)
    assert "closed on some of these days already" in twice.text
    closure = one(db, "select id from venue_closures")["id"]
    assert (await office.send_form(f"{page}/closures/{closure}/end", page=page)).status_code == 303
    assert rows(db, "select id from venue_closures") == []


def test_a_date_waits_for_the_closure_that_is_being_written(connect: Connect, db: Db, database_url: str) -> None:
    venue = a_venue(db)
    office, other = connect(autocommit=False), connect()
    insert(
        office,
        "venue_closures",
        venue_id=venue["id"],
        starts_at=FIRST_MONDAY,
        ends_at=FIRST_MONDAY + timedelta(days=1),
        reason="Floor",
    )
    other.execute("set lock_timeout = '100ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        a_schedule(other, venue=venue, start_datetime=FIRST_MONDAY)
    office.commit()
    with pytest.raises(psycopg.errors.CheckViolation):
        a_schedule(other, venue=venue, start_datetime=FIRST_MONDAY)
    assert broken(database_url) == []
