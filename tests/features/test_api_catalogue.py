"""What anyone may read: courses, open dates, one date, quotes; in pages, by filters, and on London's clock."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import (
    FIRST_MONDAY,
    Db,
    Row,
    a_course,
    a_discount_code,
    a_schedule,
    a_venue,
    insert,
    move_schedule_to_past,
    update,
)
from tests.features.api import Api, everything, problem, refused_fields
from tests.features.mailing import utc

DATE = {"id", "status", "start", "end", "seats", "seats_left", "price", "currency", "course", "venue", "sessions"}
COURSE = {
    "id", "name", "description", "course_type", "duration_hours", "price", "max_capacity", "certification_validity_years",
    "is_active", "updated_at", "audience", "included", "qualification",
}  # fmt: skip
QUOTE = {
    "schedule_id", "seats", "seats_left", "currency", "lines", "subtotal", "discount", "discount_reason", "vat",
    "vat_rate", "total", "refund_policy",
    "terms_version",
}  # fmt: skip


async def read_all(api: Api, path: str, limit: int, **query: Any) -> list[dict[str, Any]]:
    """Every item, page by page as a client reads them; no page is longer than was asked for."""
    items: list[dict[str, Any]] = []
    cursor: Any = None
    while True:
        params = {"limit": limit, **query} | ({} if cursor is None else {"cursor": cursor})
        body = (await api.get(path, params=params)).json()
        assert len(body["items"]) <= limit
        items += body["items"]
        cursor = body["next"]
        if cursor is None:
            return items


async def ids(api: Api, **query: Any) -> list[int]:
    answer = await api.get("/schedules", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_a_course_says_what_it_is_and_what_it_costs(api: Api, db: Db) -> None:
    course = a_course(db, price=Decimal("100.00"), duration_hours=Decimal("6.5"))
    shown = (await api.get(f"/courses/{course['id']}")).json()
    assert set(shown) == COURSE
    assert (shown["price"], shown["duration_hours"]) == ("100.00", "6.50")
    assert (await api.get("/courses")).json() == {"items": [shown], "next": None}


async def test_a_course_no_longer_taught_is_not_shown(api: Api, db: Db) -> None:
    course = a_course(db, is_active=False)
    a_schedule(db, course=course)
    assert problem(await api.get(f"/courses/{course['id']}")) == (404, "not_found")
    assert (await api.get("/courses")).json()["items"] == []
    assert await ids(api) == []


@pytest.mark.parametrize("path", ["/courses", "/schedules"])
async def test_lists_are_read_in_pages_without_a_gap_or_a_repetition(api: Api, db: Db, path: str) -> None:
    course = a_course(db)
    # Two that begin at one moment, so that a page may end between them.
    twins = [a_schedule(db, course=course, start_datetime=FIRST_MONDAY - timedelta(weeks=1)) for _ in range(2)]
    expected = [*twins, *(a_schedule(db, course=course) for _ in range(3))]
    if path == "/courses":
        expected = [course, *(a_course(db) for _ in range(4))]
    for limit in (1, 2, 5, 100):
        assert [item["id"] for item in await read_all(api, path, limit)] == [row["id"] for row in expected]


HOPELESS = {
    "/courses": {
        "limit": ["0", "101", "-1", "many", "9" * 400, "1.5", ""],
        "cursor": ["x", "-1", str(2**31), "9" * 400],
    },
    "/schedules": {
        "cursor": ["1", "infinity_1", "2031-01-01T00:00:00+00:00_1", "2031-01-01_" + "9" * 30, "1" * 61],
        "course_id": ["0", "-1", "x", "1.5", str(2**31), str(2**63), "9" * 400],
        "course_type": ["Sea", "efaw", ""],
        "from": ["yesterday", "2031-02-29", "9999-12-31", "0001-01-01"],
        "available": ["perhaps", "2"],
        "city": ["x" * 101],
    },
}  # fmt: skip


@pytest.mark.parametrize("path", HOPELESS)
async def test_a_query_that_cannot_be_meant_is_refused_by_its_field(api: Api, path: str) -> None:
    for field, values in HOPELESS[path].items():
        for value in values:
            assert refused_fields(await api.get(path, params={field: value})) == {field}, value


async def test_dates_are_found_by_what_they_are(api: Api, db: Db) -> None:
    faw, leeds = a_course(db, course_type="FAW"), a_venue(db, city="Leeds")
    first = a_schedule(db, course=faw, venue=a_venue(db, city="York", capacity=1), start_datetime=FIRST_MONDAY)["id"]
    second = a_schedule(db, venue=leeds, start_datetime=FIRST_MONDAY + timedelta(days=1))["id"]
    assert await ids(api) == [first, second]
    assert (
        await ids(api, course_id=faw["id"])
        == await ids(api, course_type="FAW")
        == await ids(api, city="yORK")
        == [first]
    )
    assert await ids(api, city="Leeds", course_type="EFAW") == [second]
    assert (
        await ids(api, city="Leeds", course_type="FAW")
        == await ids(api, city="%")
        == await ids(api, city="' or 1=1 --")
        == []
    )
    await api.order({"id": first})
    assert (await ids(api), await ids(api, available=True)) == ([first, second], [second])


async def test_from_and_to_are_london_days_and_both_count(api: Api, db: Db) -> None:
    # The last minute of 30 June and the first of 1 July, as London's clocks show them in summer.
    late = a_schedule(db, start_datetime=utc(2031, 6, 30, 22, 59))["id"]
    early = a_schedule(db, start_datetime=utc(2031, 6, 30, 23, 0))["id"]
    assert await ids(api, to="2031-06-30") == await ids(api, **{"from": "2031-06-30", "to": "2031-06-30"}) == [late]
    assert await ids(api, **{"from": "2031-07-01"}) == [early]
    assert await ids(api, **{"from": "2031-07-01", "to": "2031-06-30"}) == []
    assert await ids(api, **{"from": "2001-01-01"}) == [late, early]


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        (utc(2031, 3, 29, 9, 30), "2031-03-29T09:30:00+00:00"),
        (utc(2031, 3, 31, 8, 30), "2031-03-31T09:30:00+01:00"),
        (utc(2031, 10, 24, 8, 30), "2031-10-24T09:30:00+01:00"),
        (utc(2031, 10, 27, 9, 30), "2031-10-27T09:30:00+00:00"),
    ],
)
async def test_half_past_nine_stays_half_past_nine_when_the_clocks_change(
    api: Api, db: Db, start: datetime, shown: str
) -> None:
    schedule = a_schedule(db, start_datetime=start)
    session = {"starts_at": start, "ends_at": start + timedelta(hours=3)}
    insert(db, "schedule_sessions", course_schedule_id=schedule["id"], **session)
    date = (await api.get(f"/schedules/{schedule['id']}")).json()
    assert set(date) == DATE
    assert (date["start"], date["sessions"][0]["start"]) == (shown, shown)
    assert datetime.fromisoformat(date["sessions"][0]["end"]) - datetime.fromisoformat(shown) == timedelta(hours=3)


async def test_only_what_is_open_is_listed_and_a_draft_is_not_shown_at_all(api: Api, db: Db) -> None:
    draft, gone, over, begun = (a_schedule(db) for _ in range(4))
    update(db, "course_schedules", draft, status="draft")
    update(db, "course_schedules", gone, status="cancelled")
    move_schedule_to_past(db, over)
    move_schedule_to_past(db, begun, ended=-timedelta(hours=1))
    assert await ids(api) == []
    assert problem(await api.get(f"/schedules/{draft['id']}")) == (404, "schedule_not_found")
    assert (await api.get(f"/schedules/{gone['id']}")).json()["status"] == "cancelled"


@pytest.mark.parametrize("path", ["/courses", "/schedules"])
async def test_an_id_that_no_row_has_leads_nowhere(api: Api, db: Db, path: str) -> None:
    a_schedule(db)
    assert (await api.get(f"{path}/1")).status_code == 200
    for row_id in (
        "0",
        "-1",
        "+1",
        "x",
        "1.0",
        "1e0",
        "1%20",
        "1_",
        "%D9%A1",
        str(2**31),
        str(2**63),
        "9" * 400,
        "1%27",
    ):
        assert problem(await api.get(f"{path}/{row_id}"))[0] == 404, row_id


async def test_the_smaller_of_course_and_venue_is_what_a_date_holds(api: Api, db: Db) -> None:
    schedule = a_schedule(db, course=a_course(db, max_capacity=9), venue=a_venue(db, capacity=4))
    await api.order(schedule, seats=3)
    date = (await api.get(f"/schedules/{schedule['id']}")).json()
    assert (date["seats"], date["seats_left"], date["price"], date["currency"]) == (4, 1, "75.00", "GBP")


@pytest.fixture
def registered(db: Db) -> None:
    db.execute("update company_profile set vat_rate = 20, vat_number = 'GB 123 4567 89'")


async def test_a_quote_says_what_seats_cost_and_stores_nothing(api: Api, db: Db, registered: None) -> None:
    schedule, code = a_schedule(db), a_discount_code(db, discount_value=20)
    before = everything(db)
    asked = {"schedule_id": schedule["id"], "seats": 2, "discount_code": code["code"]}
    quote = (await api.post("/quotes", json=asked)).json()
    assert set(quote) == QUOTE
    assert [(line["unit_price"], line["amount"]) for line in quote["lines"]] == [
        ("75.00", "150.00"),
        ("-15.00", "-30.00"),
    ]
    assert (quote["subtotal"], quote["discount"], quote["vat"], quote["total"]) == (
        "150.00",
        "30.00",
        "20.00",
        "120.00",
    )
    assert quote["refund_policy"][0].startswith("Cancel 31 days or more before the course: you get back everything")
    assert everything(db) == before


async def test_of_code_and_group_offer_the_better_one_counts_alone(api: Api, db: Db) -> None:
    schedule, small, large = (
        a_schedule(db),
        a_discount_code(db, discount_value=5),
        a_discount_code(db, discount_value=20),
    )

    async def discount(code: Row) -> str:
        asked = {"schedule_id": schedule["id"], "seats": 5, "discount_code": code["code"]}
        return str((await api.post("/quotes", json=asked)).json()["discount"])

    assert (await discount(small), await discount(large)) == ("37.50", "75.00")
