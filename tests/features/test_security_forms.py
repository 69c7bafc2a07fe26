"""Forms: only our own pages can send them, and only in the forms and sizes that are read here."""

import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some

from rft.web.security.bad_text import has_bad_text, is_too_deep
from rft.web.security.csrf import is_right, token_for
from tests.features.browser import HERE, Browser

OpenBrowser = Callable[..., Browser]
FIELDS = {"email": "dev@example.com", "password": "wrong"}
JSON = b"application/json"


async def is_refused(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and "This form has expired" in answer.text


async def test_a_form_without_a_token_is_refused(browser: Browser) -> None:
    await browser.get("/sign-in")
    assert await is_refused(await browser.post("/sign-in", data=FIELDS))


async def test_a_form_of_somebody_who_has_no_page_of_ours_is_refused(new_browser: OpenBrowser) -> None:
    token = await new_browser().csrf_token()
    assert await is_refused(await new_browser().post("/sign-in", data={"csrf_token": token, **FIELDS}))


async def test_a_token_of_another_visitor_is_refused(browser: Browser, new_browser: OpenBrowser) -> None:
    token = await new_browser().csrf_token()
    await browser.get("/sign-in")
    assert await is_refused(await browser.post("/sign-in", data={"csrf_token": token, **FIELDS}))


async def test_a_token_from_before_the_sign_in_is_refused_after_it(office: Browser, new_browser: OpenBrowser) -> None:
    stranger = new_browser(cookies={"rft_visitor": office.cookies["rft_visitor"]})
    token = await stranger.csrf_token()
    assert await is_refused(await office.post("/sign-out", data={"csrf_token": token}))
    assert (await office.get("/account")).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "====", "é", "A" * 88, "A" * 5000])
async def test_what_is_no_token_is_refused(browser: Browser, token: str) -> None:
    await browser.get("/sign-in")
    assert await is_refused(await browser.post("/sign-in", data={"csrf_token": token, **FIELDS}))


async def test_a_file_in_place_of_the_token_is_refused(browser: Browser) -> None:
    await browser.get("/sign-in")
    assert await is_refused(await browser.post("/sign-in", files={"csrf_token": b"x"}, data=FIELDS))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://rft.test.evil.example"},
        {"origin": "http://evil.rft.test"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": HERE},
    ],
)
async def test_a_form_from_another_site_is_refused_even_with_a_token(browser: Browser, headers: dict[str, str]) -> None:
    data = {"csrf_token": await browser.csrf_token(), **FIELDS}
    assert await is_refused(await browser.post("/sign-in", data=data, headers=headers))


@pytest.mark.parametrize("headers", [{"origin": HERE}, {"sec-fetch-site": "same-origin"}, {}])
async def test_our_own_form_is_read(browser: Browser, headers: dict[str, str]) -> None:
    data = {"csrf_token": await browser.csrf_token(), **FIELDS}
    answer = await browser.post("/sign-in", data=data, headers=headers)
    assert "do not belong together" in answer.text


async def test_each_page_masks_the_token_anew(browser: Browser) -> None:
    first, second = await browser.csrf_token(), await browser.csrf_token()
    assert first != second
    assert is_right("key", "amina", token_for("key", "amina"))
    assert not is_right("key", "dev", token_for("key", "amina"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_looking_changes_nothing(office: Browser, method: str) -> None:
    for path in ("/sign-out", "/account/sessions/end"):
        assert (await office.request(method, path)).status_code == 405
    assert (await office.get("/account")).status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/xml", ""])
async def test_a_page_reads_forms_alone(browser: Browser, content_type: str) -> None:
    answer = await browser.post("/sign-in", content=b'{"csrf_token": "x"}', headers={"content-type": content_type})
    assert answer.status_code == 415


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_the_api_reads_json_alone(browser: Browser, content_type: str) -> None:
    answer = await browser.post("/api/v1/quotes", content=b'{"seats": 1}', headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def endless(size: int) -> AsyncIterator[bytes]:
    for _ in range(0, size, 8192):
        yield b"x" * 8192


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/orders"])
async def test_a_body_larger_than_a_quarter_of_a_megabyte_is_refused(browser: Browser, path: str) -> None:
    assert (await browser.post(path, content=b"x" * (256 * 1024 + 1))).status_code == 413
    assert (await browser.post(path, content=endless(300 * 1024))).status_code == 413
    assert (await browser.post(path, content=b"", headers={"content-length": "9" * 400})).status_code == 413


async def test_an_endless_body_is_not_read_to_its_end(browser: Browser) -> None:
    read = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 8192
            yield b"x" * 8192

    assert (await browser.post("/api/v1/orders", content=parts())).status_code == 413
    assert read < 300 * 1024


@pytest.mark.parametrize("field", ["email", "password", "next", "csrf_token", "unknown"])
async def test_a_nul_byte_in_a_form_is_refused(browser: Browser, field: str) -> None:
    data = {"csrf_token": await browser.csrf_token(), **FIELDS, field: "a\0b"}
    assert (await browser.post("/sign-in", data=data)).status_code == 422


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "punycode", "undefined", "utf-16"])
async def test_a_form_may_not_choose_how_its_letters_are_read(browser: Browser, charset: str) -> None:
    parts = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{await browser.csrf_token()}\r\n'
    parts += '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na+AAA-\\ud800\r\n--x--\r\n'
    headers = {"content-type": f"multipart/form-data; boundary=x; charset={charset}"}
    assert (await browser.post("/sign-in", content=parts.encode(), headers=headers)).status_code == 415


@pytest.mark.parametrize("path", ["/sign-in?next=%00", "/api/v1/courses?limit=%00", "/%00", "/api/v1/courses/%00"])
async def test_a_nul_byte_in_an_address_is_refused(browser: Browser, path: str) -> None:
    assert (await browser.get(path)).status_code in (404, 422)


@pytest.mark.parametrize("text", [r"a\u0000b", "a\0b", r"\ud800", r"\udc00\ud800", r"\uDBFF", r"\\\u0000"])
async def test_text_that_cannot_be_stored_is_refused_in_json(browser: Browser, text: str) -> None:
    body = f'{{"schedule_id": 1, "seats": 1, "discount_code": "{text}"}}'.encode()
    answer = await browser.post("/api/v1/quotes", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_valid")


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"a":' * 40_000, '{"a":' + "[" * 40 + "]" * 40 + "}", '"' * 100_000, "nul", "\xff"]
)
async def test_json_that_is_made_to_hurt_is_refused(browser: Browser, body: str) -> None:
    headers = {"content-type": "application/json"}
    answer = await browser.post("/api/v1/quotes", content=body.encode("latin-1"), headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@given(some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_text_that_can_be_stored_is_let_through(text: str) -> None:
    for ascii_only in (True, False):
        assert not has_bad_text(json.dumps([text], ensure_ascii=ascii_only).encode(), JSON)


@given(some.text(), some.sampled_from(["\0", "\ud800", "\udfff"]))
def test_text_that_cannot_be_stored_is_found_wherever_it_stands(text: str, bad: str) -> None:
    plain = text.encode("utf-8", "replace").decode()
    assert has_bad_text(json.dumps([plain + " " + bad + " " + plain]).encode(), JSON)


def test_brackets_within_text_are_not_nesting() -> None:
    assert not is_too_deep(b'["' + b"[{" * 500 + b'\\"[[[["]')
    assert not is_too_deep(b"[" + b",".join([b'{"a": []}'] * 500) + b"]")
    assert is_too_deep(b"[" * 33 + b"]" * 33)
