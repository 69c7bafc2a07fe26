"""Who may call what: each call of the API's own description, by each kind of caller, against a table written by hand."""

import json
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rft.accounts.tokens import issue_api_token
from rft.database.pool import Database
from rft.errors import NotValid
from rft.kit.clock import utc_now
from tests.builders import Db, a_schedule, update
from tests.cast import amina, ben, carol, dev
from tests.features.api import Api, a_token, bearer, everything, problem

# What anyone may ask for by a name that cannot be guessed.
ANYONE, UNFOUND, OWNER, ADMIN, STRIPE = "anyone", "unfound", "owner", "admin", "stripe"
TEACHER, OF_THE_DAY = "whoever teaches", "the trainer of the day"
TABLE = {
    "GET /courses": ANYONE,
    "GET /certificates/{number}": UNFOUND,
    "GET /courses/{course_id}": ANYONE,
    "GET /schedules": ANYONE,
    "GET /schedules/{schedule_id}": ANYONE,
    "POST /quotes": ANYONE,
    "POST /orders": ANYONE,
    "GET /orders/{reference}": OWNER,
    "GET /orders/{reference}/invoices/{number}.pdf": OWNER,
    "POST /orders/{reference}/cancel": OWNER,
    "POST /bookings/{reference}/cancel": OWNER,
    "POST /bookings/{reference}/move": OWNER,
    "POST /bookings/{reference}/substitute": OWNER,
    "POST /payments/stripe/webhook": STRIPE,
    "POST /events": ANYONE,
    "GET /instructor/schedules": TEACHER,
    "GET /instructor/sessions/{session_id}/register": OF_THE_DAY,
    "PUT /instructor/sessions/{session_id}/register": OF_THE_DAY,
    "POST /admin/courses": ADMIN,
    "GET /admin/courses/{course_id}": ADMIN,
    "PATCH /admin/courses/{course_id}": ADMIN,
    "GET /admin/venues": ADMIN,
    "POST /admin/venues": ADMIN,
    "GET /admin/venues/{venue_id}": ADMIN,
    "PATCH /admin/venues/{venue_id}": ADMIN,
    "GET /admin/schedules": ADMIN,
    "POST /admin/schedules": ADMIN,
    "GET /admin/schedules/{schedule_id}": ADMIN,
    "PATCH /admin/schedules/{schedule_id}": ADMIN,
    "POST /admin/schedules/{schedule_id}/publish": ADMIN,
    "POST /admin/schedules/{schedule_id}/cancel": ADMIN,
    "GET /admin/discount-codes": ADMIN,
    "POST /admin/discount-codes": ADMIN,
    "POST /admin/discount-codes/generate": ADMIN,
    "GET /admin/discount-codes/{code_id}": ADMIN,
    "PATCH /admin/discount-codes/{code_id}": ADMIN,
    "GET /admin/bookings": ADMIN,
    "GET /admin/reports/{name}": ADMIN,
    "GET /admin/bookings/{reference}": ADMIN,
    "POST /admin/bookings/{reference}/confirm": ADMIN,
    "POST /admin/bookings/{reference}/complete": ADMIN,
    "POST /admin/bookings/{reference}/no-show": ADMIN,
    "POST /admin/bookings/{reference}/certificate": ADMIN,
    "POST /admin/bookings/{reference}/refund": ADMIN,
    "POST /admin/orders/{reference}/payments": ADMIN,
    "GET /admin/users": ADMIN,
    "POST /admin/users": ADMIN,
    "GET /admin/users/{user_id}": ADMIN,
    "PATCH /admin/users/{user_id}": ADMIN,
    "GET /admin/activity-logs": ADMIN,
    "GET /admin/email-logs": ADMIN,
}
# What must be sent before anybody looks who sends it.
BODIES: dict[str, dict[str, Any]] = {
    "PUT /instructor/sessions/{session_id}/register": {"marks": []},
    "POST /bookings/{reference}/move": {"schedule_id": 1},
    "POST /bookings/{reference}/substitute": {"first_name": "Dev", "last_name": "Shah"},
}
# What each kind of call says to whom it does not know, and to whom it knows but does not serve.
UNKNOWN = {ANYONE: None, UNFOUND: 404, OWNER: 404, ADMIN: 401, STRIPE: 400, TEACHER: 401, OF_THE_DAY: 401}
KNOWN = UNKNOWN | {ADMIN: 403, TEACHER: 403, OF_THE_DAY: 403}
CALLERS: dict[str, dict[str, int | None]] = {
    "nobody": UNKNOWN,
    "an invented token": UNKNOWN,
    "a revoked token": UNKNOWN,
    "a disabled admin": UNKNOWN,
    "a customer": KNOWN,
    "an instructor": KNOWN | {TEACHER: None, OF_THE_DAY: 404},
    "an admin who is one no more": KNOWN,
}


@pytest.fixture
def described(app: FastAPI) -> dict[str, Any]:
    api = next(route.app for route in app.routes if getattr(route, "path", "") == "/api/v1")
    document: dict[str, Any] = api.openapi()
    return document


def calls_of(described: dict[str, Any]) -> list[str]:
    return [f"{method.upper()} {path}" for path, methods in described["paths"].items() for method in methods]


@pytest.fixture
def headers(request: pytest.FixtureRequest, db: Db) -> dict[str, str]:
    """What the caller sends to be known by."""
    who = {"a customer": amina, "an instructor": ben}.get(request.param, carol)(db)
    if request.param == "nobody":
        return {}
    token = "invented" if request.param == "an invented token" else a_token(db, who)
    if request.param == "a revoked token":
        db.execute("update api_tokens set revoked_at = localtimestamp")
    if "admin" in request.param:
        carol(db, email="another@example.com")  # the last admin would stay one
    if request.param == "a disabled admin":
        update(db, "users", who, is_active=False)
    if request.param == "an admin who is one no more":
        update(db, "users", who, role="customer")
    return bearer(token)


async def call(api: Api, name: str, headers: dict[str, str]) -> httpx.Response:
    method, path = name.split(" ")
    body = {} if method == "GET" else {"json": BODIES.get(name, {})}
    return await api.request(method, re.sub(r"\{.+?\}", "1", path), headers=headers, **body)


def test_the_table_has_every_call_and_no_other(described: dict[str, Any]) -> None:
    assert sorted(calls_of(described)) == sorted(TABLE)


@pytest.mark.parametrize(("headers", "refusals"), CALLERS.items(), indirect=["headers"], ids=list(CALLERS))
async def test_whoever_is_not_served_is_told_so_and_nothing_happens(
    api: Api, db: Db, headers: dict[str, str], refusals: dict[str, int | None]
) -> None:
    a_schedule(db)
    before = everything(db)
    for name, served in TABLE.items():
        status = (await call(api, name, headers)).status_code
        assert status == refusals[served] if refusals[served] else status in (200, 415, 422), name
    assert everything(db) == before


async def test_an_admin_is_served_everywhere(till: Api, db: Db) -> None:
    a_schedule(db)
    for name, served in TABLE.items():
        if served == ADMIN:
            assert (await call(till, name, {})).status_code in (200, 404, 422), name


async def test_a_body_is_not_looked_at_before_the_caller_is(api: Api) -> None:
    assert problem(await api.post_raw("/admin/courses", "{not json"))[0] in (401, 422)
    assert problem(await api.get("/admin/nothing")) == (401, "sign_in_needed")
    assert problem(await api.delete("/admin/courses")) == (401, "sign_in_needed")
    assert (await api.get("/admin/venues")).headers["www-authenticate"] == "Bearer"


async def test_a_customer_is_never_given_a_token(database: Database, db: Db) -> None:
    dev(db)
    for email in ("dev@example.com", "nobody@example.com"):
        with pytest.raises(NotValid):
            await issue_api_token(database, email=email, label="till", now=utc_now())
    assert db.execute("select from api_tokens").fetchall() == []


async def test_other_methods_are_not_taken(till: Api, described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method in {"get", "post", "put", "patch", "delete"} - set(methods):
            answer = await till.request(method.upper(), re.sub(r"\{.+?\}", "1", path))
            # A word where another call has an id is an unknown id of that one.
            assert answer.status_code in (404, 405), (method, path)


def test_the_description_says_which_calls_take_a_token(described: dict[str, Any]) -> None:
    assert described["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    for name, served in TABLE.items():
        method, path = name.split(" ")
        taken = described["paths"][path][method.lower()].get("security", [])
        assert taken == ([{"token": []}] if served in (ADMIN, TEACHER, OF_THE_DAY) else []), name


def test_every_reference_in_the_description_leads_somewhere(described: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described))):
        found: Any = described
        for step in reference.split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        assert found["type"] == "object", reference


def test_money_is_described_as_text(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    assert schemas["CourseRequest"]["properties"]["price"]["type"] == "string"
    assert schemas["DiscountCodeRequest"]["properties"]["discount_value"]["type"] == "string"
