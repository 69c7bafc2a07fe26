"""Who may go where: closed areas, roles, API tokens, addresses, safe redirects, and orders without an account."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from rft.app import create_app
from rft.kit.references import hash_token
from rft.settings import Settings, SettingsError
from rft.web.dependencies import ApiAdmin, ApiCaller, Caller, OptionalApiCaller, require_role
from rft.web.security.addresses import UNKNOWN, client_address
from rft.web.security.order_access import order_tokens, remember_order
from rft.web.security.redirects import safe_next
from tests.builders import Db, Row, a_user, insert, update
from tests.cast import ben, carol
from tests.features.browser import Browser

OpenBrowser = Callable[..., Browser]
PLACES = [
    "/office/open", "/instructor/open", "/account/open", "/teaching",
    "/api/v1/admin/open", "/api/v1/instructor/open", "/api/v1/staff",
]  # fmt: skip
# Who gets what: page areas lead a stranger to the sign-in (303), the API says 401.
MATRIX = {
    None: [303, 303, 303, 303, 401, 401, 401],
    "customer": [403, 403, 200, 403, 403, 403, 200],
    "instructor": [403, 200, 200, 200, 403, 200, 200],
    "admin": [200, 200, 200, 403, 200, 200, 200],
}


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    """The application with routes that forgot to say who may use them, and routes that said it."""
    pages, api = APIRouter(), APIRouter()

    async def hello() -> Response:
        return PlainTextResponse("hello")

    for path in PLACES[:3]:
        pages.add_api_route(path, hello)
    for path in PLACES[4:6]:
        api.add_api_route(path.removeprefix("/api/v1"), hello)

    @pages.get("/teaching")
    async def teaching(caller: Annotated[Caller, Depends(require_role("instructor"))]) -> Response:
        return PlainTextResponse(str(caller.user_id))

    @api.get("/staff")
    async def staff(caller: ApiCaller) -> dict[str, str]:
        return {"role": caller.role, "address": caller.actor.address or ""}

    @api.get("/order")
    async def order(caller: OptionalApiCaller) -> dict[str, object]:
        return {"bearer": caller.bearer, "is_admin": caller.is_admin}

    @api.post("/ledger")
    async def ledger(admin: ApiAdmin) -> dict[str, int]:
        return {"by": admin.actor.user_id}

    app.include_router(pages)
    next(route.app for route in app.routes if getattr(route, "path", "") == "/api/v1").include_router(api)
    return app


def bearer_of(db: Db, user: Row) -> dict[str, str]:
    token = f"token-of-{user['email']}"
    insert(db, "api_tokens", token_hash=hash_token(token), user_id=user["id"], label="till")
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("role", MATRIX)
async def test_roles_open_areas(browser: Browser, db: Db, password_hash: str, role: str | None) -> None:
    headers: dict[str, str] = {}
    if role:
        user = a_user(db, email="who@example.com", role=role, password_hash=password_hash)
        headers = bearer_of(db, user)
        await browser.sign_in("who@example.com")
    answers = [await browser.get(path, headers=headers if "/api/" in path else {}) for path in PLACES]
    assert [answer.status_code for answer in answers] == MATRIX[role]


async def test_an_area_is_closed_to_a_stranger_whatever_is_in_it(browser: Browser) -> None:
    for path in ("/office", "/office/", "/office/nothing", "/account"):
        assert (await browser.get(path)).headers["location"].startswith("/sign-in?next=/")
    assert (await browser.post("/office/nothing", data={"a": "b"})).status_code == 401
    assert (await browser.get("/officer")).status_code == 404


async def test_the_api_takes_no_cookie_and_pages_take_no_token(
    office: Browser, browser: Browser, db: Db, admin: Row
) -> None:
    assert (await office.get("/api/v1/admin/open")).status_code == 401
    assert (await browser.get("/office/open", headers=bearer_of(db, admin))).status_code == 303


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer é"])
async def test_only_a_living_bearer_token_opens_the_api(browser: Browser, db: Db, header: str) -> None:
    token = bearer_of(db, carol(db))["authorization"].removeprefix("Bearer ")
    headers = {"authorization": header.format(token=token).encode("utf-8")}
    assert (await browser.get("/api/v1/admin/open", headers=headers)).status_code == 401


async def test_a_revoked_token_and_a_disabled_admin_are_refused_at_once(browser: Browser, db: Db) -> None:
    user = carol(db)
    headers = bearer_of(db, user)
    assert (await browser.post("/api/v1/ledger", headers=headers)).json() == {"by": user["id"]}
    carol(db, email="another@example.com")
    update(db, "users", user, is_active=False)
    assert (await browser.post("/api/v1/ledger", headers=headers)).status_code == 401
    update(db, "users", user, is_active=True)
    db.execute("update api_tokens set revoked_at = localtimestamp")
    assert (await browser.post("/api/v1/ledger", headers=headers)).status_code == 401


async def test_a_call_that_anyone_may_make_sees_what_was_presented(browser: Browser, db: Db) -> None:
    answer = await browser.get("/api/v1/order", headers={"authorization": "Bearer an-orders-token"})
    assert answer.json() == {"bearer": "an-orders-token", "is_admin": False}
    assert (await browser.get("/api/v1/order")).json() == {"bearer": "", "is_admin": False}
    assert (await browser.get("/api/v1/order", headers=bearer_of(db, carol(db)))).json()["is_admin"]


async def test_the_activity_log_is_told_where_a_caller_is(browser: Browser, db: Db) -> None:
    answer = await browser.get("/api/v1/staff", headers=bearer_of(db, ben(db)))
    assert answer.json() == {"role": "instructor", "address": "198.51.100.7"}


async def test_a_stranger_leaves_no_row(browser: Browser, db: Db) -> None:
    for path in ("/sign-in", "/docs/problems", "/nothing", "/office"):
        await browser.get(path)
    assert browser.cookies["rft_visitor"]
    for table in ("user_sessions", "rate_limits"):
        assert db.execute(f"select 1 from {table}").fetchone() is None


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example", "javascript:alert(1)",
        "/\t/evil.example", "/\n/evil.example", "///evil.example", " //evil.example", "evil.example", "http://rft.test@evil.example",
        "/\u2044/evil.example", "//xn--e1awd7f.example", "/" + "a" * 501, "", "data:text/html,x", "/%0d%0aset-cookie:a=b\r\nx: y",
    ],
)  # fmt: skip
async def test_after_signing_in_nobody_is_sent_to_another_site(browser: Browser, admin: Row, wanted: str) -> None:
    assert safe_next(wanted, "/office") == "/office"
    assert (await browser.sign_in("carol@example.com", next=wanted)).headers["location"] == "/office"


@pytest.mark.parametrize(
    "wanted", ["/office", "/office/orders?state=unpaid&page=2", "/dates#june", "/a//b", "/?next=//evil.example"]
)
def test_a_path_of_ours_is_followed(wanted: str) -> None:
    assert safe_next(wanted) == wanted


@pytest.mark.parametrize(
    ("trusted", "socket", "forwarded", "expected"),
    [
        ("", "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("", "127.0.0.1", None, "127.0.0.1"),
        ("", "127.0.0.1", "1.2.3.4", UNKNOWN),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4, rubbish", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "'; drop table users", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "9.9.9.9", "1.2.3.4", "9.9.9.9"),
        ("::1, 127.0.0.1", "::1", "2001:db8::7", "2001:db8::7"),
        ("", "::ffff:203.0.113.9", None, "203.0.113.9"),
        ("", "testclient", None, UNKNOWN),
        ("", None, None, UNKNOWN),
    ],
)
def test_an_address_is_the_sockets_unless_a_trusted_proxy_says_another(
    trusted: str, socket: str | None, forwarded: str | None, expected: str
) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded is not None else []
    app = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(trusted_proxies=trusted)))
    client = (socket, 1) if socket else None
    assert client_address(Request({"type": "http", "headers": headers, "client": client, "app": app})) == expected


def test_a_list_of_proxies_that_cannot_be_read_stops_the_start() -> None:
    settings = Settings.from_environment({"RFT_DEMO": "1", "RFT_TRUSTED_PROXIES": "10.0.0.0/8, nginx"})
    with pytest.raises(SettingsError, match="nginx"):
        create_app(settings)


@pytest.fixture
async def buyer(app: FastAPI, browser: Browser) -> Browser:
    """A browser on a site where looking at an order makes the site remember it."""

    @app.get("/orders/{reference}/{token}")
    async def remember(request: Request, reference: str, token: str) -> Response:
        response = PlainTextResponse(" ".join(order_tokens(request)))
        remember_order(request, response, reference, token)
        return response

    return browser


async def test_a_browser_remembers_its_last_five_orders(buyer: Browser) -> None:
    for number in range(7):
        await buyer.get(f"/orders/RFT-{number}/{'t' * 43}")
    assert (await buyer.get(f"/orders/RFT-6/{'n' * 43}")).text == "RFT-6 RFT-5 RFT-4 RFT-3 RFT-2"
    assert buyer.cookies["rft_orders"].startswith(f"RFT-6.{'n' * 43}|RFT-5.")


@pytest.mark.parametrize("cookie", ["", "|", "RFT-1", "RFT-1.short", "x" * 4000, "RFT-1." + "t" * 43 + ";", "é.é"])
async def test_a_cookie_that_was_tampered_with_names_no_order(buyer: Browser, cookie: str) -> None:
    headers = {"cookie": b"rft_orders=" + cookie.encode().replace(b";", b"%3B")}
    assert (await buyer.get(f"/orders/RFT-9/{'t' * 43}", headers=headers)).text == ""


async def test_the_orders_cookie_is_out_of_scripts_reach(buyer: Browser) -> None:
    answer: httpx.Response = await buyer.get(f"/orders/RFT-1/{'t' * 43}")
    assert all(part in answer.headers["set-cookie"] for part in ("HttpOnly", "SameSite=lax", "Path=/"))
