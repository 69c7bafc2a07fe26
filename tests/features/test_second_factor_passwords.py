"""A new password: what it asks for, what it ends, and what it does not skip."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI

from rft.accounts.errors import PasswordTooWeak
from rft.accounts.rules import require_strong
from rft.notifications import jobs as notification_jobs
from rft.notifications import service
from rft.settings import Settings
from tests.builders import Db, Row, a_user, update
from tests.features.browser import PASSWORD, Browser
from tests.features.mailing import a_mail_server, context, one, rows
from tests.features.test_second_factor_sign_in import enrol

OpenBrowser = Callable[..., Browser]
NEW = "lantern copper ocean gravel"
_LINK = re.compile(r"http://rft\.test(/new-password/link\?access_token=\S+)")


async def ask(browser: Browser, email: str = "carol@example.com") -> int:
    return (await browser.send_form("/new-password", page="/new-password", email=email)).status_code


async def link_from_mail(app: FastAPI, settings: Settings, db: Db) -> str:
    """What stands in the mail that a mail server takes."""
    database = app.state.database
    job = rows(
        db,
        "select args from jobs.procrastinate_jobs where task_name = 'notifications.send_new_password_link' order by id desc",
    )[0]
    async with a_mail_server() as server:
        ready = replace(context(database), settings=replace(settings, smtp_url=server.url))
        await notification_jobs.send_new_password_link(ready, **job["args"])
        mail = one(db, "select max(id) as id from outbox_mails where email_type = 'new_password'")
        await service.deliver(database, ready.settings, mail["id"])
        text = server.mails[-1].get_body(("plain",)).get_content()
    found = _LINK.search(text)
    assert found
    return found[1]


async def set_password(browser: Browser, link: str, password: str = NEW) -> int:
    led = await browser.get(link)
    if led.headers["location"] != "/new-password/set":
        return 410
    return (await browser.send_form("/new-password/set", page="/new-password/set", password=password)).status_code


async def test_the_link_works_once_and_does_not_skip_the_second_factor(
    office: Browser, new_browser: OpenBrowser, app: FastAPI, settings: Settings, db: Db
) -> None:
    await enrol(office)
    browser = new_browser()
    assert await ask(browser) == 200
    link = await link_from_mail(app, settings, db)
    assert [await set_password(browser, link, "short"), await set_password(browser, link)] == [422, 303]
    assert (await office.get("/account")).status_code == 303
    assert await set_password(new_browser(), link) == 410
    assert (await browser.sign_in("carol@example.com", NEW)).headers["location"].startswith("/sign-in/second")


async def test_a_second_link_ends_the_first(
    browser: Browser, admin: Row, app: FastAPI, settings: Settings, db: Db
) -> None:
    await ask(browser)
    first = await link_from_mail(app, settings, db)
    await ask(browser)
    second = await link_from_mail(app, settings, db)
    assert await set_password(browser, first) == 410
    assert await set_password(browser, second) == 303


async def test_whoever_reads_the_outbox_cannot_follow_the_link(
    office: Browser, new_browser: OpenBrowser, app: FastAPI, settings: Settings, db: Db
) -> None:
    await ask(office)
    await link_from_mail(app, settings, db)
    kept = _LINK.search(one(db, "select text_body from outbox_mails")["text_body"])
    assert kept
    assert await set_password(new_browser(), kept[1]) == 410


async def test_the_answer_does_not_tell_whether_there_is_an_account(
    browser: Browser, admin: Row, app: FastAPI, settings: Settings, db: Db
) -> None:
    a_user(db, role="admin")  # the last one stays
    update(db, "users", admin, is_active=False)
    for email in ("carol@example.com", "nobody@example.com"):
        assert await ask(browser, email) == 200
        await notification_jobs.send_new_password_link(context(app.state.database), email=email)
    assert rows(db, "select from outbox_mails") == []
    assert [await ask(browser, "nobody@example.com") for _ in range(3)] == [200, 200, 429]


async def test_changing_the_password_asks_for_the_old_one_and_signs_out_elsewhere(
    office: Browser, new_browser: OpenBrowser
) -> None:
    elsewhere = new_browser()
    await elsewhere.sign_in("carol@example.com")
    page = "/account/password"
    wrong = await office.send_form(page, page=page, current="not hers", password=NEW)
    weak = await office.send_form(page, page=page, current=PASSWORD, password="carolhughes1")
    done = await office.send_form(page, page=page, current=PASSWORD, password=NEW)
    assert [wrong.status_code, weak.status_code, done.status_code] == [422, 422, 303]
    assert (await office.get("/account")).status_code == 200
    assert (await elsewhere.get("/account")).status_code == 303


@pytest.mark.parametrize("password", ["aminakhan1990", "qwertyuiop[]", "reacttraining", "letmein123456"])
def test_what_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        require_strong(password, "amina@example.com", "Amina Khan")


def test_a_very_long_password_is_judged_quickly_by_its_beginning() -> None:
    require_strong("lantern copper ocean gravel " + "ab" * 100, "amina@example.com")
