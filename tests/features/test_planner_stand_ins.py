"""The sickness planner: what it proposes, that the rules judge it, and that a plan is carried out whole or not at all."""

import asyncio
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from rft.audit.service import Actor
from rft.database.pool import Connection, Database
from rft.notifications.jobs import send_teaching_changed
from rft.planning.errors import PlanRefused
from rft.planning.fallen import read_fallen
from rft.planning.replacing import carry_out
from tests.builders import Db, Row, a_course, a_schedule, a_venue, an_instructor, insert, reload, update
from tests.cast import ben
from tests.features.browser import Browser
from tests.features.mailing import an_order, context, one, rows, utc

PLANNER = "/office/planning/replace"
MONDAY = utc(2031, 3, 3, 9, 30)
DAY = timedelta(days=1)
Fields = dict[str, str]


def a_teacher(
    db: Db, name: str, *, town: str = "Leeds", kinds: tuple[str, ...] = ("EFAW",), until: date = date(2033, 1, 1)
) -> Row:
    first, _, last = name.partition(" ")
    person = an_instructor(db, first_name=first, last_name=last)
    db.execute("insert into instructor_profiles (user_id, home_town) values (%s, %s)", (person["id"], town))
    for kind in kinds:
        insert(db, "instructor_qualifications", user_id=person["id"], kind=kind, awarding_body="Qualsafe",
               issued_on=date(2020, 1, 1), expires_on=until)  # fmt: skip
    return person


@pytest.fixture
def teacher(db: Db) -> Row:
    return ben(db)


def taught(db: Db, teacher: Row, start: datetime = MONDAY, **columns: Any) -> Row:
    return a_schedule(db, instructor_id=teacher["id"], start_datetime=start, **columns)


def ill(teacher: Row, first: str = "2031-03-03", last: str = "2031-03-07") -> Fields:
    return {"what": f"instructor:{teacher['id']}", "from": first, "to": last}


def offered(page: str, schedule: Row) -> list[str]:
    """The values of the choices for the date, best first."""
    return re.findall(rf'name="choice-{schedule["id"]}" value="([^"]+)"', page)


async def proposals(office: Browser, asked: Fields) -> str:
    answer = await office.get(PLANNER, params=asked)
    assert answer.status_code == 200
    return answer.text


async def test_those_of_the_town_come_first_then_the_least_busy_and_nobody_who_is_not_allowed(
    db: Db, office: Browser, teacher: Row
) -> None:
    schedule = taught(db, teacher)
    far, busy, near = (
        a_teacher(db, "Farah Far", town="Hull"),
        a_teacher(db, "Bea Busy"),
        a_teacher(db, "Nina Near"),
    )
    taught(db, busy, MONDAY + DAY)
    a_teacher(db, "Olga Outdated", until=date(2031, 3, 2))
    a_teacher(db, "Pia Paediatric", kinds=("Paediatric",))
    taught(db, a_teacher(db, "Theo Teaching"))
    away = a_teacher(db, "Anna Away")
    insert(db, "instructor_absences", user_id=away["id"], kind="leave", during="[2031-03-03,2031-03-04)")
    found = offered(await proposals(office, ill(teacher)), schedule)
    assert found[:3] == [f"instructor:{person['id']}" for person in (near, busy, far)]
    assert [each.partition(":")[0] for each in found[3:]] == ["later", "later", "later", "instructor", "leave"]


async def test_a_lost_venue_is_replaced_by_a_free_room_with_enough_seats_in_the_town_first(
    db: Db, office: Browser, teacher: Row
) -> None:
    lost, schedule_venue = a_venue(db, name="Lost"), a_venue(db, name="Taken")
    schedule = taught(db, teacher, venue=lost)
    an_order(db, schedule=schedule, people=("Amina Khan", None))
    a_schedule(db, venue=schedule_venue, start_datetime=MONDAY)
    elsewhere, here = a_venue(db, name="Hull Hall", city="Hull"), a_venue(db, name="Here")
    small, closed = a_venue(db, name="Tiny", capacity=1), a_venue(db, name="Closed", is_active=False)
    asked = {"what": f"venue:{lost['id']}", "from": "2031-03-03", "to": "2031-03-07"}
    page = await proposals(office, asked)
    found = offered(page, schedule)
    assert found[:2] == [f"venue:{here['id']}", f"venue:{elsewhere['id']}"]
    assert not {f"venue:{room['id']}" for room in (small, closed, schedule_venue)} & set(found)
    # The venue is lost till Friday: the first day it is free is the Monday after.
    assert "later:7" in found
    assert "later:1" not in found


def lost(venue: Row) -> Fields:
    return {"what": f"venue:{venue['id']}", "from": "2031-03-03", "to": "2031-03-07"}


async def test_a_lost_venue_is_closed_in_the_same_act_once_nothing_is_held_there(
    db: Db, office: Browser, teacher: Row
) -> None:
    venue, here = a_venue(db, name="Lost"), a_venue(db, name="Here")
    first, second = taught(db, teacher, venue=venue), taught(db, an_instructor(db), MONDAY + DAY, venue=venue)
    closing = lost(venue) | {"absence": "closed", "reason": "Burst pipe"}
    half = closing | {f"choice-{first['id']}": f"venue:{here['id']}"}
    looked = await office.send_form(f"{PLANNER}/preview", page=PLANNER, **half)
    assert "The venue cannot be closed" in looked.text
    assert "on Tuesday 4 March 2031" in looked.text
    assert (await office.send_form(PLANNER, page=PLANNER, **half)).status_code == 409
    assert reload(db, "course_schedules", first)["venue_id"] == venue["id"]
    whole = half | {f"choice-{second['id']}": f"venue:{here['id']}"}
    assert "is closed" in (await office.send_form(f"{PLANNER}/preview", page=PLANNER, **whole)).text
    done = await office.send_form(PLANNER, page=PLANNER, **whole)
    assert done.headers["location"] == f"/office/venues/{venue['id']}"
    assert one(db, "select venue_id, reason from venue_closures") == {"venue_id": venue["id"], "reason": "Burst pipe"}
    assert "Close the venue on these days" not in await proposals(office, lost(venue))


async def test_a_closed_room_is_proposed_to_nobody(db: Db, office: Browser, teacher: Row) -> None:
    venue, closed, here = (a_venue(db, name=name) for name in ("Lost", "Closed", "Here"))
    insert(db, "venue_closures", venue_id=closed["id"], starts_at="2031-03-03", ends_at="2031-03-04", reason="Floor")
    insert(db, "venue_closures", venue_id=venue["id"], starts_at="2031-03-10", ends_at="2031-03-11", reason="Floor")
    schedule = taught(db, teacher, venue=venue)
    found = offered(await proposals(office, lost(venue)), schedule)
    assert found[:2] == [f"venue:{here['id']}", "later:8"]


async def test_nobody_is_proposed_for_a_day_on_which_they_teach_already(db: Db, office: Browser, teacher: Row) -> None:
    first, second = taught(db, teacher), taught(db, teacher, MONDAY + DAY)
    nina = a_teacher(db, "Nina Near")
    clash = taught(db, nina, MONDAY + DAY)
    page = await proposals(office, ill(teacher))
    assert offered(page, first)[0] == f"instructor:{nina['id']}"
    assert f"instructor:{nina['id']}" not in offered(page, second)
    assert reload(db, "course_schedules", clash)["instructor_id"] == nina["id"]


async def test_looking_changes_nothing_and_tells_nobody(db: Db, office: Browser, teacher: Row) -> None:
    schedule = taught(db, teacher)
    a_teacher(db, "Nina Near")
    page = await proposals(office, ill(teacher))
    fields = ill(teacher) | {f"choice-{schedule['id']}": offered(page, schedule)[0], "absence": "sickness"}
    answer = await office.send_form(f"{PLANNER}/preview", page=PLANNER, **fields)
    assert "Nina Near" in answer.text
    assert reload(db, "course_schedules", schedule) == schedule
    assert rows(db, "select 1 from jobs.procrastinate_jobs") == []
    assert rows(db, "select 1 from admin_activity_logs") == []


async def test_a_plan_is_carried_out_in_one_act_and_everybody_is_told(
    db: Db, office: Browser, teacher: Row, database: Database
) -> None:
    schedule = taught(db, teacher)
    an_order(db, schedule=schedule, people=("Amina Khan", None))
    nina = a_teacher(db, "Nina Near")
    fields = ill(teacher) | {f"choice-{schedule['id']}": f"instructor:{nina['id']}", "absence": "sickness"}
    answer = await office.send_form(PLANNER, page=PLANNER, **fields)
    assert answer.headers["location"] == f"/office/instructors/{teacher['id']}"
    assert reload(db, "course_schedules", schedule)["instructor_id"] == nina["id"]
    assert one(db, "select kind, lower(during) as starts from instructor_absences")["starts"] == utc(2031, 3, 3)
    logged = [row["action"] for row in rows(db, "select action from admin_activity_logs order by id")]
    assert logged == ["instructor.add_absence", "schedule.change", "plan.carry_out"]
    told = rows(db, "select task_name, args from jobs.procrastinate_jobs order by id")
    # Days and place stay: whoever booked has nothing to hear.
    assert {job["task_name"] for job in told} == {"notifications.send_teaching_changed"}
    changes = {job["args"]["user_id"]: job["args"]["change"] for job in told}
    assert changes == {teacher["id"]: "taken", nina["id"]: "given"}
    for job in (*told, told[0]):
        await send_teaching_changed(context(database), **job["args"])
    mails = {mail["recipient"]: mail for mail in rows(db, "select * from outbox_mails")}
    assert len(mails) == 2
    assert "You need not come." in mails[teacher["email"]]["text_body"]
    assert "Monday 3 March 2031, 09:30 to 16:30\nThe Training Rooms" in mails[nina["email"]]["text_body"]


async def test_a_plan_of_which_one_date_fails_changes_none(db: Db, office: Browser, teacher: Row) -> None:
    first, second = taught(db, teacher), taught(db, teacher, MONDAY + DAY)
    nina = a_teacher(db, "Nina Near", until=date(2031, 3, 3))
    fields = ill(teacher) | {f"choice-{each['id']}": f"instructor:{nina['id']}" for each in (first, second)}
    preview = await office.send_form(f"{PLANNER}/preview", page=PLANNER, **fields)
    assert "Nina Near has no EFAW qualification that is valid on Tuesday 4 March 2031." in preview.text
    assert "Carry out the plan" not in preview.text
    answer = await office.send_form(PLANNER, page=PLANNER, **fields, absence="sickness")
    assert (answer.status_code, "Nothing was changed." in answer.text) == (409, True)
    assert reload(db, "course_schedules", first) == first
    assert rows(db, "select 1 from instructor_absences") == []


async def test_who_is_ill_for_one_day_of_a_course_is_replaced_on_that_day_only(
    db: Db, office: Browser, teacher: Row
) -> None:
    schedule = taught(db, teacher, end_datetime=MONDAY + DAY + timedelta(hours=7), status="cancelled")
    for number in range(2):
        starts = MONDAY + DAY * number
        insert(
            db,
            "schedule_sessions",
            course_schedule_id=schedule["id"],
            starts_at=starts,
            ends_at=starts + timedelta(hours=7),
        )
    update(db, "course_schedules", schedule, status="published")
    nina = a_teacher(db, "Nina Near")
    fields = ill(teacher, last="2031-03-03") | {f"choice-{schedule['id']}": f"instructor:{nina['id']}"}
    assert (await office.send_form(PLANNER, page=PLANNER, **fields)).status_code == 303
    assert reload(db, "course_schedules", schedule)["instructor_id"] == teacher["id"]
    taught_by = rows(db, "select instructor_id from schedule_occupancies order by during")
    assert [row["instructor_id"] for row in taught_by] == [nina["id"], teacher["id"]]


async def test_a_date_that_somebody_else_changed_meanwhile_is_not_overwritten(
    db: Db, office: Browser, teacher: Row
) -> None:
    schedule, nina = taught(db, teacher), a_teacher(db, "Nina Near")
    fields = ill(teacher) | {f"choice-{schedule['id']}": f"instructor:{nina['id']}"}
    preview = await office.send_form(f"{PLANNER}/preview", page=PLANNER, **fields)
    seen = dict(re.findall(r'name="(seen-\d+)" value="([^"]+)"', preview.text))
    update(db, "course_schedules", schedule, notes="Bring boots.")
    answer = await office.send_form(PLANNER, page=PLANNER, **fields, **seen)
    assert (answer.status_code, "Somebody else changed this date" in answer.text) == (409, True)


async def test_of_two_plans_at_once_for_one_person_one_is_refused_by_name(
    db: Db, database: Database, admin: Row
) -> None:
    nina = a_teacher(db, "Nina Near")
    dates = [taught(db, an_instructor(db)) for _ in range(2)]

    async def plan(schedule: Row) -> object:
        async def work(session: Connection) -> int:
            key = f"instructor:{schedule['instructor_id']}"
            fallen = await read_fallen(session, key, "2031-03-03", "2031-03-03")
            choices = {schedule["id"]: f"instructor:{nina['id']}"}
            return await carry_out(session, Actor(admin["id"]), fallen, choices, utc(2031, 1, 1), seen={})

        return await database.run(work)

    done = await asyncio.gather(*(plan(each) for each in dates), return_exceptions=True)
    (refusal,) = (each for each in done if isinstance(each, PlanRefused))
    assert done.count(1) == 1
    assert "teaches" in refusal.detail
    assert one(db, "select count(*) from course_schedules where instructor_id = %(id)s", id=nina["id"])["count"] == 1


@pytest.mark.parametrize("asked", [{"what": "course:1", "from": "2031-03-03"}, {"what": "instructor:1", "from": "soon"},
                                   {"what": "venue:1", "from": "2031-03-03", "to": "2031-03-02"}])  # fmt: skip
async def test_what_cannot_be_meant_is_said_beside_its_field(asked: Fields, office: Browser) -> None:
    answer = await office.get(PLANNER, params=asked)
    assert (answer.status_code, "There is a problem" in answer.text) == (422, True)


async def test_a_dates_own_page_leads_to_the_planner_filled_in(db: Db, office: Browser, teacher: Row) -> None:
    schedule = taught(db, teacher, course=a_course(db))
    page = (await office.get(f"/office/schedules/{schedule['id']}")).text
    assert f'href="{PLANNER}?schedule={schedule["id"]}"' in page
    asked = (await office.get(f"{PLANNER}?schedule={schedule['id']}")).text
    assert f'value="instructor:{teacher["id"]}" selected' in asked
    assert 'value="2031-03-03"' in asked
