"""Anything at all, near enough to the API's own description to get far: refused or served, and never a fault of ours."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from hypothesis.strategies import SearchStrategy

from tests.builders import Db, a_course, a_discount_code, a_schedule, a_venue
from tests.features.api import Api
from tests.features.mailing import utc
from tests.races.audited import broken

Schema = dict[str, Any]

PATHS = ["/orders", "/quotes", "/admin/courses", "/admin/venues", "/admin/schedules", "/admin/discount-codes"]
BOUNDED = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
USUAL_TEXT = some.characters(categories=["Ll", "Lu", "Nd", "Po", "So"])
LEAVES = some.integers() | some.text(max_size=5)
NESTED = some.recursive(
    LEAVES,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KNOWN_TO_HURT = [
    "", "\x00", "\ud800", "\u202e", "NaN", "1e400", "-0.00", 2**31, 2**63, 10**50, "9" * 400, [], {}, [[]], "2031-03-03T09:00:00Z",
]  # fmt: skip
ODD = some.one_of(
    some.none(),
    some.booleans(),
    some.integers(),
    some.floats(allow_nan=False, allow_infinity=False),
    some.text(max_size=20),
    some.sampled_from(KNOWN_TO_HURT),
    NESTED,
)
# What the description cannot say: which rows there are, and what a plain value looks like.
KNOWN: dict[str, SearchStrategy[Any]] = {
    "schedule_id": some.integers(1, 3),
    "course_id": some.integers(1, 3),
    "venue_id": some.integers(1, 3),
    "instructor_id": some.none(),
    "email": some.sampled_from(["amina@example.com", "dev@example.com", "jos\u00e9@example.com"]),
    "discount_code": some.sampled_from(["TEN", "nosuch"]),
    "start": some.datetimes(utc(2040, 1, 1), utc(2140, 1, 1)).map(lambda when: f"{when.isoformat()}Z"),
    "end": some.just("2150-01-01T00:00:00+01:00"),
    "valid_from": some.dates().map(str),
    "valid_until": some.dates().map(str),
    "duration_hours": some.decimals("0.25", "40", places=2).map(str),
    "facilities": some.dictionaries(some.text(max_size=10), ODD, max_size=3),
}


class Bodies:
    """Makes what a document's schemas describe; now and then one field is anything at all."""

    def __init__(self, document: Schema) -> None:
        self.document = document

    def of(self, schema: Schema) -> SearchStrategy[Any]:
        if "$ref" in schema:
            return self.of(self._found(schema["$ref"]))
        if "anyOf" in schema:
            return some.one_of([self.of(one) for one in schema["anyOf"]])
        if "enum" in schema:
            return some.sampled_from(schema["enum"])
        if "pattern" in schema:
            return some.from_regex(schema["pattern"], fullmatch=True)
        return self._plain(schema)

    def _found(self, reference: str) -> Schema:
        found = self.document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/")]
        return found

    def _plain(self, schema: Schema) -> SearchStrategy[Any]:
        longest = min(schema.get("maxLength", 30), 300)
        text = some.text(USUAL_TEXT, min_size=min(schema.get("minLength", 0), longest), max_size=longest)
        kinds: dict[str | None, SearchStrategy[Any]] = {
            "integer": some.integers(schema.get("minimum", -5), min(schema.get("maximum", 100), 2**40)),
            "boolean": some.booleans(),
            "null": some.none(),
        }
        if schema.get("type") == "object":
            return self._object(schema)
        if schema.get("type") == "array":
            return some.lists(self.of(schema["items"]), max_size=3)
        return kinds.get(schema.get("type"), text)

    def _object(self, schema: Schema) -> SearchStrategy[Schema]:
        properties = {name: self._field(name, described) for name, described in schema.get("properties", {}).items()}
        needed = {name: properties.pop(name) for name in schema.get("required", [])}
        return some.fixed_dictionaries(needed, optional=properties)

    def _field(self, name: str, schema: Schema) -> SearchStrategy[Any]:
        usual = KNOWN[name] if name in KNOWN else self.of(schema)
        return some.integers(0, 19).flatmap(lambda dice: ODD if dice == 0 else usual)


@pytest.fixture
def document(app: FastAPI) -> Schema:
    described: Schema = next(route.app for route in app.routes if getattr(route, "path", "") == "/api/v1").openapi()
    return described


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_that_is_sent_is_answered_with_a_fault_of_ours(
    till: Api, db: Db, database_url: str, document: Schema, path: str
) -> None:
    for _ in range(2):
        a_schedule(db, course=a_course(db), venue=a_venue(db))
    a_discount_code(db, code="TEN")
    loop, statuses = asyncio.get_running_loop(), set()
    schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]

    @BOUNDED
    @given(Bodies(document).of(schema))
    def send(body: Any) -> None:
        sending = till.post_raw(path, json.dumps(body))
        answer: httpx.Response = asyncio.run_coroutine_threadsafe(sending, loop).result(30)
        statuses.add(answer.status_code)
        assert answer.status_code < 500, answer.text
        assert answer.is_success or answer.headers["content-type"] == "application/problem+json"

    await asyncio.to_thread(send)
    assert statuses & {200, 201}, "some of it is good"
    assert 422 in statuses, "some of it is not"
    assert await asyncio.to_thread(broken, database_url) == []
