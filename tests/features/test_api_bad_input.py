"""Every call that writes, sent what nobody should send: refused by its field, nothing stored, and never a fault of ours."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.builders import Db, a_course, a_discount_code, a_schedule, a_venue
from tests.features.api import Api, a_run, an_order, everything, problem, refused_fields

Body = dict[str, Any]
Place = tuple[str | int, ...]

# Each text of each call, by where it stands, and how long it may be.
TEXTS: dict[str, dict[Place, int]] = {
    "/orders": {
        ("booker", "first_name"): 100, ("booker", "last_name"): 100, ("booker", "phone"): 20, ("attendees", 0, "first_name"): 100,
        ("attendees", 0, "last_name"): 100, ("organisation_name",): 200, ("purchase_order",): 50, ("terms_version",): 40,
        ("discount_code",): 50,
    },
    "/quotes": {("discount_code",): 50},
    "/admin/courses": {("name",): 255, ("description",): 10_000},
    "/admin/venues": {
        ("name",): 255, ("address_line1",): 255, ("address_line2",): 255, ("city",): 100, ("postcode",): 10, ("parking_info",): 10_000,
    },
    "/admin/schedules": {("notes",): 10_000},
    "/admin/discount-codes": {("code",): 50, ("description",): 10_000},
}  # fmt: skip
EVERY_WRITE = pytest.mark.parametrize("path", TEXTS)
# Sent as they are and as JSON escapes: NUL, halves of characters, direction and width changers, escape sequences, separators.
UNFIT = [
    "a\x00b", "\ud800", "\udfff", "a\ud83dz", "\u202eamina", "ami\u200bna", "\ufeffamina", "\x1b[31m", "a\x07b", "a\u2028b", "\ue000",
    "\uffff", "a\x85b", "a\u00adb", "\u2066a\u2069",
]  # fmt: skip
LINES_ONLY = ["Amina\r\nBcc: dev@example.com", "a\nb", "a\rb", "a\tb", "", " ", "\u00a0"]
FIT = [
    "O'Brien-Ng\u0169y\u1ec5n", "\U0001f600", "\U0001f469\u200d\u2695\ufe0f", "'; drop table users; --", "{{7*7}} %(id)s %s {0}",
    "=cmd|' /C calc'!A0", "\\u0000", "../..\\etc",
]  # fmt: skip
DERIVED = (
    "id", "status", "payment_status", "payment_amount", "amount", "user_id", "created_at", "created_by", "times_used", "current_capacity",
    "role", "password_hash", "certificate_issued", "seats_left", "__class__",
)  # fmt: skip


@pytest.fixture
def bodies(db: Db) -> dict[str, Body]:
    """A good body of each call."""
    course, venue = a_course(db), a_venue(db)
    schedule = a_schedule(db, course=course)
    code = a_discount_code(db)["code"]
    attendees = [{"first_name": "Dev", "last_name": "Shah"}]
    invoice = {"payment_method": "invoice", "purchase_order": "PO 7", "organisation_name": "Khan & Sons"}
    return {
        "/orders": an_order(schedule, attendees=attendees, discount_code=code, **invoice),
        "/quotes": {"schedule_id": schedule["id"], "seats": 1, "discount_code": code},
        "/admin/courses": {"name": "First aid", "course_type": "EFAW", "duration_hours": "6", "price": "75.00"},
        "/admin/venues": {
            "name": "The Rooms", "address_line1": "1 High Street", "city": "Leeds", "postcode": "LS1 1AA", "capacity": 12,
        },
        "/admin/schedules": a_run(course, venue),
        "/admin/discount-codes": {
            "code": "SPRING", "discount_type": "percentage", "discount_value": "10", "valid_from": "2026-01-01",
            "valid_until": "2031-01-01",
        },
    }  # fmt: skip


def changed(body: Body, place: Place, value: object) -> Body:
    """The same with something else at one place."""
    body = deepcopy(body)
    at: Any = body
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    return body


def spellings(body: Body) -> Iterator[bytes]:
    yield json.dumps(body).encode()
    yield json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")


async def test_the_bodies_are_good(till: Api, bodies: dict[str, Body]) -> None:
    assert [(await till.post(path, json=bodies[path])).status_code for path in TEXTS] == [201, 200, 201, 201, 201, 201]


@EVERY_WRITE
async def test_text_that_passes_for_something_else_is_refused(
    till: Api, db: Db, bodies: dict[str, Body], path: str
) -> None:
    before = everything(db)
    for place, longest in TEXTS[path].items():
        wrong = [*UNFIT, "x" * (longest + 1), "\U0001f600" * (longest + 1), 7, True, ["x"], {"x": "y"}]
        wrong += LINES_ONLY if longest < 10_000 else []
        for value in wrong:
            for body in spellings(changed(bodies[path], place, value)):
                answer = await till.post_raw(path, body)
                assert problem(answer)[0] in (400, 422), (place, value)
                assert set(answer.json()["errors"]) <= {".".join(map(str, place)), ""}, (place, value)
    assert everything(db) == before


@pytest.mark.parametrize("path", ["/admin/courses", "/admin/venues"])
async def test_any_other_text_is_kept_as_it_is(till: Api, bodies: dict[str, Body], path: str) -> None:
    for text in FIT:
        typed = {place[0]: text for place, longest in TEXTS[path].items() if len(text) <= longest}
        answer = await till.post(path, json=bodies[path] | typed)
        assert answer.status_code == 201, answer.text
        assert {name: answer.json()[name] for name in typed} == typed


async def test_any_other_name_is_kept_as_it_is(till: Api, db: Db, bodies: dict[str, Body]) -> None:
    for number, text in enumerate([*FIT, "\U0001f600" * 100]):
        asked = changed(changed(bodies["/orders"], ("booker", "first_name"), text), ("attendees", 0, "last_name"), text)
        asked = changed(asked, ("booker", "email"), f"amina.{number}@example.com")
        assert (await till.post("/orders", json=asked)).status_code == 201, text
    kept = [row["last_name"] for row in db.execute("select last_name from attendees order by booking_id").fetchall()]
    assert kept == [*FIT, "\U0001f600" * 100]


async def test_what_is_worked_out_cannot_be_sent(till: Api, db: Db, bodies: dict[str, Body]) -> None:
    before = everything(db)
    for path, body in bodies.items():
        for name in DERIVED:
            assert name in refused_fields(await till.post(path, json=body | {name: 1})), (path, name)
    assert everything(db) == before


def confusing(good: str, first: str) -> dict[str | bytes, set[int]]:
    """What is sent in place of the good document, whose first field has that name; and what may be answered."""
    rest = good[:-1]
    return {
        rest + f', "{first}": 1}}': {422},
        rest + f', "\\u{ord(first[0]):04x}{first[1:]}": 1}}': {422},
        rest + ', "x": NaN}': {422},
        rest + ', "x": -Infinity}': {422},
        rest + ', "x": 1e400}': {422},
        rest + ', "x": ' + "9" * 5000 + "}": {400, 422},
        rest + ', "x": ' + "[" * 100_000 + "]" * 100_000 + "}": {422},
        rest + ', "x": ' + '{"x": ' * 30_000 + "1" + "}" * 30_000 + "}": {422},
        rest + ",}": {422},
        rest: {422},
        good + good: {422},
        "": {422, 415},
        "null": {422},
        "[]": {422},
        f"[{good}]": {422},
        '"text"': {422},
        "1": {422},
        good.replace('"', "'"): {422},
        good.encode("utf-16"): {422},
        b"\xff\xfe" + good.encode(): {400, 422},
        " " * (10 * 1024 * 1024): {413},
    }


async def test_json_that_is_made_to_confuse_is_refused(till: Api, db: Db, bodies: dict[str, Body]) -> None:
    before = everything(db)
    for path, good in bodies.items():
        for body, statuses in confusing(json.dumps(good), next(iter(good))).items():
            assert problem(await till.post_raw(path, body))[0] in statuses, (path, body[-60:])
    assert everything(db) == before


async def test_a_field_within_a_field_is_not_named_twice_either(till: Api, db: Db) -> None:
    before = everything(db)
    for facilities in ('{"wifi": true, "wifi": false}', '{"loop": NaN}', '{"size": 1e400}', '{"size": [-1e999]}'):
        body = '{"name": "Rooms", "address_line1": "1 Way", "city": "York", "postcode": "YO1", "capacity": 3, "facilities": %s}'
        assert problem(await till.post_raw("/admin/venues", body % facilities)) == (422, "not_valid")
    assert everything(db) == before


async def test_only_json_is_read_and_only_by_post(till: Api, db: Db, bodies: dict[str, Body]) -> None:
    before = everything(db)
    for path, body in bodies.items():
        for kind in ("text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = await till.post_raw(path, json.dumps(body), headers={"content-type": kind})
            assert problem(answer) == (415, "unsupported_media_type"), (path, kind)
        for method in ("PUT", "DELETE"):
            answer = await till.request(method, path, json=body, headers={"x-http-method-override": "POST"})
            assert problem(answer) == (405, "method_not_allowed"), (path, method)
    assert everything(db) == before
