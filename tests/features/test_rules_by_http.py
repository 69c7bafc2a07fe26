"""Each of the five rules over HTTP: problem+json with the rule's name and a sentence, and a page that loses nothing."""

import html
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from tests.builders import (
    FIRST_MONDAY,
    Db,
    Row,
    a_booking,
    a_discount_code,
    a_schedule,
    confirmed_booking,
    move_schedule_to_past,
    update,
)
from tests.cast import amina, ben
from tests.features.api import Api, a_run, ask_nothing, everything, problem
from tests.features.browser import Browser

BOTH_JUDGES = pytest.mark.parametrize("judge", ["the service asks", "the database decides"], indirect=True)
TYPED = {"first_name": "Amina", "last_name": "Khan", "email": "amina@example.com", "phone": "07700 900123"}


@pytest.fixture
def judge(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "the database decides":
        ask_nothing(monkeypatch)
    return str(request.param)


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    return (*problem(answer), answer.json()["detail"])


@BOTH_JUDGES
async def test_rule_1_a_full_date(api: Api, db: Db, judge: str) -> None:
    schedule = a_schedule(db, seats=1)
    assert (await api.order(schedule)).status_code == 201
    before = everything(db)
    answer = await api.order(schedule)
    assert refusal(answer) == (409, "bookings_within_capacity", "This date is full.")
    assert answer.json()["facts"] == {"seats_left": 0}
    assert everything(db) == before


@pytest.mark.parametrize(
    ("left", "sentence"), [(1, "Only 1 seat is left on this date."), (2, "Only 2 seats are left on this date.")]
)
async def test_rule_1_more_seats_than_are_left(api: Api, db: Db, left: int, sentence: str) -> None:
    schedule = a_schedule(db, seats=left)
    before = everything(db)
    assert refusal(await api.order(schedule, seats=3)) == (409, "bookings_within_capacity", sentence)
    assert everything(db) == before


@BOTH_JUDGES
async def test_rule_2_a_taken_venue(till: Api, db: Db, judge: str) -> None:
    there = a_schedule(db, start_datetime=FIRST_MONDAY)
    run = a_run({"id": there["course_id"]}, {"id": there["venue_id"]}, start=FIRST_MONDAY + timedelta(hours=6))
    before = everything(db)
    status, code, sentence = refusal(await till.post("/admin/schedules", json=run))
    assert (status, code) == (409, "course_schedules_no_venue_overlap")
    assert "already holds this venue at that time." in sentence
    assert everything(db) == before


@BOTH_JUDGES
async def test_rule_3_a_code_that_is_not_valid(api: Api, db: Db, judge: str) -> None:
    code, schedule = a_discount_code(db, usage_limit=0), a_schedule(db)
    before = everything(db)
    sentence = "This discount code cannot be used for this booking."
    answer = await api.order(schedule, discount_code=code["code"])
    assert refusal(answer) == (422, "bookings_discount_valid", sentence)
    assert everything(db) == before


@BOTH_JUDGES
async def test_rule_4_a_booking_that_is_not_paid(till: Api, db: Db, judge: str) -> None:
    booking = a_booking(db, a_schedule(db))
    before = everything(db)
    status, code, sentence = refusal(await till.post(f"/admin/bookings/{booking['booking_reference']}/confirm"))
    assert (status, code) == (409, "bookings_confirmed_only_when_paid")
    assert "£75.00" in sentence
    assert "received" in sentence
    assert everything(db) == before


@BOTH_JUDGES
async def test_rule_5_a_certificate_before_the_end(till: Api, db: Db, judge: str) -> None:
    booking = confirmed_booking(db, a_schedule(db))
    before = everything(db)
    status, code, sentence = refusal(await till.post(f"/admin/bookings/{booking['booking_reference']}/certificate"))
    assert (status, code) == (409, "bookings_certificate_after_completion")
    assert "certificate" in sentence
    assert everything(db) == before


async def test_rule_5_completed_before_the_end(till: Api, db: Db) -> None:
    booking = confirmed_booking(db, a_schedule(db, start_datetime=FIRST_MONDAY))
    sentence = "The course ends on Monday 3 March 2031; it cannot be completed before that."
    answer = await till.post(f"/admin/bookings/{booking['booking_reference']}/complete")
    assert refusal(answer) == (409, "bookings_certificate_after_completion", sentence)


async def test_after_the_end_the_same_calls_succeed(till: Api, db: Db) -> None:
    schedule = a_schedule(db, instructor_id=ben(db)["id"])
    booking = confirmed_booking(db, schedule, user=amina(db))
    move_schedule_to_past(db, schedule)
    path = f"/admin/bookings/{booking['booking_reference']}"
    assert (await till.post(f"{path}/complete")).json()["status"] == "completed"
    assert (await till.post(f"{path}/certificate")).json()["certificate_issued"] is True


async def send_checkout(
    browser: Browser, schedule: Row, places: int, meanwhile: Callable[[], object], code: str = ""
) -> httpx.Response:
    """Fills the form of the second step while all is well; `meanwhile` happens before it is sent."""
    page = f"/book/{schedule['id']}/who?places={places}&code={code}"
    token = await browser.csrf_token(page)
    meanwhile()
    fields = {
        "csrf_token": token,
        **TYPED,
        "places": str(places),
        "code": code,
        "coming": "yes",
        "terms": "1",
        "form_key": "k" * 43,
    }
    return await browser.post(f"/book/{schedule['id']}/who", data=fields)


def is_filled_in(page: str) -> bool:
    return all(f'value="{typed}"' in page for typed in TYPED.values())


@BOTH_JUDGES
async def test_rule_1_on_the_page_leads_to_other_dates(browser: Browser, db: Db, judge: str) -> None:
    schedule = a_schedule(db, seats=1)
    answer = await send_checkout(browser, schedule, 1, lambda: a_booking(db, schedule))
    assert answer.status_code == 409
    assert "This date is full." in answer.text
    assert db.execute("select from orders").fetchall() == []


async def test_rule_1_on_the_page_offers_what_is_left(browser: Browser, db: Db) -> None:
    schedule = a_schedule(db, seats=3)
    answer = await send_checkout(browser, schedule, 3, lambda: a_booking(db, schedule))
    assert answer.status_code == 409
    assert "Only 2 places are left on this date." in answer.text
    assert is_filled_in(answer.text)
    assert db.execute("select from orders").fetchall() == []


async def test_rule_3_on_the_page_gives_the_form_back_without_the_code(browser: Browser, db: Db) -> None:
    schedule, code = a_schedule(db), a_discount_code(db)
    answer = await send_checkout(
        browser, schedule, 1, lambda: update(db, "discount_codes", code, is_active=False), code["code"]
    )
    assert answer.status_code in (409, 422)
    assert "This discount code cannot be used for this booking." in html.unescape(answer.text)
    assert is_filled_in(answer.text)
    assert db.execute("select from orders").fetchall() == []
