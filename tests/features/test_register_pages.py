"""The instructor's pages without scripts, the walk-in, the day that is made up, and the register on paper."""

import io
import json
import re
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from pypdf import PdfReader

from rft.attendance.make_ups import complete_made_up
from rft.audit.service import Actor
from rft.database.pool import Database
from rft.kit.clock import utc_now
from tests.builders import Db, Row, a_course, a_schedule, a_venue, insert, move_schedule_to_past, reload, update
from tests.cast import ben
from tests.features.browser import Browser
from tests.features.mailing import one, rows
from tests.features.teaching import a_course_of, a_mark, keys_of, outcomes_of


@pytest.fixture
def teacher(db: Db, password_hash: str) -> Row:
    return ben(db, password_hash=password_hash)


@pytest.fixture
async def phone(browser: Browser, teacher: Row) -> Browser:
    """Ben's, signed in."""
    assert (await browser.sign_in(teacher["email"])).status_code == 303
    return browser


def heads_on(page: str) -> str:
    found = re.search(r'name="heads" value="([^"]*)"', page)
    assert found, "the form remembers what it was drawn with"
    return found[1].replace("&#34;", '"')


async def test_without_scripts_a_form_marks_a_person_and_changes_only_what_was_changed(
    phone: Browser, db: Db, teacher: Row
) -> None:
    schedule, (amina,) = a_course_of(db, teacher, "Amina")
    page = f"/instructor/register/{keys_of(db, schedule)[0]}"
    form = f"{page}/person/{amina['booking_reference']}"
    everything = {f"assessment-{code}": "pass" for code in outcomes_of(db)}
    everything |= {
        "attendance": "late",
        "at": "09:50",
        "identity": "passport",
        "signature_name": "Amina Khan",
        "note": "Left-handed",
    }
    assert (await phone.send_form(form, page=page, heads="{}", **everything)).status_code == 303
    shown = (await phone.get(page)).text
    assert "Late, 09:50" in shown
    changed = everything | {"attendance": "present"}
    assert (await phone.send_form(form, page=page, heads=heads_on(shown), **changed)).status_code == 303
    kept = db.execute("select kind, value from register_state where field = 'attendance'").fetchall()
    assert kept == [{"kind": "present", "value": {}}]
    assert db.execute("select count(*) as marks from register_marks").fetchone() == {"marks": 10}


async def test_two_forms_that_were_open_at_once_are_shown_as_a_difference_and_one_press_decides(
    phone: Browser, db: Db, teacher: Row
) -> None:
    schedule, (amina,) = a_course_of(db, teacher, "Amina")
    page = f"/instructor/register/{keys_of(db, schedule)[0]}"
    form = f"{page}/person/{amina['booking_reference']}"
    for attendance in ("present", "absent"):
        await phone.send_form(form, page=page, heads="{}", attendance=attendance)
    shown = (await phone.get(page)).text
    assert "Two devices differ" in shown
    (present,) = re.findall(r'name="keep" value="([^"]+)"[^>]*>Keep this<span class="visually-hidden"> Present', shown)
    await phone.send_form(form, page=page, keep=present)
    shown = (await phone.get(page)).text
    assert "Two devices differ" not in shown
    assert db.execute("select kind from register_state").fetchall() == [{"kind": "present"}]


async def test_a_mark_that_nobody_can_read_keeps_back_no_other_and_half_an_emoji_is_kept(
    phone: Browser, db: Db, teacher: Row
) -> None:
    schedule, (amina,) = a_course_of(db, teacher, "Amina")
    page = f"/instructor/register/{keys_of(db, schedule)[0]}"
    note = a_mark(amina, "note", value={"text": "Well done \ud83d\0"}, at="1970-01-01T00:00:07+00:00")
    wrong = [
        a_mark(amina, "dance"),
        a_mark(amina, "present", device="\u202e"),
        a_mark(amina, "note", value={"text": 1e999}),
    ]
    marks = json.dumps([*wrong, note, a_mark(amina, "present")])
    answer = await phone.send_form(f"{page}/sync", page=page, marks=marks)
    assert (answer.status_code, set(answer.json()["refused"])) == (200, {mark["id"] for mark in wrong})
    kept = rows(db, "select kind, value, made_at from register_marks order by kind")
    assert [mark["kind"] for mark in kept] == ["note", "present"]
    assert (kept[0]["value"], kept[0]["made_at"]) == ({"text": "Well done \ufffd\ufffd"}, datetime(2000, 1, 1))  # noqa: DTZ001
    for no_batch in ("NaN", '{"a": 1}', "[" * 9000):
        assert (await phone.send_form(f"{page}/sync", page=page, marks=no_batch)).status_code == 422


async def test_a_signature_is_no_place_for_markup_and_the_paper_survives_an_old_one(
    phone: Browser, db: Db, teacher: Row
) -> None:
    schedule, (amina,) = a_course_of(db, teacher, "Amina")
    page = f"/instructor/register/{keys_of(db, schedule)[0]}"
    mark = a_mark(amina, "signature", value={"name": "Amina", "path": "'/><image href='http://rft.test/x.png"})
    answer = await phone.send_form(f"{page}/sync", page=page, marks=json.dumps([mark]))
    assert answer.json()["refused"] == {mark["id"]: "A signature is drawn by lines, or written as a name."}
    db.execute("alter table register_marks drop constraint register_marks_signature_drawn")
    await phone.send_form(f"{page}/sync", page=page, marks=json.dumps([mark]))
    paper = await phone.get(f"/instructor/courses/{schedule['id']}/register.pdf")
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")


async def test_nobody_walks_in_before_the_day_or_onto_a_register_that_is_closed(
    phone: Browser, db: Db, teacher: Row
) -> None:
    dana = {"first_name": "Dana", "last_name": "Holt", "email": "dana@example.com"}
    begun, _ = a_course_of(db, teacher, "Amina")
    to_come = a_schedule(db, instructor_id=teacher["id"])
    await phone.send_form(f"/instructor/courses/{begun['id']}/close", page=f"/instructor/courses/{begun['id']}/close")
    for schedule, told in ((begun, "The register is closed"), (to_come, "from the day of the course on")):
        page = f"/instructor/register/date-{schedule['id']}"
        answer = await phone.send_form(f"{page}/walk-in", page=page, **dana)
        assert (answer.status_code, told in answer.text, 'value="Dana"' in answer.text) == (409, True, True)
    assert rows(db, "select from orders") == []


async def test_a_mark_has_a_time_whoever_writes_it(db: Db, teacher: Row) -> None:
    schedule, (amina,) = a_course_of(db, teacher, "Amina")
    told = {"id": uuid4(), "booking_id": amina["id"], "kind": "present", "device": "psql", "made_by": teacher["id"]}
    with pytest.raises(psycopg.errors.CheckViolation, match="register_marks_made_at_finite"):
        insert(db, "register_marks", course_schedule_id=schedule["id"], made_at="infinity", **told)


async def test_today_shows_bens_course_with_where_it_is_and_what_is_still_to_close(
    phone: Browser, db: Db, teacher: Row
) -> None:
    a_course_of(db, teacher, "Amina")
    coming = a_schedule(db, instructor_id=teacher["id"], venue=a_venue(db, name="Holy Trinity Hall"))
    shown = (await phone.get("/instructor")).text
    for text in ("Still to close", "Holy Trinity Hall", f"/instructor/register/date-{coming['id']}"):
        assert text in shown


async def test_a_walk_in_takes_a_free_place_with_its_payment_waiting_and_a_full_course_takes_none(
    phone: Browser, db: Db, teacher: Row
) -> None:
    schedule, _ = a_course_of(db, teacher, "Amina")
    update(db, "venues", {"id": schedule["venue_id"]}, capacity=2)
    page = f"/instructor/register/{keys_of(db, schedule)[0]}"
    dana = {"first_name": "Dana", "last_name": "Reid", "email": "dana@example.com"}
    assert (await phone.send_form(f"{page}/walk-in", page=page, **dana)).status_code == 303
    assert "Dana Reid" in (await phone.get(page)).text
    row = db.execute("select status, payment_amount from bookings order by id desc limit 1").fetchone()
    assert row == {"status": "pending", "payment_amount": 75}
    full = await phone.send_form(f"{page}/walk-in", page=page, **dana | {"email": "eve@example.com"})
    assert (full.status_code, "Dana" in full.text) == (409, True)
    wrong = await phone.send_form(f"{page}/walk-in", page=page, **dana | {"email": "nowhere"})
    assert (wrong.status_code, 'value="Reid"' in wrong.text) == (422, True)


async def test_the_register_on_paper_names_everybody_and_what_is_missing(phone: Browser, db: Db, teacher: Row) -> None:
    schedule, (amina, _) = a_course_of(db, teacher, "Amina", "Bilal", days=2)
    page = f"/instructor/register/{keys_of(db, schedule)[0]}"
    insert(
        db, "register_marks", id="7d0e6bfa-9f0f-4f8c-9a52-7b1f3a1d2c01", course_schedule_id=schedule["id"],
        session_id=int(keys_of(db, schedule)[0]),
        booking_id=amina["id"], kind="signature", device="phone", made_by=teacher["id"], made_at=schedule["start_datetime"],
        value='{"path": "M10 20L300 100"}',
    )  # fmt: skip
    await phone.send_form(f"{page}/person/{amina['booking_reference']}", page=page, heads="{}", attendance="present")
    paper = await phone.get(f"/instructor/courses/{schedule['id']}/register.pdf")
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages)
    for words in ("Amina Khan", "Bilal Khan", "Present", "Identity not seen", "Emergency First Aid at Work"):
        assert words in text


async def test_a_missed_day_is_made_up_on_another_run_and_completes_the_place_it_was_missed_from(
    phone: Browser, db: Db, teacher: Row, database: Database
) -> None:
    course = a_course(db)
    first, (amina,) = a_course_of(db, teacher, "Amina", course=course)
    move_schedule_to_past(db, first, ended=timedelta(days=7))
    second, _ = a_course_of(db, teacher, "Bilal", course=course)
    here, there = (f"/instructor/register/{keys_of(db, run)[0]}" for run in (first, second))
    everything = {f"assessment-{code}": "pass" for code in outcomes_of(db)} | {"identity": "passport", "heads": "{}"}
    await phone.send_form(f"{here}/person/{amina['booking_reference']}", page=here, attendance="absent", **everything)
    made_up = await phone.send_form(f"{there}/make-up", page=there, missed=amina["booking_reference"])
    assert made_up.status_code == 303
    place = made_up.headers["location"].partition("#")[2]
    again = await phone.send_form(f"{there}/make-up", page=there, missed="RFT-NOBODY")
    assert (again.status_code, "There is no such booking." in again.text) == (422, True)
    await phone.send_form(f"{there}/person/{place}", page=there, attendance="present", heads="{}")
    close = f"/instructor/courses/{second['id']}/close"
    assert (await phone.send_form(close, page=close)).status_code == 303
    seat = db.execute("select id, status from bookings where booking_reference = %s", (place,)).fetchone()
    assert seat is not None
    async with database.transaction() as writing:
        await complete_made_up(writing, Actor(teacher["id"]), seat["id"])
    assert (seat["status"], reload(db, "bookings", amina)["status"]) == ("completed", "completed")
    with pytest.raises(psycopg.errors.CheckViolation):
        update(db, "bookings", seat, certificate_issued=True, certificate_issued_date=utc_now().date())


async def test_a_day_is_made_up_once_by_the_same_person_and_for_no_cancelled_place(
    phone: Browser, db: Db, teacher: Row
) -> None:
    course = a_course(db)
    first, (amina,) = a_course_of(db, teacher, "Amina", course=course)
    move_schedule_to_past(db, first, ended=timedelta(days=7))
    second, (bilal,) = a_course_of(db, teacher, "Bilal", course=course)
    here, there = (f"/instructor/register/{keys_of(db, run)[0]}" for run in (first, second))
    everything = {f"assessment-{code}": "pass" for code in outcomes_of(db)} | {"identity": "passport", "heads": "{}"}
    await phone.send_form(f"{here}/person/{amina['booking_reference']}", page=here, attendance="absent", **everything)
    # Somebody else's presence makes up for nothing.
    swapped = {"booking_id": amina["id"], "in_booking_id": bilal["id"], "agreed_by": teacher["id"]}
    with pytest.raises(psycopg.errors.CheckViolation, match="another run of the same course"):
        insert(db, "register_make_ups", **swapped)
    answers = [await phone.send_form(f"{there}/make-up", page=there, missed=amina["booking_reference"]) for _ in "ab"]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "being made up already" in answers[1].text
    place = one(db, "select * from bookings where user_id = %(id)s order by id desc limit 1", id=amina["user_id"])
    await phone.send_form(f"{there}/person/{place['booking_reference']}", page=there, attendance="present", heads="{}")
    lacks = "select register_missing(%(id)s) as missing"
    assert one(db, lacks, id=amina["id"])["missing"] == []
    update(db, "bookings", place, status="cancelled")
    assert one(db, lacks, id=amina["id"])["missing"] == ["attendance:"]
    for meddling in (
        "delete from register_make_ups",
        "update register_make_ups set agreed_at = agreed_at",
        "truncate register_make_ups",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute(meddling)
