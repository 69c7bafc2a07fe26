"""Guessing passwords: how often, from where, and that the owner is never locked out for good."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from rft.accounts.service import PER_ACCOUNT, PER_ADDRESS
from rft.database.pool import Database
from rft.errors import TooMany
from rft.settings import Settings
from rft.web.security.limits import Limit, give_back, spend, spend_unless_local
from tests.builders import Db, Row
from tests.features.browser import Browser

OpenBrowser = Callable[..., Browser]
THREE = Limit("three", times=3, seconds=60)


async def guess(browser: Browser, times: int, email: str = "carol@example.com") -> None:
    for _ in range(times):
        assert (await browser.sign_in(email, "wrong")).status_code == 422


async def test_five_failures_close_the_account_for_a_while_even_to_the_right_password(
    browser: Browser, admin: Row
) -> None:
    await guess(browser, 5)
    answer = await browser.sign_in("carol@example.com")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= PER_ACCOUNT.seconds
    assert "wait a little" in answer.text


async def test_the_window_closes(browser: Browser, admin: Row, db: Db) -> None:
    await guess(browser, 5)
    db.execute("update rate_limits set window_began = window_began - interval '15 minutes'")
    assert (await browser.sign_in("carol@example.com")).status_code == 303


async def test_an_account_that_does_not_exist_is_limited_just_the_same(browser: Browser) -> None:
    await guess(browser, 5, "nobody@example.com")
    assert (await browser.sign_in("nobody@example.com", "wrong")).status_code == 429


async def test_right_passwords_do_not_count(browser: Browser, admin: Row) -> None:
    for _ in range(7):
        browser.cookies.clear()
        assert (await browser.sign_in("carol@example.com")).status_code == 303


async def test_a_stranger_who_guesses_does_not_lock_carol_out_of_her_own_browser(
    office: Browser, new_browser: OpenBrowser
) -> None:
    await office.send_form("/sign-out", page="/account")
    stranger = new_browser("203.0.113.66")
    await guess(stranger, 5)
    assert (await stranger.sign_in("carol@example.com", "wrong")).status_code == 429
    assert (await office.sign_in("carol@example.com")).status_code == 303


async def test_the_name_of_a_known_browser_is_worth_nothing_for_another_account(office: Browser) -> None:
    await office.send_form("/sign-out", page="/account")
    await guess(office, 5, "ben@example.com")
    office.cookies.delete("rft_device")
    assert (await office.sign_in("ben@example.com", "wrong")).status_code == 429


async def test_one_password_tried_on_many_accounts_is_limited_by_address(
    settings: Settings, database: Database, new_browser: OpenBrowser
) -> None:
    for _ in range(PER_ADDRESS.times):
        await spend(database, settings, PER_ADDRESS, "203.0.113.66")
    assert (await new_browser("203.0.113.66").sign_in("a@example.com", "x")).status_code == 429
    assert (await new_browser("203.0.113.67").sign_in("a@example.com", "x")).status_code == 422


async def test_neighbours_within_one_ipv6_network_count_as_one(
    settings: Settings, database: Database, new_browser: OpenBrowser
) -> None:
    for _ in range(PER_ADDRESS.times):
        await spend(database, settings, PER_ADDRESS, "2001:db8:1:2::/64")
    assert (await new_browser("2001:db8:1:2:3:4:5:6").sign_in("a@example.com", "x")).status_code == 429


async def test_many_guesses_at_once_get_no_more_than_five(new_browser: OpenBrowser, admin: Row) -> None:
    browsers = [new_browser() for _ in range(15)]
    tokens = await asyncio.gather(*(browser.csrf_token() for browser in browsers))
    forms = [{"csrf_token": token, "email": "carol@example.com", "password": "wrong"} for token in tokens]
    answers = await asyncio.gather(
        *(browser.post("/sign-in", data=form) for browser, form in zip(browsers, forms, strict=True))
    )
    assert Counter(answer.status_code for answer in answers) == {422: 5, 429: 10}


async def test_the_limit_holds_when_its_table_is_gone(browser: Browser, admin: Row, db: Db) -> None:
    db.execute("drop table rate_limits")
    await guess(browser, 5)
    assert (await browser.sign_in("carol@example.com", "wrong")).status_code == 429


async def test_counters_hold_neither_addresses_nor_names(browser: Browser, db: Db) -> None:
    await guess(browser, 1, "dev@example.com")
    rows = db.execute("select * from rate_limits").fetchall()
    assert {row["name"] for row in rows} == {"sign_in_account", "sign_in_address"}
    assert all(len(row["subject_hash"]) == 32 for row in rows)


async def test_what_is_given_back_can_be_spent_again(settings: Settings, database: Database) -> None:
    for _ in range(10):
        await spend(database, settings, THREE, "amina")
        await give_back(database, settings, THREE, "amina")
    for _ in range(3):
        await spend(database, settings, THREE, "amina")
    with pytest.raises(TooMany) as refused:
        await spend(database, settings, THREE, "amina")
    assert 1 <= refused.value.facts["retry_after"] <= THREE.seconds


async def test_subjects_and_limits_are_counted_apart(settings: Settings, database: Database) -> None:
    for subject in ("amina", "dev"):
        for limit in (THREE, Limit("other", 3, 60)):
            for _ in range(3):
                await spend(database, settings, limit, subject)


async def test_this_machine_itself_is_not_limited(settings: Settings, database: Database) -> None:
    for address in ("127.0.0.1", "::1"):
        for _ in range(5):
            await spend_unless_local(database, settings, THREE, address)
    for _ in range(3):
        await spend_unless_local(database, settings, THREE, "203.0.113.5")
    with pytest.raises(TooMany):
        await spend_unless_local(database, settings, THREE, "203.0.113.5")
