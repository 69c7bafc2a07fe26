"""The office adds a date from a course and changes it: filled in beforehand, refused with the row in the way and what is free instead."""

import re
from datetime import timedelta

import httpx
import pytest

from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.notifications.jobs import send_schedule_changed
from tests.builders import Db, Row, a_course, a_schedule, a_venue, an_instructor, insert, reload, update
from tests.features.browser import Browser
from tests.features.mailing import an_order, context, one, rows, utc

NEW = "/office/schedules/new"


def filled_in(page: str) -> dict[str, str]:
    """The form's fields as they stand on the page."""
    inputs = dict(
        re.findall(r'<input class="input[^"]*" type="\w+" id="field-[^"]+" name="([^"]+)"[^>]*? value="([^"]*)"', page)
    )
    chosen = dict(
        re.findall(r'<select [^>]*?name="([^"]+)"[^>]*>(?:(?!</select>).)*?value="(\d+)" selected', page, re.S)
    )
    seen = re.findall(r'name="seen" value="([^"]*)"', page)
    return inputs | chosen | {"seen": seen[0]}


@pytest.fixture
def faw(db: Db) -> Row:
    course = a_course(db, name="First Aid at Work", course_type="FAW", duration_hours=18)
    insert_variant(db, course, "faw")
    return course


def insert_variant(db: Db, course: Row, qualification: str) -> None:
    db.execute("insert into course_variants values (%s, %s)", (course["id"], qualification))


async def test_a_course_fills_in_its_days_hours_and_breaks(office: Browser, faw: Row) -> None:
    form = filled_in((await office.get(f"{NEW}?course={faw['id']}&on=2031-03-03")).text)
    assert [form[f"day-{number}"] for number in range(3)] == ["2031-03-03", "2031-03-04", "2031-03-05"]
    assert (form["starts-0"], form["ends-2"], form["breaks_minutes"]) == ("09:30", "16:30", "60")
    assert form["course_id"] == str(faw["id"])


async def test_carol_adds_a_date_of_days_that_do_not_follow_one_another(db: Db, office: Browser, faw: Row) -> None:
    venue, ruth = a_venue(db), an_instructor(db, first_name="Ruth")
    form = filled_in((await office.get(f"{NEW}?course={faw['id']}&on=2031-03-03")).text)
    answer = await office.send_form(NEW, page=NEW, **form | {"venue_id": str(venue["id"]), "instructor_id": str(ruth["id"]),
        "day-2": "2031-03-10", "minimum_seats": "4", "decide_by": "2031-02-17"})  # fmt: skip
    assert answer.status_code == 303
    schedule = one(db, "select * from course_schedules")
    assert (schedule["status"], schedule["start_datetime"], schedule["end_datetime"]) == (
        "draft", utc(2031, 3, 3, 9, 30), utc(2031, 3, 10, 16, 30),
    )  # fmt: skip
    assert len(rows(db, "select id from schedule_sessions")) == 3
    assert one(db, "select minimum_seats, breaks_minutes from schedule_plans") == {
        "minimum_seats": 4,
        "breaks_minutes": 60,
    }


def edit_page(schedule: Row) -> str:
    return f"/office/schedules/{schedule['id']}/edit"


async def edit(office: Browser, schedule: Row, **fields: str) -> httpx.Response:
    """Opens the date's form and sends it with these fields changed."""
    form = filled_in((await office.get(edit_page(schedule))).text)
    return await office.send_form(edit_page(schedule), page=edit_page(schedule), **form | fields)


async def test_a_taken_venue_is_refused_with_the_date_in_the_way_and_what_is_free_instead(
    db: Db, office: Browser
) -> None:
    there = a_schedule(db, start_datetime=utc(2031, 3, 3, 9, 30), course=a_course(db, name="CPR and AED"))
    small, big = a_venue(db, name="Back Room", capacity=1), a_venue(db, name="Town Hall")
    draft = a_schedule(db, status="draft", venue=big)
    answer = await edit(office, draft, venue_id=str(there["venue_id"]), **{"day-0": "2031-03-03"})
    assert answer.status_code == 409
    for words in ("CPR and AED", "Monday 3 March 2031, 09:30 to 16:30", "What would be free", f'value="venue:{big["id"]}"',
                  f'value="venue:{small["id"]}"', 'value="later:1"'):  # fmt: skip
        assert words in answer.text
    assert reload(db, "course_schedules", draft) == draft


async def test_a_choice_that_is_pressed_is_saved(db: Db, office: Browser) -> None:
    there, draft = a_schedule(db, start_datetime=utc(2031, 3, 3, 9, 30)), a_schedule(db, status="draft")
    fields = {"venue_id": str(there["venue_id"]), "day-0": "2031-03-03", "starts-0": "09:30", "ends-0": "16:30"}
    assert (await edit(office, draft, **fields, choice="later:1")).status_code == 303
    assert reload(db, "course_schedules", draft)["start_datetime"] == utc(2031, 3, 4, 9, 30)


async def test_an_instructor_who_teaches_elsewhere_is_named_with_where(db: Db, office: Browser) -> None:
    ruth = an_instructor(db, first_name="Ruth", last_name="Adeyemi")
    tom = an_instructor(db, first_name="Tom", last_name="Eastwood")
    a_schedule(db, instructor_id=ruth["id"], start_datetime=utc(2031, 3, 3, 9, 30), venue=a_venue(db, name="Town Hall"))
    draft = a_schedule(db, status="draft")
    answer = await edit(office, draft, instructor_id=str(ruth["id"]), **{"day-0": "2031-03-03"})
    assert answer.status_code == 409
    assert "Ruth Adeyemi already teaches" in answer.text
    assert "at Town Hall, Leeds" in answer.text
    assert f'value="instructor:{tom["id"]}"' in answer.text


async def test_of_two_who_edit_one_date_the_later_sees_both_versions_and_loses_nothing(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, status="draft")
    mine = filled_in((await office.get(edit_page(schedule))).text) | {"notes": "Bring boots."}
    assert (await edit(office, schedule, notes="Bring a coat.")).status_code == 303
    answer = await office.send_form(edit_page(schedule), page=edit_page(schedule), **mine)
    assert answer.status_code == 409
    assert "Bring a coat." in answer.text
    assert ">Bring boots.</textarea>" in answer.text
    assert reload(db, "course_schedules", schedule)["notes"] == "Bring a coat."
    mine["seen"] = filled_in(answer.text)["seen"]
    assert (await office.send_form(edit_page(schedule), page=edit_page(schedule), **mine)).status_code == 303
    assert reload(db, "course_schedules", schedule)["notes"] == "Bring boots."


async def test_a_live_date_that_moves_tells_everybody_booked_with_a_newer_calendar_entry(
    db: Db, office: Browser, database: Database
) -> None:
    schedule = a_schedule(db, start_datetime=utc(2031, 3, 3, 9, 30))
    an_order(db, schedule=schedule, people=("Amina Khan", None))
    assert (await edit(office, schedule, **{"day-0": "2031-03-05"})).status_code == 303
    move = one(db, "select id from schedule_moves")
    assert rows(db, "select task_name from jobs.procrastinate_jobs") == [
        {"task_name": "notifications.send_schedule_changed"}
    ]
    for _ in range(2):
        await send_schedule_changed(context(database), move["id"])
    mail = one(db, "select * from outbox_mails")
    assert "It was: Monday 3 March 2031, 09:30 to 16:30" in mail["text_body"]
    assert "Wednesday 5 March 2031, 09:30 to 16:30" in mail["text_body"]
    assert "SEQUENCE:1" in mail["calendar"]


async def test_a_new_place_is_told_with_the_old_one_and_a_new_instructor_to_nobody_who_booked(
    db: Db, office: Browser, database: Database
) -> None:
    schedule = a_schedule(db, start_datetime=utc(2031, 3, 3, 9, 30), venue=a_venue(db, name="Old Hall"))
    an_order(db, schedule=schedule, people=("Amina Khan", None))
    ruth = an_instructor(db, first_name="Ruth", last_name="Adeyemi")
    saved = await edit(office, schedule, instructor_id=str(ruth["id"]))
    assert "Everybody booked" not in (await office.get(saved.headers["location"])).text
    tasks = [job["task_name"] for job in rows(db, "select task_name from jobs.procrastinate_jobs order by id")]
    assert tasks == ["notifications.send_teaching_changed"]
    await edit(office, schedule, venue_id=str(a_venue(db, name="New Hall")["id"]))
    job = one(db, "select args from jobs.procrastinate_jobs where task_name like '%%schedule_changed'")
    await send_schedule_changed(context(database), **job["args"])
    text = one(db, "select text_body from outbox_mails")["text_body"]
    assert "It was: Monday 3 March 2031, 09:30 to 16:30, at Old Hall, Leeds" in text
    assert "New Hall" in text


async def test_a_date_under_its_minimum_is_on_today_once_its_day_of_decision_is_near(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    columns = {
        "course_schedule_id": schedule["id"],
        "minimum_seats": 4,
        "decide_by": utc_now().date() + timedelta(days=20),
    }
    insert(db, "schedule_plans", **columns)
    assert "does it run?" not in (await office.get("/office")).text
    db.execute("update schedule_plans set decide_by = decide_by - 14")
    page = (await office.get("/office")).text
    assert "0 of the 4 people needed: does it run?" in page
    assert f"/office/schedules/{schedule['id']}" in page


async def test_notes_alone_tell_nobody(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    assert (await edit(office, schedule, notes="Bring boots.")).status_code == 303
    assert rows(db, "select id from schedule_moves") == []


async def test_a_duplicate_is_the_same_a_week_later(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, start_datetime=utc(2031, 3, 24, 9, 30), notes="Bring boots.")
    page = (await office.get(f"{NEW}?like={schedule['id']}")).text
    # The clocks change in between: half past nine stays half past nine.
    assert {"day-0": "2031-03-31", "starts-0": "09:30", "seen": ""}.items() <= filled_in(page).items()
    assert "Bring boots." in page


async def test_what_is_wrong_is_said_beside_its_field_and_the_rest_is_kept(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, status="draft")
    answer = await edit(office, schedule, notes="Bring boots.", minimum_seats="many", **{"ends-0": "01:00"})
    assert answer.status_code == 422
    assert "The end comes after the start." in answer.text
    assert "Bring boots." in answer.text


@pytest.mark.parametrize("starts", ["09:30+01:00", "09:30Z", "24:00", "\u0660\u0669:\u0663\u0660"])
async def test_a_time_that_no_wall_clock_shows_is_refused_beside_its_field(
    db: Db, office: Browser, starts: str
) -> None:
    answer = await edit(office, a_schedule(db), **{"starts-0": starts})
    assert (answer.status_code, "Enter when it starts" in answer.text) == (422, True)


async def test_a_client_has_a_place_of_its_own_and_the_public_sees_nothing_of_it(
    db: Db, office: Browser, browser: Browser
) -> None:
    course = a_course(db)
    form = filled_in((await office.get(f"{NEW}?course={course['id']}&on=2031-03-03")).text)
    client = {"in_house_for": "Acme Ltd", "place_name": "Acme Works", "place_address": "1 Mill Lane", "place_city": "Otley",
              "place_postcode": "LS21 1AA", "place_seats": "8"}  # fmt: skip
    assert (await office.send_form(NEW, page=NEW, **form | client)).status_code == 303
    schedule = one(db, "select id from course_schedules")
    update(db, "course_schedules", schedule, status="published")
    assert "Acme" not in (await browser.get("/dates")).text + (await browser.get("/")).text
    assert (await browser.get(f"/schedules/{schedule['id']}")).status_code == 404
    assert "In-house for" in (await office.get(f"/office/schedules/{schedule['id']}")).text
