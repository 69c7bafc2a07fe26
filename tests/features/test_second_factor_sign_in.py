"""The second factor: set up, shown at sign-in, and never taken twice."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from fastapi import FastAPI

from rft.accounts import second_factor
from rft.accounts.links import make_sign_in_link
from rft.accounts.requests import STEP_COOKIE
from rft.accounts.rules import find_step, step_of
from rft.kit.clock import utc_now
from tests.builders import Db, Row, a_user, update
from tests.cast import amina, ben
from tests.features.browser import PASSWORD, Browser

OpenBrowser = Callable[..., Browser]
_SECRET = re.compile(r'<code class="breakable">([A-Z2-7 ]+)</code>')
_CODE = re.compile(r"<li><code>([0-9A-Z-]{19})</code></li>")


async def enrol(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Sets an authenticator up; answers it with the recovery codes."""
    page = "/account/second-factor"
    begun = await browser.send_form(f"{page}/begin", page=page, password=PASSWORD, kind="authenticator")
    assert begun.headers["location"] == f"{page}/authenticator"
    found = _SECRET.search((await browser.get(f"{page}/authenticator")).text)
    assert found
    app = pyotp.TOTP(found[1].replace(" ", ""))
    done = await browser.send_form(f"{page}/authenticator", page=f"{page}/authenticator", code=app.now())
    assert done.status_code == 200, done.text
    return app, _CODE.findall(done.text)


async def to_second(browser: Browser, email: str = "carol@example.com") -> None:
    answer = await browser.sign_in(email)
    assert answer.headers["location"].startswith("/sign-in/second")


async def show(browser: Browser, code: str) -> int:
    answer = await browser.send_form("/sign-in/second", page="/sign-in/second", code=code, next="/office/orders")
    return answer.status_code


def next_code(app: pyotp.TOTP) -> str:
    """One that has not been taken: the half minute after this one's."""
    return app.generate_otp(step_of(utc_now()) + 1)


async def test_carol_signs_in_with_password_and_code_and_is_led_on(office: Browser, new_browser: OpenBrowser) -> None:
    app, codes = await enrol(office)
    assert len(set(codes)) == 10
    other = new_browser()
    await to_second(other)
    assert (await other.get("/office")).status_code == 303
    answer = await other.send_form(
        "/sign-in/second", page="/sign-in/second", code=next_code(app), next="/office/orders"
    )
    assert answer.headers["location"] == "/office/orders"
    assert (await other.get("/office")).status_code == 200
    assert "code from the app" in (await other.get("/account")).text


async def test_a_code_is_taken_once(office: Browser, new_browser: OpenBrowser) -> None:
    app, _ = await enrol(office)
    first, second = new_browser(), new_browser()
    await to_second(first)
    await to_second(second)
    code = next_code(app)
    assert [await show(first, code), await show(second, code)] == [303, 422]
    assert await show(second, app.now()) == 422, "the one it was set up with is used too"


async def test_a_recovery_code_signs_in_once(office: Browser, new_browser: OpenBrowser) -> None:
    _, codes = await enrol(office)
    first, second = new_browser(), new_browser()
    await to_second(first)
    await to_second(second)
    assert [await show(first, codes[0].lower()), await show(second, codes[0])] == [303, 422]
    assert "9 codes left" in (await first.get("/account/second-factor")).text


async def test_guessing_codes_ends_after_five_tries(office: Browser, new_browser: OpenBrowser) -> None:
    app, _ = await enrol(office)
    dev = new_browser(address="203.0.113.5")
    await to_second(dev)
    assert [await show(dev, "000000") for _ in range(6)] == [422] * 5 + [429]
    assert await show(dev, next_code(app)) == 429


async def test_the_step_after_the_password_cannot_be_left_out_nor_used_twice(
    office: Browser, new_browser: OpenBrowser
) -> None:
    app, _ = await enrol(office)
    dev = new_browser()
    assert (await dev.get("/sign-in/second")).headers["location"] == "/sign-in"
    await to_second(dev)
    kept = dev.cookies[STEP_COOKIE]
    assert await show(dev, next_code(app)) == 303
    dev.cookies.set(STEP_COOKIE, kept, domain="rft.test")
    assert (await dev.get("/sign-in/second")).headers["location"] == "/sign-in"


async def test_setting_one_up_asks_for_the_password_and_signs_out_elsewhere(
    office: Browser, new_browser: OpenBrowser
) -> None:
    elsewhere = new_browser()
    await elsewhere.sign_in("carol@example.com")
    page = "/account/second-factor"
    wrong = await office.send_form(f"{page}/begin", page=page, password="not hers", kind="authenticator")
    assert (wrong.status_code, "not your password" in wrong.text) == (422, True)
    await enrol(office)
    assert (await elsewhere.get("/account")).status_code == 303
    assert (await office.get("/account")).status_code == 200


async def test_staff_without_one_find_the_office_closed_after_the_days_of_grace(
    office: Browser, admin: Row, db: Db
) -> None:
    assert "Set up a second factor by" in (await office.get("/office")).text
    update(db, "users", admin, created_at=utc_now() - timedelta(days=8))
    assert (await office.get("/office/orders")).headers["location"] == "/account/second-factor"
    await enrol(office)
    assert (await office.get("/office/orders")).status_code == 200


async def test_staff_keep_their_last_one_and_customers_may_go_without(
    office: Browser, new_browser: OpenBrowser, db: Db, password_hash: str
) -> None:
    await enrol(office)
    page = "/account/second-factor"
    kept = await office.send_form(f"{page}/remove", page=page, password=PASSWORD, which="authenticator")
    assert kept.status_code == 409
    amina(db, password_hash=password_hash)
    browser = new_browser()
    await browser.sign_in("amina@example.com")
    await enrol(browser)
    gone = await browser.send_form(f"{page}/remove", page=page, password=PASSWORD, which="authenticator")
    assert gone.status_code == 303
    assert (
        db.execute(
            "select from recovery_codes where user_id <> (select id from users where email = 'carol@example.com')"
        ).fetchall()
        == []
    )


async def test_a_link_by_mail_does_not_skip_the_second_factor(
    browser: Browser, new_browser: OpenBrowser, app: FastAPI, db: Db, password_hash: str
) -> None:
    amina(db, password_hash=password_hash)
    await browser.sign_in("amina@example.com")
    await enrol(browser)
    async with app.state.database.transaction() as connection:
        made = await make_sign_in_link(connection, "amina@example.com", utc_now())
    assert made
    dev = new_browser()
    led = await dev.send_form("/sign-in/link", page="/sign-in/link", token=made[1])
    assert led.headers["location"].startswith("/sign-in/second")
    assert (await dev.get("/account")).status_code == 303


async def test_the_database_alone_makes_no_codes(office: Browser, db: Db) -> None:
    app, codes = await enrol(office)
    kept = str(db.execute("select * from authenticators").fetchall()) + str(
        db.execute("select * from recovery_codes").fetchall()
    )
    assert app.secret not in kept
    assert codes[0] not in kept
    assert "".join(codes[0].split("-")) not in kept


@pytest.mark.parametrize("change", [{"role": "customer"}, {"is_active": False}, {"password_hash": "!"}])
async def test_another_role_a_closed_account_or_a_new_password_ends_every_sign_in(
    office: Browser, admin: Row, db: Db, change: dict[str, object]
) -> None:
    a_user(db, role="admin")  # the last one stays
    update(db, "users", admin, first_name="Caroline")
    assert (await office.get("/account")).status_code == 200
    update(db, "users", admin, **change)
    assert db.execute("select from user_sessions").fetchall() == []


async def test_who_has_lost_everything_sets_up_a_new_one(
    office: Browser, new_browser: OpenBrowser, app: FastAPI
) -> None:
    await enrol(office)
    async with app.state.database.transaction() as db:
        await second_factor.forget_second_factor(db, "carol@example.com")
    assert (await office.get("/office")).status_code == 303
    assert (await new_browser().sign_in("carol@example.com")).headers["location"] == "/office"


def test_a_code_of_the_half_minute_before_or_after_fits_and_no_other() -> None:
    now, app = utc_now(), pyotp.TOTP(pyotp.random_base32())
    here = step_of(now)
    fitting = [find_step(app.generate_otp(here + off), app.generate_otp, now) for off in (-2, -1, 0, 1, 2)]
    assert fitting[1:4] == [here - 1, here, here + 1]
    assert fitting[0] in (None, here - 1, here, here + 1)


async def test_ben_sees_where_he_is_signed_in_and_ends_one(
    new_browser: OpenBrowser, db: Db, password_hash: str
) -> None:
    ben(db, password_hash=password_hash)
    here, there = (
        new_browser(),
        new_browser(address="203.0.113.9", headers={"user-agent": "Mozilla Firefox/130.0 Android"}),
    )
    await here.sign_in("ben@example.com")
    await there.sign_in("ben@example.com")
    page = (await here.get("/account")).text
    assert "Firefox on Android" in page
    assert "203.0.113.9" in page
    await here.send_form("/account/sessions/end", page="/account")
    assert (await there.get("/account")).status_code == 303
