"""Signing in and out: sessions, what they survive and what they do not."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from tests.builders import Db, Row, a_user, update
from tests.cast import amina, ben, dev
from tests.features.browser import PASSWORD, Browser

OpenBrowser = Callable[..., Browser]


def count(db: Db, table: str) -> int:
    row = db.execute(f"select count(*) as rows from {table}").fetchone()
    assert row
    return int(row["rows"])


async def is_signed_in(browser: Browser) -> bool:
    return (await browser.get("/account")).status_code == 200


async def test_carol_signs_in_and_is_led_to_where_she_wanted_to_go(browser: Browser, admin: Row) -> None:
    asked = await browser.get("/office/orders?state=unpaid")
    assert asked.headers["location"] == "/sign-in?next=/office/orders%3Fstate%3Dunpaid"
    answer = await browser.sign_in("  Carol@EXAMPLE.com ", next="/office/orders?state=unpaid")
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/orders?state=unpaid")


@pytest.mark.parametrize(
    ("role", "home"), [("admin", "/office"), ("instructor", "/instructor"), ("customer", "/account")]
)
async def test_each_role_has_a_home(browser: Browser, db: Db, password_hash: str, role: str, home: str) -> None:
    amina(db, password_hash=password_hash, role=role)
    assert (await browser.sign_in("amina@example.com")).headers["location"] == home


async def test_the_sign_in_page_sends_somebody_signed_in_on(office: Browser) -> None:
    assert (await office.get("/sign-in")).headers["location"] == "/office"


async def test_a_session_is_new_at_each_sign_in_and_the_old_one_is_dead(
    office: Browser, new_browser: OpenBrowser, db: Db
) -> None:
    old = office.cookies["rft_session"]
    token = await office.csrf_token("/account")
    await office.post("/sign-in", data={"csrf_token": token, "email": "carol@example.com", "password": PASSWORD})
    assert office.cookies["rft_session"] != old
    assert await is_signed_in(office)
    assert not await is_signed_in(new_browser(cookies={"rft_session": old}))
    assert count(db, "user_sessions") == 1


async def test_a_session_that_a_stranger_planted_is_not_taken_over(browser: Browser, admin: Row) -> None:
    browser.cookies.set("rft_session", "planted", domain="rft.test")
    await browser.sign_in("carol@example.com")
    assert browser.cookies["rft_session"] != "planted"


async def test_only_the_hash_of_a_session_is_stored(office: Browser, db: Db) -> None:
    row = db.execute("select token_hash from user_sessions").fetchone()
    assert row
    assert len(row["token_hash"]) == 32
    assert office.cookies["rft_session"].encode() not in row["token_hash"]


async def test_signing_out_kills_the_session_and_a_copy_of_its_cookie(
    office: Browser, new_browser: OpenBrowser, db: Db
) -> None:
    copy = new_browser(cookies={"rft_session": office.cookies["rft_session"]})
    answer = await office.send_form("/sign-out", page="/account")
    assert answer.headers["location"] == "/sign-in"
    assert "rft_session" not in office.cookies
    assert not await is_signed_in(copy)
    assert count(db, "user_sessions") == 0
    assert "You are signed out." in (await office.get("/sign-in")).text


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "customer"}, {"role": "instructor"}])
async def test_what_an_account_loses_is_lost_at_the_next_request(
    office: Browser, db: Db, admin: Row, change: dict[str, object]
) -> None:
    a_user(db, role="admin")  # the last one stays
    assert (await office.get("/office/nothing-here")).status_code == 404
    update(db, "users", admin, **change)
    assert (await office.get("/office/nothing-here")).headers["location"].startswith("/sign-in")


async def test_staff_are_signed_out_after_twelve_idle_hours(office: Browser, db: Db) -> None:
    db.execute("update user_sessions set seen_at = seen_at - interval '12 hours 1 minute'")
    assert not await is_signed_in(office)


async def test_staff_are_signed_out_after_seven_days_however_busy(office: Browser, db: Db) -> None:
    db.execute("update user_sessions set created_at = created_at - interval '7 days 1 minute'")
    assert not await is_signed_in(office)


async def test_a_customer_stays_signed_in_for_thirty_days(browser: Browser, db: Db, password_hash: str) -> None:
    amina(db, password_hash=password_hash)
    await browser.sign_in("amina@example.com")
    for days, lasts in ((29, True), (2, False)):
        db.execute(
            "update user_sessions set created_at = created_at - %(ago)s, seen_at = seen_at - %(ago)s,"
            " expires_at = expires_at - %(ago)s",
            {"ago": timedelta(days=days)},
        )
        assert await is_signed_in(browser) is lasts


async def test_the_time_of_use_is_written_once_a_minute_at_most(office: Browser, db: Db) -> None:
    async def seen() -> object:
        await is_signed_in(office)
        row = db.execute("select seen_at from user_sessions").fetchone()
        return row and row["seen_at"]

    first = await seen()
    assert await seen() == first
    db.execute("update user_sessions set seen_at = seen_at - interval '61 seconds'")
    assert str(await seen()) > str(first)


async def test_a_person_sees_where_she_is_signed_in_and_ends_it_there(
    office: Browser, new_browser: OpenBrowser
) -> None:
    telephone = new_browser(headers={"user-agent": "Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1"})
    await telephone.sign_in("carol@example.com")
    page = (await office.get("/account")).text
    assert "Safari on iPhone" in page
    handle = page.split('name="handle" value="')[1].split('"')[0]
    await office.send_form("/account/sessions/end", page="/account", handle=handle)
    assert await is_signed_in(office)
    assert not await is_signed_in(telephone)


async def test_a_person_signs_out_everywhere_else(office: Browser, new_browser: OpenBrowser) -> None:
    other = new_browser()
    await other.sign_in("carol@example.com")
    await office.send_form("/account/sessions/end", page="/account")
    assert await is_signed_in(office)
    assert not await is_signed_in(other)


async def test_nobody_ends_anothers_session(office: Browser, browser: Browser, db: Db, password_hash: str) -> None:
    dev(db, password_hash=password_hash)
    await browser.sign_in("dev@example.com")
    row = db.execute(
        "select encode(substr(token_hash, 1, 8), 'hex') as handle from user_sessions as user_session"
        " join users as account on account.id = user_session.user_id where account.role = 'admin'"
    ).fetchone()
    assert row
    await browser.send_form("/account/sessions/end", page="/account", handle=row["handle"])
    assert await is_signed_in(office)


def _seen_by_dev(answer: httpx.Response, email: str) -> tuple[int, str]:
    """The answer without what is random or was typed."""
    text = answer.text.replace(email, "")
    token = text.split('name="csrf_token" value="')[1].split('"')[0]
    return answer.status_code, text.replace(token, "")


async def test_unknown_wrong_closed_and_passwordless_accounts_get_the_same_answer(
    new_browser: OpenBrowser, db: Db, admin: Row, password_hash: str
) -> None:
    amina(db)
    ben(db, password_hash=password_hash, is_active=False)
    tries = [
        ("nobody@example.com", PASSWORD),
        ("carol@example.com", "wrong"),
        ("amina@example.com", "!"),
        ("ben@example.com", PASSWORD),
        ("not an address", PASSWORD),
    ]
    answers = {_seen_by_dev(await new_browser().sign_in(email, password), email) for email, password in tries}
    assert len(answers) == 1
    assert answers.pop()[0] == 422


async def test_a_refused_sign_in_keeps_the_address_and_never_the_password(browser: Browser) -> None:
    answer = await browser.sign_in("dev@example.com", "a guess of mine")
    assert 'value="dev@example.com"' in answer.text
    assert "a guess of mine" not in answer.text


async def test_an_empty_form_is_told_what_is_missing(browser: Browser) -> None:
    answer = await browser.sign_in("", "")
    assert answer.status_code == 422
    assert "Enter your e-mail address." in answer.text
    assert "Enter your password." in answer.text


async def test_a_hash_made_with_older_settings_is_renewed(browser: Browser, db: Db, admin: Row) -> None:
    update(db, "users", admin, password_hash=Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD))
    assert (await browser.sign_in("carol@example.com")).status_code == 303
    row = db.execute("select password_hash, last_login from users where id = %s", (admin["id"],)).fetchone()
    assert row
    assert "m=19456,t=2,p=1" in row["password_hash"]
    assert row["last_login"] is not None


async def test_a_name_that_looks_like_markup_is_shown_as_it_was_typed(office: Browser, db: Db, admin: Row) -> None:
    update(db, "users", admin, first_name="<script>alert(1)</script>", last_name="{{ 7 * 7 }}")
    page = (await office.get("/account")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7 * 7 }}" in page
