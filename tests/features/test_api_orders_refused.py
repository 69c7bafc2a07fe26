"""Orders that cannot be: a clear problem by its field, no row stored, and never a fault of ours."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import Db, Row, a_booking, a_discount_code, a_schedule, move_schedule_to_past, update
from tests.features.api import AMINA, Api, an_order, everything, problem, refused_fields

MINUTE = timedelta(minutes=1)
DEV = {"first_name": "Dev", "last_name": "Shah"}


def full(db: Db, schedule: Row) -> None:
    update(db, "venues", {"id": schedule["venue_id"]}, capacity=1)
    a_booking(db, schedule)


DATES: dict[str, tuple[Callable[[Db, Row], object], tuple[int, str]]] = {
    "ended": (move_schedule_to_past, (409, "schedule_begun")),
    "begun": (lambda db, row: move_schedule_to_past(db, row, ended=-MINUTE), (409, "schedule_begun")),
    "draft": (lambda db, row: update(db, "course_schedules", row, status="draft"), (409, "bookings_on_live_schedule")),
    "cancelled": (
        lambda db, row: update(db, "course_schedules", row, status="cancelled"),
        (409, "bookings_on_live_schedule"),
    ),
    "full": (full, (409, "bookings_within_capacity")),
    "no longer taught": (
        lambda db, row: update(db, "courses", {"id": row["course_id"]}, is_active=False),
        (409, "bookings_on_live_schedule"),
    ),
}


@pytest.mark.parametrize("state", DATES)
async def test_a_date_that_cannot_be_booked(api: Api, db: Db, state: str) -> None:
    schedule = a_schedule(db)
    becomes, refusal = DATES[state]
    becomes(db, schedule)
    before = everything(db)
    assert problem(await api.order(schedule)) == refusal
    assert problem(await api.post("/quotes", json={"schedule_id": schedule["id"], "seats": 1})) == refusal
    assert everything(db) == before


async def test_a_date_that_does_not_exist(api: Api, db: Db) -> None:
    before = everything(db)
    assert problem(await api.order({"id": 2**31 - 1})) == (404, "schedule_not_found")
    for wrong in (0, -1, 2**31, 2**63, 10**400, "1", 1.0, True, None, [1], {"id": 1}):
        assert refused_fields(await api.order({"id": wrong})) == {"schedule_id"}, wrong
    assert everything(db) == before


async def test_seats_are_a_whole_number_from_1_to_12(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    before = everything(db)
    for wrong in (0, -1, 13, 10**9, 2**31, 2**63, 10**400, True, False, "1", "", 1.5, 1.0, None, [], [1], {}):
        assert refused_fields(await api.order(schedule, seats=wrong)) == {"seats"}, wrong
        asked = {"schedule_id": schedule["id"], "seats": wrong}
        assert refused_fields(await api.post("/quotes", json=asked)) == {"seats"}, wrong
    assert everything(db) == before


CODES: dict[str, dict[str, Any]] = {
    "expired": {"valid_from": "2025-01-01", "valid_until": "2025-12-31"},
    "not yet": {"valid_from": "2199-01-01", "valid_until": "2199-12-31"},
    "used up": {"usage_limit": 0},
    "of another course": {"course_type_restriction": "FAW"},
    "inactive": {"is_active": False},
    "below its minimum": {"min_purchase_amount": Decimal("75.01")},
}


async def test_a_code_that_cannot_be_used_does_not_say_why(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    codes = [a_discount_code(db, **terms)["code"] for terms in CODES.values()]
    before = everything(db)
    tried = [*codes, codes[0].lower(), "NOSUCHCODE", "' or 1=1 --", "%", "😀"]
    answers = [await api.order(schedule, discount_code=code) for code in tried]
    assert {problem(answer) for answer in answers} == {(422, "bookings_discount_valid")}
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].json()["errors"] == {"discount_code": "This discount code cannot be used for this booking."}
    assert everything(db) == before


async def test_a_code_is_good_on_its_last_day_in_any_case_and_with_spaces_around(api: Api, db: Db) -> None:
    today = db.execute("select (now() at time zone 'Europe/London')::date as today").fetchone()
    assert today
    a_discount_code(db, code="Spring27", valid_from=today["today"], valid_until=today["today"])
    schedule = a_schedule(db)
    for typed in ("Spring27", "SPRING27", " spring27 "):
        assert (await api.order(schedule, discount_code=typed)).json()["total"] == "67.50"


NO_ADDRESSES = [
    "", " ", "amina", "amina@", "@example.com", "amina@example", "amina@@example.com", "a@b@example.com", "amina @example.com",
    "amina@exa mple.com", "amina@example..com", ".amina@example.com", "amina.@example.com", "a..b@example.com",
    "amina@-example.com", "amina@example-.com", "Amina <amina@example.com>", "amina@example.com,dev@example.com",
    "amina@example.com;dev@example.com", "amina@[127.0.0.1]", "amina@127.0.0.1", "amina@localhost", "mailto:amina@example.com",
    "amina@example.com\r\nBcc: dev@example.com", "am\x00ina@example.com", "am\u202eina@example.com",
    "am\u200bina@example.com", "am\ud800ina@example.com", f"{'a' * 65}@example.com", f"amina@{'a' * 64}.com",
    f"amina@{'a.' * 125}com", "a" * 300, "(amina)@example.com", "amina@exam_ple.com", 7, None, True, [], {}, ["amina@example.com"],
]  # fmt: skip


async def test_what_is_no_e_mail_address_is_refused(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    before = everything(db)
    for wrong in NO_ADDRESSES:
        booker = json.dumps(an_order(schedule, booker=AMINA | {"email": wrong}))
        assert refused_fields(await api.post_raw("/orders", booker)) <= {"booker.email", ""}, wrong
        attendee = json.dumps(an_order(schedule, attendees=[DEV | {"email": wrong}]))
        if wrong is not None:
            assert refused_fields(await api.post_raw("/orders", attendee)) <= {"attendees.0.email", ""}, wrong
    assert everything(db) == before


async def test_one_person_whatever_the_form_of_the_address(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    for typed in ("jos\u00e9@example.com", "jose\u0301@example.com", " Jos\u00e9@EXAMPLE.com "):
        assert (await api.order(schedule, booker=AMINA | {"email": typed})).status_code == 201, typed
    assert len({row["user_id"] for row in db.execute("select user_id from orders").fetchall()}) == 1


async def test_what_the_server_works_out_cannot_be_sent(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    before = everything(db)
    for name in (
        "id", "price", "amount", "total", "discount", "discount_applied", "payment_amount", "currency", "vat", "status", "payment_status",
        "user_id", "reference", "booking_reference", "hold_expires_at", "access_token", "created_at", "role", "is_active",
        "times_used", "current_capacity", "certificate_issued", "__proto__", "__class__", "policy_version", "",
    ):  # fmt: skip
        assert refused_fields(await api.order(schedule, **{name: "0.01"})) == {name}
        nested = await api.order(schedule, booker=AMINA | {name: 1}, attendees=[DEV | {name: 1}])
        assert refused_fields(nested) == {f"booker.{name}", f"attendees.0.{name}"}
    assert everything(db) == before


FITTING_NOT: list[tuple[dict[str, Any], int, str]] = [
    ({"attendees": [DEV, DEV]}, 422, "not_valid"),
    ({"attendees": [DEV] * 13}, 422, "not_valid"),
    (
        {"seats": 2, "attendees": [DEV | {"email": "dev@example.com"}, DEV | {"email": "DEV@example.com"}]},
        422,
        "not_valid",
    ),
    ({"attendees": DEV}, 422, "not_valid"),
    ({"attendees": [None]}, 422, "not_valid"),
    ({"attendees": [{"first_name": "Dev"}]}, 422, "not_valid"),
    ({"booker": None}, 422, "not_valid"),
    ({"booker": []}, 422, "not_valid"),
    ({"booker": "amina@example.com"}, 422, "not_valid"),
    ({"booker": {"email": "amina@example.com"}}, 422, "not_valid"),
    ({"payment_method": "free"}, 422, "orders_free_only_at_nothing"),
    ({"payment_method": "invoice"}, 422, "not_valid"),
    ({"payment_method": "invoice", "purchase_order": " "}, 422, "not_valid"),
    ({"payment_method": "bitcoin"}, 422, "not_valid"),
    ({"payment_method": ["card"]}, 422, "not_valid"),
    ({"payment_method": None}, 422, "not_valid"),
    ({"terms_version": ""}, 422, "not_valid"),
    ({"terms_version": 1}, 422, "not_valid"),
    ({"discount_code": ""}, 422, "not_valid"),
    ({"discount_code": ["A", "B"]}, 422, "not_valid"),
    ({"discount_code": 10}, 422, "not_valid"),
]


async def test_what_does_not_fit_together_is_refused(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    before = everything(db)
    for fields, status, code in FITTING_NOT:
        assert problem(await api.order(schedule, **fields)) == (status, code), fields
    for name in ("schedule_id", "seats", "booker", "payment_method", "terms_version"):
        body = {field: value for field, value in an_order(schedule).items() if field != name}
        answer = await api.post("/orders", json=body)
        assert answer.json()["errors"] == {name: "This is needed."}
    assert everything(db) == before
