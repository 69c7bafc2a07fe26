"""Every answer: its headers, its shape when it is a refusal, and what it keeps to itself."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from structlog.testing import capture_logs

from rft.app import create_app
from rft.bookings.errors import ScheduleFull
from rft.database.pool import Database
from rft.errors import Busy, NotAllowed, TooMany
from rft.kit.references import new_token
from rft.settings import Settings
from rft.web.assets import assets
from rft.web.dependencies import Db
from tests.features.browser import HERE, Browser

OpenBrowser = Callable[..., Browser]
SECRET = "amina@example.com wants a vegan lunch"
ERRORS: dict[str, Exception] = {
    "unexpected": RuntimeError(SECRET),
    "full": ScheduleFull("Only 2 places are left.", facts={"seats_left": 2}),
    "busy": Busy(),
    "often": TooMany(facts={"retry_after": 17}),
    "denied": NotAllowed(),
    "teapot": HTTPException(418),
}


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """The application with a route in either part that fails as it is told."""
    trouble = APIRouter()

    @trouble.get("/trouble/{kind}")
    async def fail(kind: str, database: Db) -> None:
        if kind == "constraint":
            async with database.pool.connection() as db:
                await db.execute("insert into users (email, password_hash, role) values ('a', '!', 'owner')")
        if kind == "sql":
            async with database.connection() as db:
                await db.execute("select no_such_column from users")
        raise ERRORS[kind]

    app.include_router(trouble)
    api_of(app).include_router(trouble)
    return app


def api_of(app: FastAPI) -> FastAPI:
    return next(route.app for route in app.routes if getattr(route, "path", "") == "/api/v1")


PATHS = [
    "/sign-in", "/nothing", "/trouble/unexpected", "/trouble/full", "/account", "/healthz", "/readyz", "/robots.txt",
    "/api/v1/courses", "/api/v1/nothing", "/api/v1/trouble/unexpected", "/api/v1/admin/venues", "/api/v1/docs",
    "/api/v1/openapi.json", "/static/0/css/base.css", "/static/0/nothing.css", "/metrics", "/favicon.ico", "/%00",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_the_headers(browser: Browser, path: str) -> None:
    headers = (await browser.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]
    assert "cache-control" in headers
    assert re.fullmatch(r"[0-9a-f]{16}", headers["x-request-id"])
    assert not {"server", "x-powered-by", "strict-transport-security"} & set(headers)


async def test_pages_may_send_forms_to_us_and_to_stripe_alone(browser: Browser) -> None:
    policy = (await browser.get("/sign-in")).headers["content-security-policy"]
    assert "form-action 'self' https://checkout.stripe.com;" in policy
    assert "script-src 'self';" in policy
    assert "base-uri 'none'" in policy


async def test_an_address_with_a_key_is_told_to_nobody(browser: Browser) -> None:
    headers = (await browser.get("/orders/RFT-X/pay?access_token=abc")).headers
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")


async def test_an_orders_own_forms_tell_us_where_they_come_from(browser: Browser) -> None:
    headers = (await browser.get("/orders/RFT-X/pay")).headers
    assert (headers["referrer-policy"], headers["cache-control"]) == ("same-origin", "no-store")


async def test_what_a_signed_in_person_sees_is_kept_nowhere(office: Browser, browser: Browser) -> None:
    assert (await office.get("/docs/problems")).headers["cache-control"] == "no-store"
    assert (await browser.get("/docs/problems")).headers["cache-control"] == "private, no-cache"


async def test_over_tls_cookies_are_bound_to_the_host_and_tls_is_demanded(
    settings: Settings, database: Database
) -> None:
    secure = Settings.from_environment(
        {"DATABASE_URL": settings.database_url, "RFT_BASE_URL": "https://rft.test", "RFT_SECRET_KEY": new_token()}
    )
    transport = httpx.ASGITransport(app=create_app(secure, database))
    async with httpx.AsyncClient(transport=transport, base_url="https://rft.test") as browser:
        headers = (await browser.get("/sign-in")).headers
    assert headers["strict-transport-security"].startswith("max-age=31536000")
    cookie = headers["set-cookie"]
    assert cookie.startswith("__Host-rft_visitor=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/admin/venues", 401, "sign_in_needed"),
        ("GET", "/trouble/denied", 403, "not_allowed"),
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/courses/0", 404, "not_found"),
        ("GET", "/courses/" + "9" * 400, 404, "not_found"),
        ("GET", "/courses/abc", 404, "not_found"),
        ("DELETE", "/courses", 405, "method_not_allowed"),
        ("GET", "/trouble/full", 409, "bookings_within_capacity"),
        ("GET", "/trouble/constraint", 422, "users_role_check"),
        ("GET", "/courses?limit=1000", 422, "not_valid"),
        ("GET", "/trouble/often", 429, "too_many"),
        ("GET", "/trouble/unexpected", 500, "unexpected"),
        ("GET", "/trouble/sql", 500, "unexpected"),
        ("GET", "/trouble/busy", 503, "busy"),
    ],
)
async def test_the_api_draws_a_refusal_as_problem_json(
    browser: Browser, method: str, path: str, status: int, code: str
) -> None:
    answer = await browser.request(method, "/api/v1" + path)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["type"] == f"/docs/problems#{code}"
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert isinstance(problem["errors"], dict)
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nothing", 404, "Not found"),
        ("/trouble/full", 409, "Only 2 places are left."),
        ("/trouble/denied", 403, "Your account may not do this."),
        ("/trouble/often", 429, "Please wait a little"),
        ("/trouble/busy", 503, "Nothing was lost"),
        ("/trouble/unexpected", 500, "Incident number"),
        ("/trouble/sql", 500, "Incident number"),
        ("/trouble/constraint", 422, "A role is customer, instructor or admin."),
    ],
)
async def test_the_site_draws_a_refusal_as_a_page(browser: Browser, path: str, status: int, words: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert words in answer.text
    assert 'href="/"' in answer.text
    assert SECRET not in answer.text
    assert "no_such_column" not in answer.text


async def test_a_refusal_says_when_to_come_back_and_what_it_knew(browser: Browser) -> None:
    assert (await browser.get("/trouble/often")).headers["retry-after"] == "17"
    assert (await browser.get("/api/v1/trouble/busy")).headers["retry-after"] == "2"
    assert (await browser.get("/api/v1/trouble/full")).json()["facts"] == {"seats_left": 2}
    assert (await browser.get("/api/v1/admin/venues")).headers["www-authenticate"] == "Bearer"
    assert "GET" in (await browser.delete("/api/v1/courses")).headers["allow"]


async def test_the_fields_of_a_request_are_named_with_a_sentence_each(browser: Browser) -> None:
    answer = await browser.post("/api/v1/quotes", json={"seats": "many", "price": 1})
    assert answer.json()["errors"] == {
        "schedule_id": "This is needed.",
        "seats": "Enter a whole number.",
        "price": "There is no such field.",
    }


async def test_an_incident_is_in_the_log_by_its_number_and_without_anybodys_data(browser: Browser) -> None:
    with capture_logs() as logs:
        page = await browser.get("/trouble/unexpected?q=amina@example.com", headers={"cookie": "a=amina"})
        problem = (await browser.get("/api/v1/trouble/unexpected")).json()
    assert [line["event"] for line in logs] == ["unexpected", "unexpected"]
    assert [line["route"] for line in logs] == ["/trouble/{kind}", "/api/v1/trouble/{kind}"]
    assert [line["incident"] for line in logs] == [page.headers["x-request-id"], problem["incident"]]
    assert logs[0]["incident"] in page.text
    assert logs[0]["error"] == "builtins.RuntimeError"
    assert "amina" not in str(logs)


async def test_refusals_are_nothing_to_log(browser: Browser) -> None:
    with capture_logs() as logs:
        for path in ("/nothing", "/trouble/full", "/api/v1/trouble/denied", "/api/v1/trouble/constraint", "/%00"):
            await browser.get(path)
    assert logs == []


async def test_a_fault_in_the_middle_of_an_answer_is_logged_too(app: FastAPI) -> None:
    async def rows() -> AsyncIterator[bytes]:
        yield b"one\n"
        raise RuntimeError(SECRET)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(rows())

    scope = {
        "type": "http",
        "asgi": {"spec_version": "2.4"},
        "method": "GET",
        "path": "/stream",
        "query_string": b"",
        "headers": [],
    }
    with capture_logs() as logs:
        await app(scope, receive, send)
    assert [line["route"] for line in logs] == ["/stream"]
    assert [message.get("more_body") for message in sent] == [None, True]


async def test_there_is_no_documentation_and_no_debug_page_at_the_root(browser: Browser) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/debug", "/.git/config", "/api/v1/redoc", "/api/docs"):
        assert (await browser.get(path)).status_code == 404


async def test_a_link_leads_to_the_configured_host_whatever_the_request_says(browser: Browser) -> None:
    answer = await browser.get(
        "/.well-known/security.txt", headers={"host": "evil.example", "x-forwarded-host": "evil.example"}
    )
    assert f"Canonical: {HERE}/" in answer.text
    assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/courses/", "//evil.example/", "/account//"])
async def test_nothing_is_redirected_by_the_look_of_its_path(browser: Browser, path: str) -> None:
    answer = await browser.get(HERE + path)
    assert answer.status_code in (303, 404)
    assert answer.headers.get("location", "/sign-in").startswith("/sign-in")


async def test_every_asset_of_the_pages_is_there_and_kept_for_a_year(browser: Browser) -> None:
    page = (await browser.get("/sign-in")).text + (await browser.get("/api/v1/docs")).text
    paths = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert len(paths) > 10
    for path in paths:
        answer = await browser.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_an_asset_of_another_release_is_served_but_not_kept(browser: Browser) -> None:
    answer = await browser.get("/static/0123456789abcdef/css/base.css")
    assert answer.headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize(
    "path",
    ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "css/../../app.py", "/etc/passwd", "..%5capp.py", "css", "%00", ""],
)
async def test_a_path_that_climbs_leads_nowhere(browser: Browser, path: str) -> None:
    assert (await browser.get(f"/static/{assets().digest}/{path}")).status_code == 404


async def test_large_text_travels_compressed(browser: Browser) -> None:
    path = assets().path("swagger/swagger-ui-bundle.js")
    assert (await browser.get(path, headers={"accept-encoding": "gzip"})).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in (await browser.get(path, headers={"accept-encoding": "identity"})).headers
