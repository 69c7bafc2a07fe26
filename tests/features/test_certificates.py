"""Certificates from the completed course to the stranger who checks one: issued, sent, corrected, revoked, never unmade."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from rft.audit.service import Actor
from rft.certificates.checking import file_token
from rft.certificates.errors import CertificateOut
from rft.certificates.jobs import make_batch
from rft.certificates.service import issue_certificate, reissue_certificate, revoke_certificate
from rft.certificates.signing import read_pdf
from rft.database.pool import Database
from rft.jobs import Context
from rft.kit import documents
from rft.kit.clock import utc_now
from rft.notifications.jobs import send_certificates
from rft.settings import Settings
from tests.builders import Db, Row, a_schedule, completed_booking, confirm, insert, move_schedule_to_past, update
from tests.cast import ben
from tests.features.api import API, Api, a_token, bearer
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows


@pytest.fixture
async def office_api(app: FastAPI, db: Db, admin: Row) -> AsyncIterator[Api]:
    """A program with a token of Carol's."""
    transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50001))
    async with Api(transport=transport, base_url=API, headers=bearer(a_token(db, admin))) as client:
        yield client


TWIN = """
insert into certificates (number, booking_id, holder, course_name, course_type, hours, completed_on, expires_on, trainer, issuer, key_id,
                          signature, issued_by)
select 'RFT-C-00000-00000-0001', booking_id, holder, course_name, course_type, hours, completed_on, expires_on, trainer, issuer, key_id,
       signature, issued_by
  from certificates
"""


def trained(db: Db, *people: str) -> list[Row]:
    """Bookings of a course of Ben's that is over, completed by these people."""
    schedule = a_schedule(db, instructor_id=ben(db)["id"])
    order = an_order(db, people=people or ("Amina Khan",), schedule=schedule)
    move_schedule_to_past(db, schedule, ended=timedelta(hours=1))
    return [update(db, "bookings", booking, status="completed") for booking in order["bookings"]]


async def issued(api: Api, db: Db, *people: str) -> Row:
    booking = trained(db, *people)[0]
    answer = await api.post(f"/admin/bookings/{booking['booking_reference']}/certificate")
    assert answer.status_code == 200, answer.text
    return one(db, "select * from certificates where booking_id = %(id)s", id=booking["id"])


async def test_a_completed_booking_gets_a_signed_certificate_a_mark_and_a_mail(office_api: Api, db: Db) -> None:
    certificate = await issued(office_api, db)
    assert (certificate["holder"], certificate["trainer"]) == ("Amina Khan", "Ben Osei")
    assert one(db, "select certificate_issued from bookings where id = %(id)s", id=certificate["booking_id"])[
        "certificate_issued"
    ]
    pdf = bytes(one(db, "select pdf from certificate_files")["pdf"])
    key = one(db, "select * from signing_keys")
    assert read_pdf(pdf, {key["key_id"]: bytes(key["public_key"])}).number == certificate["number"]
    waiting = rows(db, "select args from jobs.procrastinate_jobs where task_name = 'notifications.send_certificate'")
    assert [row["args"] for row in waiting] == [{"certificate_id": certificate["id"]}]


async def test_four_who_ask_at_once_are_given_the_same_certificate(
    db: Db, database: Database, settings: Settings, admin: Row
) -> None:
    (booking,) = trained(db)

    async def ask() -> str:
        return await database.run(
            lambda writing: issue_certificate(
                writing, Actor(admin["id"]), booking["booking_reference"], settings=settings, now=utc_now()
            )
        )

    assert len(set(await asyncio.gather(*(ask() for _ in range(4))))) == 1
    assert len(rows(db, "select from certificates")) == 1


async def test_what_is_being_corrected_is_not_revoked_meanwhile(
    office_api: Api, db: Db, database: Database, settings: Settings, admin: Row
) -> None:
    certificate, actor = await issued(office_api, db), Actor(admin["id"])
    async with database.transaction() as correcting:
        await reissue_certificate(
            correcting, actor, certificate["number"], holder="Amina Kahn", note="", settings=settings, now=utc_now()
        )
        revoking = asyncio.create_task(
            database.run(lambda db: revoke_certificate(db, actor, certificate["number"], reason="identity", note=""))
        )
        # Nothing can be said of a wait but that it has not ended.
        await asyncio.wait([revoking], timeout=0.3)
        assert not revoking.done()
    with pytest.raises(CertificateOut):
        await revoking


@pytest.mark.parametrize("holder", ["\u202eAmina Khan", "Amina\u200b Khan", "A" * 121, " "])
async def test_no_name_with_invisible_letters_gets_onto_a_certificate(
    holder: str, office: Browser, office_api: Api, db: Db
) -> None:
    page = f"/office/certificates/{(await issued(office_api, db))['number']}"
    assert (await office.send_form(f"{page}/reissue", page=page, holder=holder, note="")).status_code == 422


async def test_a_name_that_cannot_be_printed_is_held_and_not_printed_as_boxes(
    office_api: Api, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whatever fonts this machine has.
    monkeypatch.setattr(documents, "_all_fonts", documents._embedded_fonts)
    (booking,) = trained(db, "王小明 Khan")
    answer = await office_api.post(f"/admin/bookings/{booking['booking_reference']}/certificate")
    assert answer.status_code == 409
    assert "Latin letters" in answer.json()["detail"]
    db.execute("update attendees set first_name = 'محمد' where booking_id = %s", (booking["id"],))
    answer = await office_api.post(f"/admin/bookings/{booking['booking_reference']}/certificate")
    assert answer.status_code == 200


async def test_a_second_asking_gives_the_same_certificate(office_api: Api, db: Db) -> None:
    certificate = await issued(office_api, db)
    reference = one(db, "select booking_reference from bookings")["booking_reference"]
    again = (await office_api.post(f"/admin/bookings/{reference}/certificate")).json()
    assert again["certificate_number"] == certificate["number"]
    assert len(rows(db, "select from certificates")) == 1


async def test_without_a_name_it_is_held_and_the_booking_stays_unmarked(office_api: Api, db: Db) -> None:
    schedule = a_schedule(db, instructor_id=ben(db)["id"])
    order = an_order(db, people=(None,), schedule=schedule)
    move_schedule_to_past(db, schedule)
    booking = update(db, "bookings", order["bookings"][0], status="completed")
    answer = await office_api.post(f"/admin/bookings/{booking['booking_reference']}/certificate")
    assert (answer.status_code, answer.json()["code"]) == (409, "certificate_incomplete")
    assert not one(db, "select certificate_issued from bookings")["certificate_issued"]


async def test_a_stranger_checks_it_and_learns_no_first_name(office_api: Api, api: Api, db: Db) -> None:
    certificate = await issued(office_api, db)
    answer = (await api.get(f"/certificates/{certificate['number'].lower()}")).json()
    assert (answer["state"], answer["holder"], answer["number"]) == ("valid", "A. Khan", certificate["number"])
    assert "Amina" not in str(answer)
    unknown = await api.get("/certificates/RFT-C-00000-00000-0000")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "certificate_not_found")


async def test_the_qr_codes_text_is_verified_and_shows_the_whole_name(
    office_api: Api, browser: Browser, db: Db
) -> None:
    certificate = await issued(office_api, db)
    text = bytes(one(db, "select pdf from certificate_files")["pdf"]).decode("latin-1")
    [token, *_] = re.findall(r"RFTCERT1\.[\w-]+\.[\w-]+\.[\w-]+", text)
    answer = await browser.send_form("/certificates/check", page="/certificates", text=token)
    assert "Amina Khan" in answer.text
    assert certificate["number"] in answer.text
    changed = token[:-9] + ("B" if token[-9] == "A" else "A") + token[-8:]
    forged = await browser.send_form("/certificates/check", page="/certificates", text=changed)
    assert forged.status_code == 422
    assert "Error" in forged.text


async def test_a_row_changed_behind_our_back_is_not_shown_as_valid(office_api: Api, browser: Browser, db: Db) -> None:
    certificate = await issued(office_api, db)
    db.execute("set session_replication_role = replica")
    update(db, "certificates", certificate, holder="Dev Shah")
    answer = await browser.get(f"/certificates/{certificate['number']}")
    assert answer.status_code == 422
    assert "This certificate is genuine" not in answer.text


async def test_only_the_link_in_the_mail_opens_the_file(
    office_api: Api, browser: Browser, db: Db, settings: Settings
) -> None:
    certificate = await issued(office_api, db)
    page = f"/certificates/{certificate['number']}/file"
    assert (await browser.get(page)).status_code == 404
    answer = await browser.get(page, params={"token": file_token(settings, certificate["number"])})
    assert answer.content.startswith(b"%PDF-")


async def test_carol_corrects_a_name_and_the_old_one_says_so(
    office: Browser, office_api: Api, api: Api, db: Db
) -> None:
    old = await issued(office_api, db)
    page = f"/office/certificates/{old['number']}"
    answer = await office.send_form(f"{page}/reissue", page=page, holder="Amina  Yusuf Khan", note="Married")
    new = one(db, "select * from certificates where replaces = %(id)s", id=old["id"])
    assert answer.headers["location"] == f"/office/certificates/{new['number']}"
    assert (new["holder"], new["completed_on"], new["expires_on"]) == (
        "Amina Yusuf Khan",
        old["completed_on"],
        old["expires_on"],
    )
    assert (await api.get(f"/certificates/{old['number']}")).json()["state"] == "replaced"
    again = await office.send_form(f"{page}/reissue", page=page, holder="Somebody Else")
    assert again.status_code == 409


async def test_carol_revokes_with_a_reason_and_everybody_hears_it(
    office: Browser, office_api: Api, api: Api, db: Db
) -> None:
    certificate = await issued(office_api, db)
    page = f"/office/certificates/{certificate['number']}"
    assert (await office.send_form(f"{page}/revoke", page=page, reason="")).status_code == 422
    assert (await office.send_form(f"{page}/revoke", page=page, reason="identity")).status_code == 303
    answer = (await api.get(f"/certificates/{certificate['number']}")).json()
    assert (answer["state"], answer["revoked_on"] is not None) == ("revoked", True)
    assert one(db, "select action from admin_activity_logs order by id desc limit 1")["action"] == "certificate.revoke"


async def test_a_whole_course_is_done_in_one_batch_and_held_ones_say_why(
    office: Browser, db: Db, database: Database, settings: Settings
) -> None:
    booking = trained(db, "Amina Khan", "Dev Shah", "Eve Wong")[0]
    db.execute("delete from attendees where last_name = 'Wong'")
    page = f"/office/schedules/{booking['course_schedule_id']}/certificates"
    assert (await office.send_form(page, page=page)).status_code == 303
    assert "0 of 3 done" in (await office.get(page)).text
    await make_batch(Context(database, settings), one(db, "select id from certificate_batches")["id"])
    shown = (await office.get(page)).text
    assert "Dev Shah" in shown
    assert "1 certificate held" in shown
    assert (await office.get(f"{page}.zip")).content.startswith(b"PK")


async def test_a_server_without_the_key_holds_a_batch_and_another_can_begin(
    office: Browser, db: Db, database: Database, settings: Settings
) -> None:
    booking = trained(db, "Amina Khan", "Dev Shah")[0]
    insert(db, "signing_keys", key_id="elsewhere", public_key=bytes(32))
    page = f"/office/schedules/{booking['course_schedule_id']}/certificates"
    for batch in (1, 2):
        await office.send_form(page, page=page)
        await make_batch(Context(database, settings), one(db, "select max(id) as id from certificate_batches")["id"])
        assert len(rows(db, "select from certificate_batches where finished_at >= asked_at")) == batch
    assert "The private half of the key elsewhere is not on this server" in (await office.get(page)).text


async def test_one_that_is_held_keeps_nobody_elses_back_and_the_mails_follow(
    office: Browser, db: Db, database: Database, settings: Settings
) -> None:
    booking = trained(db, "Amina Khan", "Dev Shah", "Eve Wong")[0]
    db.execute("delete from attendees where last_name = 'Wong'")
    page = f"/office/schedules/{booking['course_schedule_id']}/certificates"
    await office.send_form(page, page=page)
    await make_batch(Context(database, settings), one(db, "select id from certificate_batches")["id"])
    waiting = rows(db, "select args from jobs.procrastinate_jobs where task_name = 'notifications.send_certificates'")
    for job in waiting:
        await send_certificates(Context(database, settings), **job["args"])
    assert len(rows(db, "select from outbox_mails where email_type = 'certificate_issued'")) == 2


@pytest.mark.parametrize(
    "breach",
    [
        "update certificates set holder = 'Dev Shah'",
        "delete from certificates",
        "update certificate_files set pdf = ''",
        "update bookings set certificate_issued = false, certificate_issued_date = null",
        "update signing_keys set public_key = decode(repeat('00', 32), 'hex')",
        TWIN,
    ],
)
async def test_no_client_changes_unmakes_or_doubles_a_certificate(breach: str, office_api: Api, db: Db) -> None:
    await issued(office_api, db)
    with pytest.raises(psycopg.errors.CheckViolation):
        db.execute(breach.encode())


def test_no_client_certifies_a_booking_that_was_not_completed(db: Db) -> None:
    booking = confirm(db, an_order(db, confirmed=False)["bookings"][0])
    insert(db, "signing_keys", key_id="a", public_key=bytes(32))
    facts: dict[str, Any] = {
        "number": "RFT-C-00000-00000-0000", "booking_id": booking["id"], "holder": "Amina", "course_name": "EFAW", "course_type": "EFAW",
        "hours": 6, "completed_on": "2026-01-01", "expires_on": "2029-01-01", "trainer": "Ben", "issuer": "RFT", "key_id": "a",
        "signature": bytes(64), "issued_by": booking["user_id"],
    }  # fmt: skip
    with pytest.raises(psycopg.errors.CheckViolation, match="completed booking"):
        insert(db, "certificates", **facts)
    assert completed_booking(db, a_schedule(db))["status"] == "completed"
