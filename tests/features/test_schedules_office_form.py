"""The office adds a date from a course and changes it: filled in beforehand, refused with the row in the way and what is free instead."""

import re
from datetime import timedelta
from typing import Any

import pytest

from tests.builders import (
    Db,
    Row,
    a_course,
    a_schedule,
    a_venue,
    an_instructor,
    confirmed_booking,
    insert,
    reload,
    update,
)
from tests.features.browser import Browser
from tests.features.mailing import one, rows, utc

NEW = "/office/schedules/new"
_INPUT = re.compile(r'<(?:input|option)[^>]*?(?:name="([^"]+)")?[^>]*?value="([^"]*)"[^>]*>')


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
