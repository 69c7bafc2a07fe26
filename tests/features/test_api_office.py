"""The office over the API: courses, venues, dates and codes made and changed, money written down, bookings listed."""

from typing import Any

import pytest

from tests.builders import (
    FIRST_MONDAY,
    Db,
    Row,
    a_booking,
    a_discount_code,
    a_schedule,
    reload,
)
from tests.features.api import Api, everything, problem, refused_fields

COURSE = {"name": "First Aid at Work", "course_type": "FAW", "duration_hours": "18.00", "price": "210.00"}
VENUE = {"name": "The Rooms", "address_line1": "1 High Street", "city": "York", "postcode": "YO1 7AA", "capacity": 9}
CODE = {
    "code": "SPRING", "discount_type": "percentage", "discount_value": "12.50", "valid_from": "2026-01-01", "valid_until": "2031-12-31",
}  # fmt: skip
MAKES = {"/admin/courses": COURSE, "/admin/venues": VENUE, "/admin/discount-codes": CODE}


async def last_act(db: Db) -> Row:
    row = db.execute(
        "select action, entity_type, old_values, new_values, host(ip_address) as address from admin_activity_logs order by id desc limit 1"
    ).fetchone()
    assert row
    return row


@pytest.mark.parametrize("path", MAKES)
async def test_what_is_made_is_answered_and_written_to_the_activity_log(till: Api, db: Db, path: str) -> None:
    answer = await till.post(path, json=MAKES[path])
    made = answer.json()
    assert answer.status_code == 201
    assert made == made | MAKES[path] | {"is_active": True}
    assert (await till.get(f"{path}/{made['id']}")).json() == made
    act = await last_act(db)
    assert act["action"] == f"{act['entity_type']}.create"
    assert (act["old_values"], act["address"]) == (None, "127.0.0.1")


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/admin/courses", {"price": "215.50", "max_capacity": 8}),
        ("/admin/courses", {"is_active": False}),
        ("/admin/venues", {"facilities": {"wifi": True}, "parking_info": None}),
        ("/admin/discount-codes", {"usage_limit": 5, "min_purchase_amount": "50.00", "valid_until": "2032-12-31"}),
    ],
)  # fmt: skip
async def test_a_change_keeps_the_rest_and_the_log_says_what_it_was(
    till: Api, db: Db, path: str, change: dict[str, Any]
) -> None:
    made = (await till.post(path, json=MAKES[path])).json()
    answer = await till.patch(f"{path}/{made['id']}", json=change)
    version = {name: value for name, value in answer.json().items() if name == "updated_at"}
    assert (answer.status_code, answer.json()) == (200, made | change | version)
    act = await last_act(db)
    assert set(act["old_values"]) == set(act["new_values"]) == set(change)


@pytest.mark.parametrize("path", MAKES)
async def test_a_change_that_cannot_be_changes_nothing(till: Api, db: Db, path: str) -> None:
    made = (await till.post(path, json=MAKES[path])).json()
    before = everything(db)
    for change, field in (
        ({}, ""),
        ({"id": 9}, "id"),
        ({"created_at": "2026-01-01"}, "created_at"),
        ({"x": 1, "id": 2}, "x"),
    ):
        assert field in refused_fields(await till.patch(f"{path}/{made['id']}", json=change)), change
    for whole in ([], [["name", "x"]], None, "x", 1):
        assert problem(await till.patch(f"{path}/{made['id']}", json=whole))[0] == 422
    for nobody in (2**31 - 1, 0, 2**63, "x"):
        assert problem(await till.patch(f"{path}/{nobody}", json={"is_active": False}))[0] == 404
    assert everything(db) == before


AMOUNTS = [
    "NaN", "Infinity", "-Infinity", "1e400", "1E+2", "-0.01", "-1", "0.001", "74.995", "99999999.995", "100000000.00", "1,000.00", "£75",
    "", " ", "1_000", "\u0661\u0662", "0x10", "7 5", "--1", "1.2.3", 74.995, 75.0, 10**400, -1, True, None, [], {}, ["75.00"],
]  # fmt: skip
WHOLE = [0, -1, 2**31, 2**63, 10**400, 1.0, 1.5, True, "12", "", None, [], {}]
TRUTHS = [0, 1, "yes", "true", "", None, [], {}]
DAYS = [
    "2026-02-30", "2026-13-01", "0000-01-01", "10000-01-01", "tomorrow", "infinity", "", "01/02/2026", "2026-01-01T10:00:00", "2026-W01-1",
    0, 20260101, True, None, [],
]  # fmt: skip
HOURS = ["NaN", "Infinity", "0", "-1", "100", "1.005", "six", "", True, None, [], 10**400]


@pytest.mark.parametrize(
    ("path", "field", "values"),
    [
        ("/admin/courses", "price", AMOUNTS),
        ("/admin/courses", "duration_hours", HOURS),
        ("/admin/courses", "max_capacity", [*WHOLE, 1001]),
        ("/admin/courses", "certification_validity_years", [*WHOLE, 51]),
        ("/admin/courses", "course_type", ["faw", "Sea", "", 1, None, ["FAW"]]),
        ("/admin/courses", "is_active", TRUTHS),
        ("/admin/venues", "capacity", [*WHOLE, 1001]),
        ("/admin/venues", "facilities", [[], "wifi", 1, None, True, {"x": "y" * 10_001}, {"x": "a\x00b"}]),
        ("/admin/venues", "is_active", TRUTHS),
        ("/admin/discount-codes", "discount_value", [*AMOUNTS, "0", "0.00", "100.01"]),
        ("/admin/discount-codes", "min_purchase_amount", [value for value in AMOUNTS if value is not None]),
        ("/admin/discount-codes", "usage_limit", [value for value in WHOLE if value not in (0, None) or value is False]),
        ("/admin/discount-codes", "valid_from", [*DAYS, "2032-01-01"]),
        ("/admin/discount-codes", "valid_until", [*DAYS, "2025-12-31"]),
        ("/admin/discount-codes", "discount_type", ["half", "", None, 1]),
    ],
)  # fmt: skip
async def test_a_value_that_cannot_be_is_refused_when_made_and_when_changed(
    till: Api, db: Db, path: str, field: str, values: list[Any]
) -> None:
    made = (await till.post(path, json=MAKES[path])).json()
    other = {"name": "Other"} if "name" in MAKES[path] else {"code": "OTHER"}
    before = everything(db)
    for value in values:
        assert refused_fields(await till.post(path, json=MAKES[path] | other | {field: value})) <= {field, ""}, value
        assert refused_fields(await till.patch(f"{path}/{made['id']}", json={field: value})) <= {field, ""}, value
    assert everything(db) == before


async def test_a_code_is_one_code_whatever_its_case(till: Api, db: Db) -> None:
    await till.post("/admin/discount-codes", json=CODE)
    answer = await till.post("/admin/discount-codes", json=CODE | {"code": "Spring"})
    assert problem(answer) == (422, "discount_codes_code_unique_whatever_case")
    assert answer.json()["errors"] == {"code": "There is already a discount code with this name."}


async def test_a_capacity_below_the_seats_taken_is_refused_with_the_number(till: Api, db: Db) -> None:
    schedule = a_schedule(db, start_datetime=FIRST_MONDAY)
    for _ in range(3):
        a_booking(db, schedule)
    for path, field in (
        (f"/admin/courses/{schedule['course_id']}", "max_capacity"),
        (f"/admin/venues/{schedule['venue_id']}", "capacity"),
    ):
        answer = await till.patch(path, json={field: 2})
        assert problem(answer) == (409, "capacity_covers_seats_taken")
        assert (
            answer.json()["detail"]
            == "3 seats are already taken on the date of 3 March 2031; the capacity cannot go below that."
        )
        assert (await till.patch(path, json={field: 3})).status_code == 200
    assert reload(db, "course_schedules", schedule)["status"] == "full"


async def test_the_terms_of_a_used_code_stay(till: Api, db: Db) -> None:
    code = a_discount_code(db, usage_limit=5, valid_until="2032-12-31")
    for _ in range(2):
        a_booking(db, a_schedule(db), code=code)
    path = f"/admin/discount-codes/{code['id']}"
    for change in (
        {"code": "OTHER"}, {"discount_value": "20"}, {"discount_type": "fixed"}, {"min_purchase_amount": "1.00"},
        {"valid_until": "2032-12-30"},         {"valid_from": "2020-01-01"}, {"course_type_restriction": "EFAW"},
    ):  # fmt: skip
        assert problem(await till.patch(path, json=change)) == (409, "discount_codes_terms_frozen"), change
    assert problem(await till.patch(path, json={"usage_limit": 1})) == (422, "discount_codes_limit_covers_uses")
    open_terms = {"usage_limit": 2, "valid_until": "2033-01-01", "description": "Spring", "is_active": False}
    assert (await till.patch(path, json=open_terms)).status_code == 200
    assert reload(db, "discount_codes", code)["times_used"] == 2


@pytest.mark.parametrize(("path", "name"), [("/admin/venues", "name"), ("/admin/discount-codes", "code")])
async def test_the_offices_lists_are_read_in_pages(till: Api, path: str, name: str) -> None:
    made = [(await till.post(path, json=MAKES[path] | {name: f"Number {number}"})).json() for number in range(3)]
    first = (await till.get(path, params={"limit": 2})).json()
    rest = (await till.get(path, params={"limit": 2, "cursor": first["next"]})).json()
    assert first["items"] + rest["items"] == made
    assert rest["next"] is None
