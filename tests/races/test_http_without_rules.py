"""The tests of the races over HTTP are tested: on a database whose rules are switched off, each burst shows its fault."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.builders import FIRST_MONDAY, a_course, a_discount_code, a_schedule, a_user, a_venue
from tests.clusters import Cluster, binaries_at_hand
from tests.features.api import a_run, a_token, bearer
from tests.races.processes import Ask, Web, two_web_processes
from tests.races.test_http_processes import BOOKINGS, SCHEDULES, buyer, outcomes


@pytest.fixture(scope="module")
def web(clusters: Callable[..., Cluster]) -> Iterator[Web]:
    cluster = clusters(binaries_at_hand()[0])
    name = cluster.make_database(cluster.template)
    with two_web_processes(cluster.url(name)) as running:
        for table in ("bookings", "attendees", "course_schedules"):
            running.db.execute(f"alter table {table} disable trigger user".encode())
        yield running
    cluster.drop_database(name)


async def test_forty_buyers_get_twelve_seats(web: Web) -> None:
    schedule = a_schedule(web.db, seats=12)
    assert outcomes(await web.burst([buyer(schedule) for _ in range(40)], BOOKINGS))[201] > 12


async def test_two_buyers_get_the_last_seat(web: Web) -> None:
    schedule = a_schedule(web.db, seats=1)
    assert outcomes(await web.burst([buyer(schedule), buyer(schedule)], BOOKINGS)) == {201: 2}


async def test_a_code_for_one_is_used_by_many(web: Web) -> None:
    code = a_discount_code(web.db, usage_limit=1)["code"]
    asks = [buyer(a_schedule(web.db), discount_code=code) for _ in range(10)]
    assert outcomes(await web.burst(asks, BOOKINGS))[201] > 1


async def test_one_person_gets_several_seats(web: Web) -> None:
    schedule = a_schedule(web.db)
    dev = [{"first_name": "Dev", "last_name": "Shah", "email": "dev@example.com"}]
    assert outcomes(await web.burst([buyer(schedule, attendees=dev) for _ in range(6)], BOOKINGS))[201] > 1


async def test_a_room_is_given_to_several_dates(web: Web) -> None:
    office = bearer(a_token(web.db, a_user(web.db, role="admin")))
    course, venue = a_course(web.db), a_venue(web.db)
    starts = [FIRST_MONDAY + timedelta(minutes=30 * number) for number in range(10)]
    asks = [Ask("/admin/schedules", a_run(course, venue, start=start), office) for start in starts]
    assert outcomes(await web.burst(asks, SCHEDULES))[201] > 1
