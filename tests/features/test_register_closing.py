"""Completion: a register that was kept decides who completed a course; what is missing is said; closing, reopening, access needs."""

from datetime import timedelta

import psycopg
import pytest

from rft.attendance.service import forget_access_needs, list_completion
from rft.database.pool import Database
from rft.kit.clock import utc_now
from tests.builders import Db, Row, insert, reload, update
from tests.cast import ben
from tests.features.api import Api, a_token, bearer
from tests.features.browser import Browser
from tests.features.teaching import a_course_of, a_mark, all_passed, keys_of
from tests.features.test_register_marks import phone, send, teacher  # noqa: F401 (fixtures)


@pytest.fixture
def password(db: Db, teacher: Row, password_hash: str) -> Row:  # noqa: F811
    return update(db, "users", teacher, password_hash=password_hash)


async def close(browser: Browser, schedule: Row) -> str:
    address = f"/instructor/courses/{schedule['id']}/close"
    answer = await browser.send_form(address, page=address)
    assert answer.status_code == 303, answer.text
    return (await browser.get(answer.headers["location"])).text


async def test_closing_completes_who_was_there_and_holds_the_others_with_the_reasons(
    phone: Api, db: Db, teacher: Row, browser: Browser, password: Row  # noqa: F811
) -> None:  # fmt: skip
    schedule, (amina, bilal, cara) = a_course_of(db, teacher, "Amina", "Bilal", "Cara", days=2)
    first, second = keys_of(db, schedule)
    await send(
        phone, first, a_mark(amina, "present"), a_mark(bilal, "late"), a_mark(cara, "absent"), *all_passed(db, amina)
    )
    await send(phone, second, a_mark(amina, "present"), a_mark(bilal, "left_early"), a_mark(cara, "absent"))
    await browser.sign_in(teacher["email"])
    page = await close(browser, schedule)
    assert [reload(db, "bookings", one)["status"] for one in (amina, bilal, cara)] == [
        "completed",
        "confirmed",
        "no_show",
    ]
    for reason in ("Identity not seen", "Not assessed", "Not there on"):
        assert reason in page


async def test_no_client_completes_a_booking_that_its_register_does_not(
    phone: Api, db: Db, teacher: Row  # noqa: F811
) -> None:  # fmt: skip
    schedule, (amina, bilal) = a_course_of(db, teacher, "Amina", "Bilal")
    await send(phone, keys_of(db, schedule)[0], a_mark(amina, "present"), *all_passed(db, amina))
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        update(db, "bookings", bilal, status="completed")
    assert caught.value.diag.constraint_name == "bookings_completed_when_attended"
    assert update(db, "bookings", amina, status="completed")["status"] == "completed"


async def test_where_no_register_was_kept_rule_5_stands_alone(db: Db) -> None:
    _, (amina,) = a_course_of(db, ben(db), "Amina")
    assert update(db, "bookings", amina, status="completed")["status"] == "completed"


async def test_two_devices_that_differ_hold_a_booking(
    phone: Api, db: Db, teacher: Row, database: Database  # noqa: F811
) -> None:  # fmt: skip
    schedule, (amina,) = a_course_of(db, teacher, "Amina")
    marks = [a_mark(amina, "present"), a_mark(amina, "absent", device="Tablet"), *all_passed(db, amina)]
    await send(phone, keys_of(db, schedule)[0], *marks)
    async with database.connection() as reading:
        completion = await list_completion(reading, schedule["id"])
    assert "Two devices differ about the attendance" in completion[0].missing


async def test_marks_that_come_after_closing_wait_until_the_office_opens_the_register_again(
    phone: Api, db: Db, teacher: Row, browser: Browser, password: Row, office: Browser  # noqa: F811
) -> None:  # fmt: skip
    schedule, (amina,) = a_course_of(db, teacher, "Amina")
    key = keys_of(db, schedule)[0]
    await browser.sign_in(teacher["email"])
    await close(browser, schedule)
    late = await send(phone, key, a_mark(amina, "present"), *all_passed(db, amina))
    assert late["people"][0]["fields"] == {}
    address = f"/office/schedules/{schedule['id']}/register"
    assert "7 marks have come in since" in (await office.get(address)).text
    assert (await office.send_form(f"{address}/reopen", page=address, because="")).status_code == 422
    assert (await office.send_form(f"{address}/reopen", page=address, because="A phone was late")).status_code == 303
    await close(browser, schedule)
    assert reload(db, "bookings", amina)["status"] == "completed"


async def test_access_needs_are_shown_to_the_days_trainer_each_reading_is_logged_and_they_are_forgotten(
    db: Db, teacher: Row, browser: Browser, password: Row, database: Database  # noqa: F811
) -> None:  # fmt: skip
    schedule, (amina,) = a_course_of(db, teacher, "Amina")
    insert(db, "access_needs", booking_id=amina["id"], needs="A chair with arms")
    await browser.sign_in(teacher["email"])
    page = f"/instructor/register/{keys_of(db, schedule)[0]}"
    assert "A chair with arms" not in (await browser.get(page)).text
    shown = await browser.send_form(f"{page}/needs/{amina['booking_reference']}", page=page)
    assert "A chair with arms" in shown.text
    readings = db.execute("select booking_id, read_by from access_need_readings").fetchall()
    assert readings == [{"booking_id": amina["id"], "read_by": teacher["id"]}]
    async with database.transaction() as writing:
        assert await forget_access_needs(writing, before=utc_now() - timedelta(days=30)) == 0
        assert await forget_access_needs(writing, before=utc_now()) == 1


async def test_an_instructor_is_told_of_no_course_but_their_own(
    db: Db, teacher: Row, browser: Browser, password: Row, api: Api  # noqa: F811
) -> None:  # fmt: skip
    schedule, (amina,) = a_course_of(db, ben(db, email="other@example.com"), "Amina")
    await browser.sign_in(teacher["email"])
    key = keys_of(db, schedule)[0]
    for page in (f"register/{key}", f"courses/{schedule['id']}/close", f"courses/{schedule['id']}/register.pdf"):
        assert (await browser.get(f"/instructor/{page}")).status_code == 404
    for form in (
        f"register/{key}/person/{amina['booking_reference']}",
        f"register/{key}/sync",
        f"courses/{schedule['id']}/close",
    ):
        assert (await browser.send_form(f"/instructor/{form}", page="/instructor")).status_code == 404
    assert (await browser.get(f"/office/schedules/{schedule['id']}/register")).status_code == 403
    assert bearer(a_token(db, teacher))
