"""The customer's account: let in by a link in a mail, once, and shown what is theirs."""

from collections.abc import Callable

import psycopg
import pytest

from rft.database.pool import Database
from rft.jobs import Context
from rft.notifications.jobs import send_sign_in_link
from rft.settings import Settings
from tests.builders import Db, Row, insert
from tests.cast import amina, carol
from tests.features.browser import PASSWORD, Browser
from tests.features.employing import certified
from tests.features.mailing import an_order, one, rows, see_jobs

ASK = "/sign-in/by-mail"


@pytest.fixture
def customer(db: Db) -> Row:
    see_jobs(db)
    return amina(db)


async def mailed_link(browser: Browser, database: Database, settings: Settings, email: str) -> str | None:
    """Asks for a link; answers the token of the mail, if one was written."""
    assert "a link is on its way there" in (await browser.send_form(ASK, page=ASK, email=email)).text
    async with database.connection() as db:
        cursor = await db.execute(
            "delete from jobs.procrastinate_jobs where task_name like '%%sign_in%%' returning args"
        )
        jobs = await cursor.fetchall()
    (job,) = jobs
    await send_sign_in_link(Context(database, settings), **job["args"])
    async with database.connection() as db:
        cursor = await db.execute("select text_body from outbox_mails order by id desc limit 1")
        row = await cursor.fetchone()
    return row["text_body"].partition("token=")[2].split()[0] if row else None


async def test_a_link_signs_amina_in_once(
    browser: Browser, customer: Row, database: Database, settings: Settings
) -> None:
    token = await mailed_link(browser, database, settings, "Amina@Example.com")
    assert token is not None
    assert (await browser.get(f"/sign-in/link?token={token}")).status_code == 200
    assert (await browser.get("/account/courses")).status_code == 303
    assert (await browser.send_form("/sign-in/link", token=token)).headers["location"] == "/account/courses"
    assert (await browser.get("/account/courses")).status_code == 200
    await browser.send_form("/sign-out", page="/account")
    assert (await browser.send_form("/sign-in/link", token=token)).status_code == 410


async def test_a_link_is_good_for_twenty_minutes(
    db: Db, browser: Browser, customer: Row, database: Database, settings: Settings
) -> None:
    token = await mailed_link(browser, database, settings, customer["email"])
    db.execute("update sign_in_links set expires_at = expires_at - interval '20 minutes'")
    assert (await browser.send_form("/sign-in/link", token=token or "")).status_code == 410


async def test_nobody_learns_who_has_an_account_and_staff_get_no_link(
    db: Db, browser: Browser, customer: Row, database: Database, settings: Settings
) -> None:
    carol(db)
    for email in ("nobody@example.com", "carol@example.com"):
        assert await mailed_link(browser, database, settings, email) is None
    pages = [
        (await browser.send_form(ASK, page=ASK, email=email)).text
        for email in ("amina@example.com", "nobody@example.com")
    ]
    assert "a link is on its way there" in pages[0]
    assert ("a link is on its way there" in pages[1]) is True


async def test_a_mailbox_is_not_flooded(browser: Browser, customer: Row) -> None:
    answers = [(await browser.send_form(ASK, page=ASK, email="amina@example.com")).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


@pytest.fixture
async def at_home(browser: Browser, db: Db, customer: Row, password_hash: str) -> Browser:
    """Amina's browser, signed in."""
    db.execute("update users set password_hash = %s where id = %s", (password_hash, customer["id"]))
    await browser.sign_in(customer["email"])
    return browser


async def test_the_account_shows_what_is_ones_own_and_nothing_else(db: Db, at_home: Browser, customer: Row) -> None:
    mine = an_order(db, people=("Dev Shah",), user_id=customer["id"])
    others = an_order(db, people=("Amina Khan", "Ruth Holt"))
    first, second = others["bookings"]
    db.execute("update attendees set email = 'AMINA@example.com' where booking_id = %s", (first["id"],))
    own = certified(db, first, "Amina Khan")
    theirs = certified(
        db, db.execute("select * from bookings where id = %s", (second["id"],)).fetchone() or {}, "Ruth Holt"
    )
    courses = (await at_home.get("/account/courses")).text
    assert mine["reference"] in courses
    assert others["reference"] not in courses
    held = (await at_home.get("/account/certificates")).text
    assert own["number"] in held
    assert theirs["number"] not in held
    told = (await at_home.get("/account/data.json")).json()
    assert [one["number"] for one in told["certificates"]] == [own["number"]]


async def test_the_profile_is_kept_and_what_was_agreed_to_is_a_history(db: Db, at_home: Browser, customer: Row) -> None:
    page = "/account/profile"
    form = {"first_name": "Amina", "last_name": "Yusuf", "phone": "01632 960123"}
    assert (await at_home.send_form(page, page=page, **form)).status_code == 303
    assert one(db, "select last_name from users where id = %(id)s", id=customer["id"])["last_name"] == "Yusuf"
    for said in (
        {"marketing": "yes", "reminders": "yes"},
        {"marketing": "yes", "reminders": "yes"},
        {"reminders": "yes"},
    ):
        await at_home.send_form(f"{page}/consents", page=page, **said)
    history = rows(db, "select purpose, is_given from consents order by id")
    assert [(row["purpose"], row["is_given"]) for row in history] == [("marketing", True), ("marketing", False)]


async def test_a_new_password_ends_every_other_session(
    at_home: Browser, customer: Row, new_browser: Callable[..., Browser]
) -> None:
    elsewhere = new_browser()
    await elsewhere.sign_in(customer["email"])
    page = "/account/profile"
    asked = {"page": "/account/password", "current": PASSWORD, "password": "eight purple plums"}
    assert (await at_home.send_form("/account/password", **asked)).status_code == 303
    assert (await at_home.get(page)).status_code == 200
    assert (await elsewhere.get(page)).status_code == 303
    assert (await elsewhere.sign_in(customer["email"], "eight purple plums")).status_code == 303


def test_a_consent_is_never_changed(db: Db, customer: Row) -> None:
    insert(db, "consents", user_id=customer["id"], purpose="marketing", is_given=True)
    with pytest.raises(psycopg.Error, match="consents"):
        db.execute("update consents set is_given = false")
