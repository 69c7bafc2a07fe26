"""API tokens from the office's page: what each may do, when it was used, and its end. And HEAD, which monitors send."""

import re
from typing import Any

import pytest

from tests.builders import Db, Row, a_user, update
from tests.features.api import Api, bearer
from tests.features.browser import Browser
from tests.features.mailing import one

PAGE = "/office/api-tokens"
_TOKEN = re.compile(r'<code class="breakable">([\w-]{43})</code>')


async def make(office: Browser, **fields: Any) -> str:
    typed = {"email": "carol@example.com", "label": "Till", "role": "admin", **fields}
    found = _TOKEN.search((await office.send_form(PAGE, page=PAGE, **typed)).text)
    assert found
    return found[1]


@pytest.mark.parametrize(("role", "answer"), [("admin", 200), ("instructor", 403)])
async def test_a_token_does_no_more_than_it_was_made_for(office: Browser, api: Api, role: str, answer: int) -> None:
    token = await make(office, role=role)
    assert (await api.get("/admin/bookings", headers=bearer(token))).status_code == answer
    assert "Never" not in (await office.get(PAGE)).text
    assert token not in (await office.get(PAGE)).text


async def test_an_ended_token_calls_nothing_and_both_are_logged(office: Browser, api: Api, db: Db) -> None:
    token = await make(office)
    handle = one(db, "select encode(substr(token_hash, 1, 8), 'hex') as handle from api_tokens")["handle"]
    await office.send_form(f"{PAGE}/revoke", page=PAGE, handle=handle)
    assert (await api.get("/admin/bookings", headers=bearer(token))).status_code == 401
    logged = [row["action"] for row in db.execute("select action from admin_activity_logs order by id").fetchall()]
    assert logged == ["api_token.create", "api_token.revoke"]


async def test_a_closed_accounts_tokens_stay_ended_when_it_is_opened_again(
    office: Browser, api: Api, admin: Row, db: Db
) -> None:
    a_user(db, role="admin")  # the last one stays
    token = await make(office)
    update(db, "users", admin, is_active=False)
    update(db, "users", admin, is_active=True)
    assert (await api.get("/admin/bookings", headers=bearer(token))).status_code == 401


@pytest.mark.parametrize("fields", [{"email": "amina@example.com"}, {"label": " "}, {"role": "system"}])
async def test_what_is_wrong_about_a_token_is_said_beside_the_field(office: Browser, fields: dict[str, str]) -> None:
    answer = await office.send_form(
        PAGE, page=PAGE, **{"email": "carol@example.com", "label": "Till", "role": "admin", **fields}
    )
    assert (answer.status_code, f'id="field-{next(iter(fields))}' in answer.text) == (422, True)


@pytest.mark.parametrize("path", ["/", "/sign-in", "/healthz", "/api/v1/courses", "/nothing-here", "/office"])
async def test_head_is_answered_as_get_is_without_the_body(browser: Browser, path: str) -> None:
    got, asked = await browser.get(path), await browser.head(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers.get("content-type") == got.headers.get("content-type")
