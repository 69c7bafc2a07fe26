"""The office's pages about mails: what is listed, what is shown of a mail, and sending it again."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from rft.app import create_app
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.notifications import outbox, service
from rft.notifications.compose import CONFIRMATION, Mail
from rft.notifications.pages import router
from rft.notifications.queries import EmailLogFilter, list_email_logs, list_outbox
from rft.web.security import sessions
from tests.builders import Db, Row, a_user, insert, update
from tests.cast import carol
from tests.features.mailing import an_order, cancel, one, rows, settings_with

BASE = "https://booking.example"


@pytest.fixture
async def office(database: Database, db: Db) -> AsyncIterator[httpx.AsyncClient]:
    """Carol's browser."""
    async with browser_of(database, carol(db)) as browser:
        yield browser


def browser_of(database: Database, user: Row) -> httpx.AsyncClient:
    app = create_app(settings_with(), database)
    app.include_router(router)
    return SignedIn(database, user, transport=httpx.ASGITransport(app), base_url=BASE)


class SignedIn(httpx.AsyncClient):
    def __init__(self, database: Database, user: Row, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self.database, self.user = database, user

    async def __aenter__(self) -> "SignedIn":
        who = sessions.User(self.user["id"], "Carol", self.user["email"], self.user["role"])
        async with self.database.connection() as db:
            token = await sessions.start_session(db, who, user_agent="test", replaces="", now=utc_now())
        self.cookies.set(f"__Host-{sessions.COOKIE}", token)
        return await super().__aenter__()


async def put(database: Database, order: Row) -> int:
    async with database.transaction() as db:
        mail_id = await service.write_to_booker(db, CONFIRMATION, order["id"], base_url=BASE)
    assert mail_id is not None
    return mail_id


async def put_many(database: Database, number: int) -> list[int]:
    async with database.transaction() as db:
        mails = [
            Mail(f"hello:{n}", "hello", "amina@example.com", f"Hello {n}", "t", "h", None, []) for n in range(number)
        ]
        return [mail_id for mail in mails if (mail_id := await outbox.put(db, mail))]


def logged(db: Db, **values: object) -> Row:
    return insert(db, "email_logs", **{"recipient_email": "amina@example.com", "email_type": "hello", **values})


async def send_again(office: httpx.AsyncClient, page: str, mail_id: int) -> httpx.Response:
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return await office.post(f"/office/outbox/{mail_id}/resend", data={"csrf_token": token[1]}, follow_redirects=True)


async def post(office: httpx.AsyncClient, page: str, action: str, **fields: str) -> httpx.Response:
    token = re.search(r'name="csrf_token" value="([^"]+)"', (await office.get(page)).text)
    assert token is not None
    return await office.post(action, data={"csrf_token": token[1], **fields}, follow_redirects=True)


async def test_the_outbox_is_walked_from_the_newest_to_the_oldest(database: Database) -> None:
    ids = await put_many(database, 5)
    seen, cursor = [], None
    async with database.connection() as db:
        while True:
            page = await list_outbox(db, cursor=cursor, limit=2)
            seen.append([row.id for row in page.rows])
            if (cursor := page.next) is None:
                break
    assert seen == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]


async def test_no_page_of_the_outbox_is_longer_than_a_hundred(database: Database) -> None:
    await put_many(database, 101)
    async with database.connection() as db:
        page = await list_outbox(db, limit=1000)
    assert len(page.rows) == 100
    assert page.next == page.rows[-1].id


async def test_the_log_is_searched_by_person_answer_and_booking(database: Database, db: Db) -> None:
    booking = an_order(db)["bookings"][0]
    sent = logged(db, booking_id=booking["id"])
    failed = logged(db, status="failed", error_message="550 no such person", recipient_email="dev@example.com")
    searches = {
        sent["id"]: [
            EmailLogFilter(recipient="AMINA@example.com"),
            EmailLogFilter(booking_reference=booking["booking_reference"]),
        ],
        failed["id"]: [
            EmailLogFilter(status="failed"),
            EmailLogFilter(recipient="dev@example.com", email_type="hello"),
        ],
    }
    async with database.connection() as connection:
        for found, filters in searches.items():
            for wanted in filters:
                assert [row.id for row in (await list_email_logs(connection, wanted)).rows] == [found]


async def test_the_office_sees_the_outbox_and_chooses_a_state(
    database: Database, db: Db, office: httpx.AsyncClient
) -> None:
    await put_many(database, 1)
    everything = await office.get("/office/outbox")
    assert "Hello 0" in everything.text
    sent = await office.get("/office/outbox?state=sent")
    assert "Hello 0" not in sent.text
    assert "No mails here" in sent.text


async def test_a_long_outbox_has_an_older_page(database: Database, office: httpx.AsyncClient) -> None:
    await put_many(database, 51)
    first = await office.get("/office/outbox")
    assert "Hello 0<" not in first.text
    older = re.search(r'href="(/office/outbox\?cursor=\d+)"', first.text)
    assert older is not None
    assert "Hello 0<" in (await office.get(older[1])).text


async def test_a_mail_is_shown_with_its_text_and_its_calendar_file(
    database: Database, db: Db, office: httpx.AsyncClient
) -> None:
    mail_id = await put(database, an_order(db))
    page = await office.get(f"/office/outbox/{mail_id}")
    assert "amina@example.com" in page.text
    assert "Your booking is confirmed: Emergency First Aid at Work" in page.text
    assert f'src="/office/outbox/{mail_id}/html"' in page.text
    assert page.headers["content-security-policy"].endswith("frame-src 'self'")
    file = await office.get(f"/office/outbox/{mail_id}/course.ics")
    assert file.headers["content-type"] == "text/calendar; charset=utf-8"
    assert file.text.startswith("BEGIN:VCALENDAR")


async def test_the_preview_is_shut_in_a_sandbox(database: Database, db: Db, office: httpx.AsyncClient) -> None:
    mail_id = await put(database, an_order(db, booker_name="<img src=x onerror=alert(1)>"))
    preview = await office.get(f"/office/outbox/{mail_id}/html")
    assert preview.headers["content-security-policy"].startswith(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    )
    assert preview.headers["x-frame-options"] == "SAMEORIGIN"
    assert "<img" not in preview.text


async def test_carol_sends_a_kept_mail_again_and_the_activity_log_says_so(
    database: Database, db: Db, office: httpx.AsyncClient
) -> None:
    mail_id = await put(database, an_order(db))
    update(db, "outbox_mails", {"id": mail_id}, state="kept")
    page = await office.get(f"/office/outbox/{mail_id}")
    answer = await send_again(office, page.text, mail_id)
    assert "There is no mail server, so the mail is kept here." in answer.text
    assert one(db, "select state from outbox_mails")["state"] == "queued"
    entry = one(db, "select * from admin_activity_logs")
    assert (entry["action"], entry["entity_id"], entry["old_values"]) == ("mail.resend", mail_id, {"state": "kept"})


async def test_a_mail_that_is_no_longer_true_is_not_sent_again(
    database: Database, db: Db, office: httpx.AsyncClient
) -> None:
    order = an_order(db)
    mail_id = await put(database, order)
    update(db, "outbox_mails", {"id": mail_id}, state="kept")
    page = await office.get(f"/office/outbox/{mail_id}")
    cancel(db, order["bookings"][0])
    answer = await send_again(office, page.text, mail_id)
    assert "it is not sent" in answer.text
    assert rows(db, "select from admin_activity_logs") == []


async def test_the_log_page_shows_the_servers_answer(database: Database, db: Db, office: httpx.AsyncClient) -> None:
    logged(db, status="failed", error_message="550 <no such person>", subject="Hello")
    page = await office.get("/office/emails?status=failed&reference=")
    assert "550 &lt;no such person&gt;" in page.text
    assert "No mails found" in (await office.get("/office/emails?status=bounced")).text


@pytest.mark.parametrize("path", ["/office/emails", "/office/outbox"])
async def test_the_mails_to_somebody_are_found_without_their_address_in_the_pages(
    path: str, database: Database, db: Db, office: httpx.AsyncClient
) -> None:
    await put_many(database, 2)
    logged(db, subject="Hello 1")
    other = insert(db, "outbox_mails", dedupe_key="x", email_type="hello", recipient="dev@example.com", subject="For Dev",
                   text_body="t", html_body="h")  # fmt: skip
    logged(db, recipient_email="dev@example.com", subject=other["subject"])
    found = await post(office, path, f"{path}/to", recipient="AMINA@example.com ")
    assert found.url.path == path
    assert "@" not in found.url.query.decode()
    assert ("Hello 1" in found.text, "For Dev" in found.text) == (True, False)
    assert (
        "There is no mail to this address." in (await post(office, path, f"{path}/to", recipient="no@one.example")).text
    )


@pytest.mark.parametrize("path", ["/office/outbox/999", "/office/outbox/999/html", "/office/outbox/999/course.ics"])
async def test_an_unknown_mail_is_not_found(office: httpx.AsyncClient, path: str) -> None:
    assert (await office.get(path)).status_code == 404


@pytest.mark.parametrize("role", ["customer", "instructor"])
@pytest.mark.parametrize("path", ["/office/outbox", "/office/outbox/1", "/office/outbox/1/html", "/office/emails"])
async def test_only_admins_read_other_peoples_mails(database: Database, db: Db, role: str, path: str) -> None:
    async with browser_of(database, a_user(db, role=role)) as browser:
        assert (await browser.get(path)).status_code == 403


async def test_a_form_that_dev_made_up_sends_nothing_again(
    database: Database, db: Db, office: httpx.AsyncClient
) -> None:
    mail_id = await put(database, an_order(db))
    update(db, "outbox_mails", {"id": mail_id}, state="kept")
    await office.post(f"/office/outbox/{mail_id}/resend", data={"csrf_token": "made up"})
    assert one(db, "select state from outbox_mails")["state"] == "kept"
