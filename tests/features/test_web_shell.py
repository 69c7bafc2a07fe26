"""Health, metrics, small pages, the API's description, sentences for fields, and messages for the next page."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from fastapi import FastAPI
from jinja2 import UndefinedError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator
from starlette.requests import Request
from starlette.responses import Response

from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.kit.fields import Email
from rft.kit.references import hash_token
from rft.web.forms import form_errors
from rft.web.security.cookies import seal, unseal
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import environment, pluralise
from tests.builders import Db, insert
from tests.cast import carol
from tests.features.browser import Browser

OpenBrowser = Callable[..., Browser]


async def test_a_process_that_lives_says_so_without_a_database(browser: Browser, database: Database) -> None:
    await database.close()
    assert (await browser.get("/healthz")).text == "ok\n"


async def test_ready_means_that_the_database_answers_at_the_newest_revision(browser: Browser, db: Db) -> None:
    ready = await browser.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"database": "ok", "schema": "ok"})
    db.execute("update alembic_version set version_num = '20200101000000'")
    behind = await browser.get("/readyz")
    assert (behind.status_code, behind.headers["retry-after"]) == (503, "2")


async def test_a_database_that_was_never_migrated_is_not_ready(browser: Browser, db: Db) -> None:
    db.execute("drop table alembic_version")
    assert (await browser.get("/readyz")).status_code == 503


async def test_without_a_database_pages_are_drawn_as_busy_even_for_somebody_signed_in(
    office: Browser, database: Database
) -> None:
    await database.close()
    answer = await office.get("/account")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "Nothing was lost" in answer.text
    assert (await office.get("/api/v1/courses")).json()["code"] == "busy"


async def test_metrics_count_by_route_and_never_by_address(new_browser: OpenBrowser, browser: Browser) -> None:
    await browser.get("/api/v1/courses/1")
    await browser.get("/made-up/by-a-stranger")
    await browser.get("/healthz")
    text = (await new_browser("127.0.0.1").get("/metrics")).text
    assert 'rft_request_seconds_count{method="GET",route="/api/v1/courses/{course_id}",status="404"} 1.0' in text
    assert 'rft_request_seconds_count{method="GET",route="none",status="404"} 1.0' in text
    assert 'rft_request_seconds_count{method="GET",route="healthz",status="200"} 1.0' in text
    assert "rft_database_pool_size" in text
    assert "stranger" not in text


async def test_metrics_are_for_this_machine_and_for_admins(new_browser: OpenBrowser, db: Db) -> None:
    insert(db, "api_tokens", token_hash=hash_token("t"), user_id=carol(db)["id"], label="prometheus")
    assert (await new_browser().get("/metrics")).status_code == 403
    assert (await new_browser("127.0.0.1").get("/metrics", headers={"x-forwarded-for": "127.0.0.1"})).status_code == 403
    assert (await new_browser().get("/metrics", headers={"authorization": "Bearer t"})).status_code == 200


async def test_robots_are_kept_out_of_private_parts(browser: Browser) -> None:
    assert "Disallow: /office\n" in (await browser.get("/robots.txt")).text


async def test_finders_of_holes_learn_whom_to_tell(browser: Browser) -> None:
    text = (await browser.get("/.well-known/security.txt")).text
    expires = datetime.fromisoformat(text.split("Expires: ")[1].split("\n")[0])
    assert text.startswith("Contact: mailto:")
    assert timedelta(days=100) < expires - datetime.now(UTC) < timedelta(days=366)


async def test_each_code_of_a_refusal_is_explained_where_its_type_leads(browser: Browser) -> None:
    page = (await browser.get("/docs/problems")).text
    for code in ("bookings_within_capacity", "not_found", "too_many", "foreign_form"):
        assert f'id="{code}"' in page


async def test_the_description_of_the_api_names_its_address_and_its_errors(browser: Browser) -> None:
    described = (await browser.get("/api/v1/openapi.json")).json()
    assert described["servers"] == [{"url": "/api/v1"}]
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            assert "application/problem+json" in call["responses"]["422"]["content"], (method, path)


async def test_the_head_and_foot_follow_the_company_profile(browser: Browser, db: Db) -> None:
    db.execute("update company_profile set phone = '01632 960999'")
    assert "01632 960999" in (await browser.get("/sign-in")).text


async def test_a_message_is_shown_once_on_the_next_page(app: FastAPI, browser: Browser) -> None:
    @app.get("/save")
    async def save(request: Request) -> Response:
        response = see_other("/sign-in")
        flash(request, response, "success", "Saved <b>it</b>.")
        return response

    await browser.get("/save")
    assert "Saved &lt;b&gt;it&lt;/b&gt;." in (await browser.get("/sign-in")).text
    assert "Saved" not in (await browser.get("/sign-in")).text


@pytest.mark.parametrize("sealed", ["", "..", "e30.1.x", "x.9.é", "a" * 5000])
async def test_a_forged_message_is_not_shown(browser: Browser, sealed: str) -> None:
    answer = await browser.get("/sign-in", headers={"cookie": b"rft_flash=" + sealed.encode()})
    assert answer.status_code == 200
    assert 'class="flashes"' not in answer.text


def test_what_is_sealed_opens_for_its_purpose_and_for_its_time() -> None:
    now = utc_now()
    sealed = seal("key", "flash", "Saved – ö", now)
    assert unseal("key", "flash", sealed, now, seconds=60) == "Saved – ö"
    assert unseal("key", "device", sealed, now, seconds=60) is None
    assert unseal("other key", "flash", sealed, now, seconds=60) is None
    assert unseal("key", "flash", sealed, now + timedelta(seconds=61), seconds=60) is None
    assert unseal("key", "flash", "x" + sealed, now, seconds=60) is None


class Colour(Enum):
    RED = "red"


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email = "amina@example.com"
    name: Annotated[str, Field(min_length=1, max_length=5)] = "Amina"
    seats: Annotated[int, Field(ge=1, le=12)] = 1
    price: Annotated[Decimal, Field(max_digits=10, decimal_places=2, gt=0)] = Decimal(1)
    day: date = date(2026, 12, 1)
    at: AwareDatetime = datetime(2026, 12, 1, tzinfo=UTC)
    terms: bool = True
    colour: Colour = Colour.RED
    method: Literal["card", "invoice"] = "card"
    names: Annotated[list[str], Field(max_length=2)] = []

    @field_validator("name")
    @classmethod
    def _not_bob(cls, name: str) -> str:
        if name == "Bob":
            raise ValueError("Bob is not coming.")
        return name


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"email": "x@y@z"}, {"email": "Enter an e-mail address in the form name@example.com."}),
        ({"name": ""}, {"name": "This is needed."}),
        ({"name": "Amina Khan"}, {"name": "Use at most 5 characters."}),
        ({"name": "Bob"}, {"name": "Bob is not coming."}),
        ({"name": "\ud800"}, {"name": "This text cannot be stored."}),
        (
            {"seats": "two", "price": "much"},
            {"seats": "Enter a whole number.", "price": "Enter a number, such as 100.00."},
        ),
        ({"seats": 0}, {"seats": "Enter 1 or more."}),
        ({"seats": 13}, {"seats": "Enter 12 or less."}),
        ({"price": "1.005"}, {"price": "Use at most 2 decimal places."}),
        ({"price": "NaN"}, {"price": "Enter a number, such as 100.00."}),
        ({"price": "0"}, {"price": "Enter more than 0."}),
        ({"day": "tomorrow"}, {"day": "Enter a date, such as 2026-12-01."}),
        (
            {"at": "2026-12-01T09:00"},
            {"at": "Enter a date and time with its offset, such as 2027-03-01T09:30:00+00:00."},
        ),
        ({"terms": "perhaps"}, {"terms": "Answer yes or no."}),
        ({"colour": "blue"}, {"colour": "Choose one of 'red'."}),
        ({"method": "gold"}, {"method": "Choose one of 'card' or 'invoice'."}),
        ({"names": ["a", "b", "c"]}, {"names": "Give at most 2."}),
        ({"names": ["a", 1]}, {"names.1": "Enter text."}),
        ({"role": "admin"}, {"role": "There is no such field."}),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_plain_english(typed: dict[str, Any], errors: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as wrong:
        Form.model_validate(typed)
    assert form_errors(wrong.value) == errors


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ when|london_date }}", "Wednesday 1 July 2026"),
        ("{{ when|london_day }}", "1 July 2026"),
        ("{{ when|london_time }}", "10:30"),
        ("{{ when|london_datetime }}", "1 July 2026, 10:30"),
        ("{{ day|london_date }}", "Thursday 31 December 2026"),
        ("{{ (when, end)|span }}", "Wednesday 1 July 2026, 10:30 to 17:30"),
        ("{{ amount|money }}", "£1,234.50"),
        ("{{ 1|pluralise('place') }}, {{ 3|pluralise('person', 'people') }}", "1 place, 3 people"),
        ("{{ markup }}", "&lt;b&gt;"),
    ],
)
def test_templates_write_times_and_money_as_people_read_them(template: str, text: str) -> None:
    when = datetime(2026, 7, 1, 9, 30)  # noqa: DTZ001 (as stored: UTC without a zone)
    drawn = (
        environment()
        .from_string(template)
        .render(
            when=when, end=when + timedelta(hours=7), day=date(2026, 12, 31), amount=Decimal("1234.50"), markup="<b>"
        )
    )
    assert drawn == text
    assert pluralise(0, "place") == "0 places"


def test_a_name_that_a_template_was_not_given_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()
    with pytest.raises(KeyError):
        environment().from_string("{{ asset('nothing.css') }}").render()
