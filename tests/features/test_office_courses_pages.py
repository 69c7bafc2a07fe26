"""Courses in the office: added, changed with the effect shown first, taken off sale and put back, and never lost between two admins."""

import json
import re
from html import unescape
from typing import Any

from tests.builders import Db, Row, a_booking, a_course, a_schedule, reload, update
from tests.features.api import Api, problem
from tests.features.browser import Browser
from tests.features.mailing import one, rows

NEW = "/office/courses/new"
FORM = {
    "name": "First Aid for Schools", "description": "Six hours.", "audience": "Teachers", "included": "A manual\nA certificate",
    "course_type": "EFAW", "qualification": "efaw", "duration_hours": "6", "price": "80.00", "max_capacity": "12",
    "certification_validity_years": "3", "is_active": "yes",
}  # fmt: skip
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def carried(page: str) -> dict[str, str]:
    """The hidden fields of the page's forms, as a browser sends them back."""
    return {name: unescape(value) for name, value in _HIDDEN.findall(page) if name != "csrf_token"}


async def opened(office: Browser, path: str, shown: dict[str, str]) -> dict[str, str]:
    """What the form at the path sends when nothing is typed into it."""
    hidden = carried((await office.get(path)).text)
    assert set(shown) == set(json.loads(hidden["was"]))
    return json.loads(hidden["was"]) | hidden


async def test_a_course_is_added_with_its_qualification_and_its_words(db: Db, office: Browser) -> None:
    answer = await office.send_form(NEW, page=NEW, **FORM)
    assert answer.status_code == 303, answer.text
    course = one(db, "select * from courses")
    assert (course["name"], str(course["price"]), course["is_active"]) == ("First Aid for Schools", "80.00", True)
    assert one(db, "select qualification from course_variants") == {"qualification": "efaw"}
    assert [row["action"] for row in rows(db, "select action from admin_activity_logs")] == ["course.create"]
    public = (await office.get(f"/courses/{course['id']}")).text
    assert "<p>Teachers</p>" in public
    assert "<li>A manual</li>" in public


async def test_a_wrong_course_comes_back_filled_in(db: Db, office: Browser) -> None:
    answer = await office.send_form(NEW, page=NEW, **FORM | {"price": "cheap", "name": ""})
    assert answer.status_code == 422
    assert 'value="cheap"' in answer.text
    assert 'href="#field-name"' in answer.text
    assert rows(db, "select id from courses") == []


async def test_a_new_price_is_shown_with_its_effect_and_changes_no_booking(db: Db, office: Browser) -> None:
    course = a_course(db)
    booking = a_booking(db, a_schedule(db, course=course))
    path = f"/office/courses/{course['id']}/edit"
    form = await opened(office, path, FORM) | {"price": "90.00"}
    asks = await office.send_form(path, page=path, **form)
    assert asks.status_code == 200
    assert "£75.00 → £90.00" in asks.text
    assert str(reload(db, "courses", course)["price"]) == "75.00"
    done = await office.send_form(path, page=path, **carried(asks.text))
    assert done.status_code == 303
    assert str(reload(db, "courses", course)["price"]) == "90.00"
    assert str(reload(db, "bookings", booking)["payment_amount"]) == "75.00"


async def test_fewer_places_than_are_taken_are_refused_with_the_dates_by_name(db: Db, office: Browser) -> None:
    course = a_course(db)
    schedule = a_schedule(db, course=course)
    for _ in range(2):
        a_booking(db, schedule)
    path = f"/office/courses/{course['id']}/edit"
    answer = await office.send_form(path, page=path, **await opened(office, path, FORM) | {"max_capacity": "1"})
    assert answer.status_code == 422
    assert f"{schedule['start_datetime']:%B} {schedule['start_datetime'].year} (2)" in answer.text
    assert reload(db, "courses", course)["max_capacity"] == 12


async def test_taken_off_sale_and_undone_from_the_next_page(db: Db, office: Browser) -> None:
    course = a_course(db)
    page = f"/office/courses/{course['id']}"
    await office.send_form(f"{page}/deactivate", page=page)
    assert reload(db, "courses", course)["is_active"] is False
    told = (await office.get(page)).text
    assert f'action="{page}/reactivate"' in told.split('class="flashes"')[1].split("</div>")[0]
    await office.send_form(f"{page}/reactivate", page=page)
    assert reload(db, "courses", course)["is_active"] is True


async def test_two_admins_who_change_one_course_lose_nothing(db: Db, office: Browser) -> None:
    course = a_course(db, description="As it was")
    path = f"/office/courses/{course['id']}/edit"
    mine = await opened(office, path, FORM) | {"name": "Mine", "description": "My words"}
    update(db, "courses", course, name="Theirs", duration_hours=7)
    asks = await office.send_form(path, page=path, **mine)
    assert asks.status_code == 409
    assert reload(db, "courses", course)["name"] == "Theirs"
    # Both versions of what both changed; what only they changed is proposed as theirs; what only I changed, as mine.
    assert proposed(asks.text) == {"name": "Mine", "duration_hours": "7.00", "description": "My words"}
    assert 'value="Theirs"' in asks.text
    chosen = carried(asks.text) | proposed(asks.text) | {"name": "Theirs"}
    done = await office.send_form(path, page=path, **chosen)
    assert done.status_code == 303, done.text
    kept = reload(db, "courses", course)
    assert (kept["name"], str(kept["duration_hours"]), kept["description"]) == ("Theirs", "7.00", "My words")


def proposed(page: str) -> dict[str, str]:
    """The radio buttons that are pressed."""
    pressed = re.findall(r'type="radio" id="[^"]+" name="(\w+)" value="([^"]*)" checked', page)
    return {name: unescape(value) for name, value in pressed}


async def test_the_same_change_twice_is_no_conflict(db: Db, office: Browser) -> None:
    course = a_course(db)
    path = f"/office/courses/{course['id']}/edit"
    mine = await opened(office, path, FORM) | {"name": "The same"}
    update(db, "courses", course, name="The same")
    assert (await office.send_form(path, page=path, **mine)).status_code == 303


async def test_a_program_that_read_an_older_version_is_refused(db: Db, till: Api) -> None:
    course: Row = a_course(db)
    read: dict[str, Any] = (await till.get(f"/admin/courses/{course['id']}")).json()
    update(db, "courses", course, description="Newer")
    body = {"name": "Older", "updated_at": read["updated_at"]}
    assert problem(await till.patch(f"/admin/courses/{course['id']}", json=body)) == (409, "changed_meanwhile")
    body["updated_at"] = (await till.get(f"/admin/courses/{course['id']}")).json()["updated_at"]
    changed = await till.patch(
        f"/admin/courses/{course['id']}", json=body | {"qualification": "faw", "audience": "All"}
    )
    assert (changed.json()["qualification"], changed.json()["audience"]) == ("faw", "All")
