"""Feedback: asked once, answered once, kept without a name, and hidden from the instructor while it is of few."""

from datetime import timedelta

import psycopg
import pytest

from rft.database.pool import Database
from rft.feedback.rules import QUESTIONS
from rft.feedback.service import ask_all
from rft.kit.clock import utc_now
from rft.settings import Settings
from tests.builders import Db, Row, insert, update
from tests.cast import ben
from tests.features.browser import Browser
from tests.features.expiring import trained
from tests.features.mailing import one, rows


def answers(score: int = 4, **columns: str) -> dict[str, str]:
    return {name: str(score) for name in QUESTIONS} | columns


async def asked(db: Db, database: Database, settings: Settings) -> str:
    """Amina's link."""
    assert await ask_all(database, settings, now=utc_now() + timedelta(days=1)) == 1
    text: str = one(db, "select text_body from outbox_mails where email_type = 'feedback_request'")["text_body"]
    return "/feedback/" + text.partition("/feedback/")[2].split()[0]


async def test_whoever_attended_is_asked_once_at_their_own_address(
    db: Db, database: Database, settings: Settings
) -> None:
    trained(db)
    team = trained(db, "Dev Shah", "Eve Wong")
    db.execute("update attendees set email = 'eve@example.com' where booking_id = %s", (team["bookings"][1]["id"],))
    ended = one(db, "select max(end_datetime) as at from course_schedules")["at"]
    assert await ask_all(database, settings, now=ended) == 0
    assert [await ask_all(database, settings, now=ended + timedelta(days=1)) for _ in range(2)] == [2, 0]
    mails = rows(db, "select recipient from outbox_mails order by recipient")
    assert [mail["recipient"] for mail in mails] == ["amina@example.com", "eve@example.com"]


async def test_amina_answers_once_and_nothing_says_it_was_her(
    browser: Browser, db: Db, database: Database, settings: Settings
) -> None:
    teacher = ben(db)
    trained(db, instructor_id=teacher["id"])
    link = await asked(db, database, settings)
    wrong = await browser.send_form(link, page=link, **answers(trainer="6", comment="Fine <b>"))
    assert wrong.status_code == 422
    assert "Fine &lt;b&gt;" in wrong.text
    token = await browser.csrf_token(link)
    sent = [await browser.post(link, data={"csrf_token": token, **answers(comment="Fine")}) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [303, 409]
    assert "Thank you" in (await browser.get(link)).text
    kept = one(db, "select * from feedback_answers")
    assert (kept["instructor_id"], kept["comment"], kept["trainer"]) == (teacher["id"], "Fine", 4)
    assert not any("booking" in name or "user" in name for name in kept)
    assert (await browser.get(link + "x")).status_code == 404


def given(db: Db, schedule: Row, teacher: Row, number: int) -> None:
    for _ in range(number):
        insert(
            db,
            "feedback_answers",
            course_schedule_id=schedule["id"],
            instructor_id=teacher["id"],
            comment="Lively",
            **answers(5),
        )


async def test_ben_sees_nothing_of_two_answers_and_carol_sees_all(
    office: Browser, browser: Browser, db: Db, password_hash: str
) -> None:
    teacher = ben(db, password_hash=password_hash)
    schedule = {"id": trained(db, instructor_id=teacher["id"])["course_schedule_id"]}
    await browser.sign_in(teacher["email"])
    given(db, schedule, teacher, 2)
    assert 'href="/feedback/mine"' in (await browser.get("/instructor")).text
    assert "Lively" not in (await browser.get("/feedback/mine")).text
    assert "Lively" in (page := (await office.get("/office/feedback")).text)
    assert "Ben Osei" in page
    given(db, schedule, teacher, 1)
    assert "Lively" in (page := (await browser.get("/feedback/mine")).text)
    assert "5.0" in page


async def test_an_answer_is_never_changed_but_a_comment_can_be_taken_out(office: Browser, db: Db) -> None:
    teacher = ben(db)
    given(db, {"id": trained(db)["course_schedule_id"]}, teacher, 1)
    kept = one(db, "select id, trainer from feedback_answers")
    for change in ({"trainer": 1}, {"comment": "Better"}):
        with pytest.raises(psycopg.errors.CheckViolation):
            update(db, "feedback_answers", kept, **change)
    path = f"/office/feedback/{kept['id']}/take-out"
    assert (await office.send_form(path, page="/office/feedback")).status_code == 303
    assert one(db, "select comment, trainer from feedback_answers") == {"comment": None, "trainer": 5}
    assert (await office.send_form(path, page="/office")).status_code == 404
