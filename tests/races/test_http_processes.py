"""Races over HTTP and two web processes: what one process cannot know, the database decides, and both answer kindly."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from tests.builders import FIRST_MONDAY, Row, a_course, a_discount_code, a_schedule, a_user, a_venue, reload
from tests.clusters import Cluster, binaries_at_hand
from tests.features.api import a_run, a_token, an_order, bearer, problem
from tests.races.audited import broken
from tests.races.processes import Ask, Web, two_web_processes

BOOKINGS = "lock table bookings in share mode"
SCHEDULES = "lock table course_schedules in share mode"
ROW = "select from course_schedules where id = {id} for update"
FULL, NOT_OPEN = "bookings_within_capacity", "bookings_on_live_schedule"
_numbers = count(1)


@pytest.fixture(scope="module")
def web(clusters: Callable[..., Cluster]) -> Iterator[Web]:
    """One set of processes for all of these; each test has dates of its own."""
    cluster = clusters(binaries_at_hand()[0])
    name = cluster.make_database(cluster.template)
    with two_web_processes(cluster.url(name)) as running:
        yield running
    cluster.drop_database(name)


@pytest.fixture(autouse=True)
def audited(web: Web) -> Iterator[None]:
    yield
    assert broken(web.database_url) == []


@pytest.fixture
def office(web: Web) -> dict[str, str]:
    """The headers of an admin's program."""
    return bearer(a_token(web.db, a_user(web.db, role="admin")))


def buyer(schedule: Row, *, key: str | None = None, **fields: Any) -> Ask:
    """Somebody new who wants a seat."""
    booker = {"email": f"buyer{next(_numbers)}@example.com", "first_name": "Amina", "last_name": "Khan"}
    return Ask("/orders", an_order(schedule, booker=booker, **fields), {"idempotency-key": key} if key else {})


def outcomes(answers: list[httpx.Response]) -> Counter[int | str]:
    """How many were served, by status; and refused, by code."""
    return Counter(answer.status_code if answer.is_success else problem(answer)[1] for answer in answers)


def seats_taken(web: Web, schedule: Row) -> int:
    """As counted, once it has been seen that the count is of the bookings there are."""
    rows = web.db.execute(
        "select from bookings where course_schedule_id = %(id)s and status <> 'cancelled'", schedule
    ).fetchall()
    assert reload(web.db, "course_schedules", schedule)["current_capacity"] == len(rows)
    return len(rows)


async def test_forty_buyers_for_twelve_seats(web: Web) -> None:
    schedule = a_schedule(web.db, seats=12)
    answers = await web.burst([buyer(schedule) for _ in range(40)], BOOKINGS)
    assert outcomes(answers) == {201: 12, FULL: 28}
    assert seats_taken(web, schedule) == 12
    assert reload(web.db, "course_schedules", schedule)["status"] == "full"


async def test_parties_of_three_for_eight_seats(web: Web) -> None:
    schedule = a_schedule(web.db, seats=8)
    answers = await web.burst([buyer(schedule, seats=3) for _ in range(8)], BOOKINGS)
    assert outcomes(answers) == {201: 2, FULL: 6}
    assert seats_taken(web, schedule) == 6


async def test_the_last_seat_goes_to_one_of_two_twenty_times(web: Web) -> None:
    for _ in range(20):
        schedule = a_schedule(web.db, seats=1)
        answers = await web.burst([buyer(schedule), buyer(schedule)], BOOKINGS)
        assert outcomes(answers) == {201: 1, FULL: 1}
        assert seats_taken(web, schedule) == 1


async def test_the_last_use_of_a_code_on_ten_different_dates(web: Web) -> None:
    code = a_discount_code(web.db, usage_limit=1)
    asks = [buyer(a_schedule(web.db), discount_code=code["code"]) for _ in range(10)]
    answers = await web.burst(asks, BOOKINGS)
    assert outcomes(answers) == {201: 1, "bookings_discount_valid": 9}
    assert len({answer.json()["detail"] for answer in answers if not answer.is_success}) == 1
    assert reload(web.db, "discount_codes", code)["times_used"] == 1


async def test_spare_uses_of_a_code_are_refused_to_nobody(web: Web) -> None:
    code = a_discount_code(web.db, usage_limit=100)
    asks = [buyer(a_schedule(web.db), discount_code=code["code"]) for _ in range(10)]
    answers = await web.burst(asks, "select from discount_codes where id = {id} for update".format(**code))
    assert outcomes(answers) == {201: 10}
    assert reload(web.db, "discount_codes", code)["times_used"] == 10


async def test_one_person_is_given_one_seat_by_two_processes(web: Web) -> None:
    schedule = a_schedule(web.db)
    dev = [{"first_name": "Dev", "last_name": "Shah", "email": "dev@example.com"}]
    answers = await web.burst([buyer(schedule, attendees=dev) for _ in range(6)], BOOKINGS)
    assert outcomes(answers) == {201: 1, "attendees_one_live_seat": 5}
    assert seats_taken(web, schedule) == 1


async def test_a_room_is_given_to_one_of_ten_overlapping_dates(web: Web, office: dict[str, str]) -> None:
    course, venue = a_course(web.db), a_venue(web.db)
    starts = [FIRST_MONDAY + timedelta(minutes=30 * number) for number in range(10)]
    asks = [Ask("/admin/schedules", a_run(course, venue, start=start), office) for start in starts]
    answers = await web.burst(asks, SCHEDULES)
    assert outcomes(answers) == {201: 1, "course_schedules_no_venue_overlap": 9}
    assert len(web.db.execute("select from course_schedules where venue_id = %(id)s", venue).fetchall()) == 1


async def test_dates_back_to_back_are_all_given_the_room(web: Web, office: dict[str, str]) -> None:
    course, venue = a_course(web.db), a_venue(web.db)
    starts = [FIRST_MONDAY + timedelta(hours=number) for number in range(10)]
    asks = [Ask("/admin/schedules", a_run(course, venue, start=start, hours=1), office) for start in starts]
    assert outcomes(await web.burst(asks, SCHEDULES)) == {201: 10}


@pytest.mark.parametrize("hold", [BOOKINGS, ROW], ids=["table", "row"])
async def test_a_date_is_cancelled_while_it_is_booked(web: Web, office: dict[str, str], hold: str) -> None:
    for turn in range(5):
        schedule = a_schedule(web.db)
        asks = [buyer(schedule) for _ in range(6)]
        asks.insert(turn, Ask(f"/admin/schedules/{schedule['id']}/cancel", None, office))
        answers = await web.burst(asks, hold.format(**schedule))
        cancelled, orders = answers.pop(turn), outcomes(answers)
        if cancelled.status_code == 200:
            assert orders == {NOT_OPEN: 6}
            assert seats_taken(web, schedule) == 0
        else:
            assert problem(cancelled) == (409, "schedule_has_bookings")
            assert orders == {201: 6}


@pytest.mark.parametrize("table", ["courses", "venues"])
async def test_a_capacity_is_lowered_while_seats_are_booked(web: Web, office: dict[str, str], table: str) -> None:
    field, owner = {"courses": ("max_capacity", "course_id"), "venues": ("capacity", "venue_id")}[table]
    for turn in range(5):
        schedule = a_schedule(web.db)
        asks = [buyer(schedule) for _ in range(6)]
        asks.insert(turn, Ask(f"/admin/{table}/{schedule[owner]}", {field: 3}, office, "PATCH"))
        answers = await web.burst(asks, ROW.format(**schedule))
        lowered, orders = answers.pop(turn), outcomes(answers)
        if lowered.status_code == 200:
            assert orders == {201: 3, FULL: 3}
        else:
            assert problem(lowered) == (409, "capacity_covers_seats_taken")
            assert orders == {201: 6}


async def test_one_key_over_both_processes_is_one_order_with_one_answer(web: Web) -> None:
    schedule = a_schedule(web.db)
    ask = buyer(schedule, key="once")
    waiting, answers = 6, []
    while waiting:
        sent = await web.burst([ask] * waiting, BOOKINGS)
        answers += [answer.content for answer in sent if answer.status_code == 201]
        in_flight = [answer for answer in sent if answer.status_code != 201]
        assert {problem(answer) for answer in in_flight} <= {(409, "key_in_flight")}
        waiting = len(in_flight)
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert seats_taken(web, schedule) == 1
    assert json.loads(answers[0])["total"] == "75.00"
