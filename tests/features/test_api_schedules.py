"""Dates over the API for the office: made as drafts, opened and cancelled, on London's clock, one at a time in each room."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from rft.kit.clock import to_iso
from tests.builders import FIRST_MONDAY, Db, Row, a_booking, a_course, a_schedule, a_venue, reload
from tests.cast import amina, ben
from tests.features.api import Api, a_run, everything, problem, refused_fields
from tests.features.mailing import one, rows

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def course(db: Db) -> Row:
    return a_course(db)


@pytest.fixture
def venue(db: Db) -> Row:
    return a_venue(db)


async def test_a_date_begins_as_a_draft_and_is_sold_once_it_is_published(
    till: Api, course: Row, venue: Row, db: Db
) -> None:
    answer = await till.post("/admin/schedules", json=a_run(course, venue, instructor_id=ben(db)["id"]))
    made = answer.json()
    assert (answer.status_code, made["status"], made["seats_left"]) == (201, "draft", 12)
    path = f"/schedules/{made['id']}"
    assert problem(await till.get(path)) == (404, "schedule_not_found")
    assert problem(await till.order(made)) == (409, "bookings_on_live_schedule")
    opened = (await till.post(f"/admin{path}/publish")).json()
    assert opened == (await till.get(path)).json() == {name: made[name] for name in opened} | {"status": "published"}
    assert opened.items() <= (await till.get(f"/admin{path}")).json().items()
    assert (await till.order(made)).status_code == 201


async def test_publishing_and_cancelling_twice_change_nothing_the_second_time(
    till: Api, course: Row, venue: Row, db: Db
) -> None:
    path = f"/admin/schedules/{(await till.post('/admin/schedules', json=a_run(course, venue))).json()['id']}"
    for act, status in (("publish", "published"), ("cancel", "cancelled")):
        assert (await till.post(f"{path}/{act}")).json()["status"] == status
        before = everything(db)
        assert (await till.post(f"{path}/{act}")).json()["status"] == status
        assert everything(db) == before
    assert problem(await till.post(f"{path}/publish")) == (409, "schedule_state_refused")


async def test_a_date_on_which_seats_are_taken_is_not_cancelled(till: Api, db: Db) -> None:
    schedule = a_schedule(db)
    booking = a_booking(db, schedule)
    path = f"/admin/schedules/{schedule['id']}/cancel"
    answer = await till.post(path)
    assert problem(answer) == (409, "schedule_has_bookings")
    assert answer.json()["facts"] == {"seats_taken": 1}
    db.execute("update bookings set status = 'cancelled' where id = %(id)s", booking)
    assert (await till.post(path)).json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("2031-03-29T09:30:00Z", "2031-03-29T09:30:00+00:00"),
        ("2031-03-31T09:30:00+01:00", "2031-03-31T09:30:00+01:00"),
        ("2031-03-31T17:30:00+09:00", "2031-03-31T09:30:00+01:00"),
        ("2031-10-24T09:30:00+01:00", "2031-10-24T09:30:00+01:00"),
        ("2031-10-27T09:30:00+00:00", "2031-10-27T09:30:00+00:00"),
        # Half past one comes twice in this night: the offset says which is meant.
        ("2031-10-26T01:30:00+01:00", "2031-10-26T01:30:00+01:00"),
        ("2031-10-26T01:30:00+00:00", "2031-10-26T01:30:00+00:00"),
    ],
)
async def test_a_time_is_kept_whatever_its_offset_and_shown_on_londons_clock(
    till: Api, course: Row, venue: Row, typed: str, shown: str
) -> None:
    run = a_run(course, venue) | {"start": typed, "end": "2031-12-01T16:00:00Z"}
    made = (await till.post("/admin/schedules", json=run)).json()
    assert (made["start"], made["end"]) == (shown, "2031-12-01T16:00:00+00:00")


async def test_the_hour_that_comes_twice_holds_two_dates(till: Api, course: Row, venue: Row) -> None:
    for offset in ("+01:00", "+00:00"):
        hour = {"start": f"2031-10-26T01:00:00{offset}", "end": f"2031-10-26T02:00:00{offset}"}
        assert (await till.post("/admin/schedules", json=a_run(course, venue) | hour)).status_code == 201
    across = {"start": "2031-10-26T01:59:00+01:00", "end": "2031-10-26T01:01:00+00:00"}
    assert (
        problem(await till.post("/admin/schedules", json=a_run(course, venue) | across))[1]
        == "course_schedules_no_venue_overlap"
    )


@pytest.mark.parametrize(
    ("after", "hours", "status"),
    [
        (timedelta(0), 7, 409),
        (-HOUR, 9, 409),
        (HOUR, 1, 409),
        (6 * HOUR, 7, 409),
        (7 * HOUR, 7, 201),
        (-7 * HOUR, 7, 201),
    ],
    ids=["the same", "around", "within", "into the end", "right after", "right before"],
)
async def test_a_room_holds_one_date_at_a_time(till: Api, db: Db, after: timedelta, hours: int, status: int) -> None:
    there = a_schedule(db, start_datetime=FIRST_MONDAY)
    run = a_run({"id": there["course_id"]}, {"id": there["venue_id"]}, start=FIRST_MONDAY + after, hours=hours)
    answer = await till.post("/admin/schedules", json=run)
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["facts"]["schedule_id"] == there["id"]


async def test_the_days_between_sessions_are_free_and_the_sessions_are_not(
    till: Api, course: Row, venue: Row, db: Db
) -> None:
    days = [{"start": f"2031-06-0{day}T09:00:00+01:00", "end": f"2031-06-0{day}T16:00:00+01:00"} for day in (2, 4, 6)]
    made = (
        await till.post(
            "/admin/schedules",
            json=a_run(course, venue) | {"start": days[0]["start"], "end": days[2]["end"], "sessions": days},
        )
    ).json()
    assert made["sessions"] == days
    between = {"start": "2031-06-03T09:00:00+01:00", "end": "2031-06-03T16:00:00+01:00"}
    assert (await till.post("/admin/schedules", json=a_run(course, venue) | between)).status_code == 201
    answer = await till.post("/admin/schedules", json=a_run(course, venue) | days[1])
    assert problem(answer) == (409, "course_schedules_no_venue_overlap")
    elsewhere = days[1] | {"sessions": [days[1] | {"venue_id": a_venue(db)["id"]}]}
    assert (await till.post("/admin/schedules", json=a_run(course, venue) | elsewhere)).status_code == 201


async def test_an_instructor_stands_in_one_place_at_a_time(till: Api, course: Row, venue: Row, db: Db) -> None:
    teacher = ben(db)["id"]
    assert (await till.post("/admin/schedules", json=a_run(course, venue, instructor_id=teacher))).status_code == 201
    before = everything(db)
    elsewhere = a_run(course, a_venue(db), start=FIRST_MONDAY + HOUR)
    before = everything(db)
    for run in (
        elsewhere | {"instructor_id": teacher},
        elsewhere | {"sessions": [{"start": elsewhere["start"], "end": elsewhere["end"], "instructor_id": teacher}]},
    ):
        assert problem(await till.post("/admin/schedules", json=run)) == (409, "course_schedules_no_instructor_overlap")
    assert everything(db) == before


TIMES = [
    "2031-03-03T09:00:00", "2031-03-03", "09:00", "", "soon", "2031-02-30T09:00:00Z", "1999-12-31T23:59:59Z", "2200-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "infinity", "2031-03-03T24:01:00Z", "2031-03-03T09:00:60Z", 1930000000, 1.5, True,
    None, [], {},
]  # fmt: skip


async def test_a_time_that_cannot_be_is_refused(till: Api, course: Row, venue: Row, db: Db) -> None:
    run = a_run(course, venue)
    before = everything(db)
    for value in TIMES:
        for field in ("start", "end"):
            assert refused_fields(await till.post("/admin/schedules", json=run | {field: value})) == {field}, value
        session = [{"start": run["start"], "end": run["end"]} | {"end": value}]
        assert refused_fields(await till.post("/admin/schedules", json=run | {"sessions": session})) == {
            "sessions.0.end"
        }, value
    assert everything(db) == before


async def test_a_date_that_cannot_be_is_refused(till: Api, course: Row, venue: Row, db: Db) -> None:
    run = a_run(course, venue)
    whole = {"start": run["start"], "end": run["end"]}
    later = {
        "start": a_run(course, venue, start=FIRST_MONDAY + DAY)["start"],
        "end": a_run(course, venue, start=FIRST_MONDAY + DAY)["end"],
    }
    customer, asleep = amina(db)["id"], ben(db, is_active=False)["id"]
    before = everything(db)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"end": run["start"]}, "not_valid"),
        ({"start": run["end"], "end": run["start"]}, "not_valid"),
        ({"sessions": [later]}, "not_valid"),
        ({"sessions": [{"start": run["end"], "end": run["start"]}]}, "not_valid"),
        ({"sessions": [whole, whole]}, "schedule_sessions_apart"),
        ({"sessions": [whole] * 61}, "not_valid"),
        ({"course_id": 2**31 - 1}, "course_schedules_course_id_fkey"),
        ({"venue_id": 2**31 - 1}, "course_schedules_venue_id_fkey"),
        ({"sessions": [whole | {"venue_id": 2**31 - 1}]}, "schedule_sessions_venue_id_fkey"),
        ({"instructor_id": customer}, "course_schedules_taught_by_instructor"),
        ({"instructor_id": asleep}, "course_schedules_taught_by_instructor"),
        ({"sessions": [whole | {"instructor_id": customer}]}, "course_schedules_taught_by_instructor"),
        ({"instructor_id": 2**31 - 1}, "course_schedules_instructor_id_fkey"),
    ]
    for change, code in wrong:
        assert problem(await till.post("/admin/schedules", json=run | change)) == (422, code), change
    for field in ("course_id", "venue_id", "instructor_id"):
        for value in (0, -1, 2**31, 2**63, 10**400, 1.0, True, "1", [], {}):
            assert refused_fields(await till.post("/admin/schedules", json=run | {field: value})) == {field}, value
    assert everything(db) == before


async def test_a_date_over_midnight_and_one_of_three_days_hold_their_room_throughout(
    till: Api, course: Row, venue: Row
) -> None:
    night = a_run(course, venue, start=FIRST_MONDAY + 14 * HOUR, hours=2)
    days = a_run(course, venue, start=FIRST_MONDAY + 2 * DAY, hours=72)
    assert [(await till.post("/admin/schedules", json=run)).status_code for run in (night, days)] == [201, 201]
    within = a_run(course, venue, start=FIRST_MONDAY + 3 * DAY, hours=1)
    assert problem(await till.post("/admin/schedules", json=within))[0] == 409


async def test_a_cancelled_date_gives_its_room_back(till: Api, db: Db) -> None:
    there = a_schedule(db, start_datetime=FIRST_MONDAY)
    run = a_run({"id": there["course_id"]}, {"id": there["venue_id"]})
    assert problem(await till.post("/admin/schedules", json=run))[0] == 409
    await till.post(f"/admin/schedules/{there['id']}/cancel")
    assert reload(db, "course_schedules", there)["status"] == "cancelled"
    assert (await till.post("/admin/schedules", json=run)).status_code == 201


async def test_a_change_upon_an_old_reading_is_refused_and_nothing_is_lost(till: Api, db: Db) -> None:
    path = f"/admin/schedules/{a_schedule(db, status='draft')['id']}"
    read = (await till.get(path)).json()
    changed = await till.patch(path, json={"notes": "Bring boots.", "updated_at": read["updated_at"]})
    assert (changed.status_code, changed.json()["notes"]) == (200, "Bring boots.")
    stale = await till.patch(path, json={"notes": "Bring a coat.", "updated_at": read["updated_at"]})
    assert problem(stale) == (409, "schedule_changed_meanwhile")
    assert (await till.get(path)).json()["notes"] == "Bring boots."


async def test_a_move_into_another_date_says_what_is_in_the_way_and_what_is_free(till: Api, db: Db) -> None:
    there, here = a_schedule(db, start_datetime=FIRST_MONDAY), a_schedule(db, seats=3)
    times = {"start": to_iso(FIRST_MONDAY), "end": to_iso(FIRST_MONDAY + 7 * HOUR)}
    answer = await till.patch(f"/admin/schedules/{here['id']}", json=times | {"venue_id": there["venue_id"]})
    assert problem(answer) == (409, "course_schedules_no_venue_overlap")
    facts = answer.json()["facts"]
    assert facts["schedule_id"] == there["id"]
    assert [venue["id"] for venue in facts["alternatives"]["venues"]] == [here["venue_id"]]
    assert facts["alternatives"]["later"][0]["days"] == 1


async def test_the_days_of_a_date_move_to_another_room_one_day_on_and_keep_their_rows(till: Api, db: Db) -> None:
    room, days = a_venue(db), [a_session(FIRST_MONDAY + number * DAY) for number in range(3)]
    run = a_run(a_course(db), a_venue(db), hours=55, sessions=days, instructor_id=ben(db)["id"])
    path = f"/admin/schedules/{(await till.post('/admin/schedules', json=run)).json()['id']}"
    kept = rows(db, "select id from schedule_sessions order by starts_at")
    # The new room is taken on the old first day: a step in between would clash, the whole does not.
    a_schedule(db, venue=room, start_datetime=FIRST_MONDAY)
    later = [a_session(FIRST_MONDAY + (number + 1) * DAY) for number in range(3)]
    moved = {"start": later[0]["start"], "end": later[2]["end"], "sessions": later, "venue_id": room["id"]}
    assert (await till.patch(path, json=moved)).json()["sessions"] == later
    assert rows(db, "select id from schedule_sessions order by starts_at") == kept
    assert {row["venue_id"] for row in rows(db, "select venue_id from schedule_sessions")} == {None}


async def test_an_in_house_date_is_hidden_from_the_public_and_booked_by_the_office_alone(till: Api, db: Db) -> None:
    run = a_run(a_course(db), a_venue(db), plan={"in_house_for": "Acme Ltd"})
    made = (await till.post("/admin/schedules", json=run)).json()
    await till.post(f"/admin/schedules/{made['id']}/publish")
    token = till.headers.pop("authorization")
    assert (await till.get("/schedules")).json()["items"] == []
    assert problem(await till.get(f"/schedules/{made['id']}")) == (404, "schedule_not_found")
    assert problem(await till.order(made)) == (404, "schedule_not_found")
    till.headers["authorization"] = token
    assert [row["id"] for row in (await till.get("/admin/schedules")).json()["items"]] == [made["id"]]
    assert (await till.order(made)).status_code == 201


async def test_a_date_short_of_its_qualification_opens_only_with_a_reason(till: Api, db: Db) -> None:
    course = a_course(db)
    db.execute("insert into course_variants values (%s, 'faw')", (course["id"],))
    path = f"/admin/schedules/{(await till.post('/admin/schedules', json=a_run(course, a_venue(db)))).json()['id']}"
    refused = await till.post(f"{path}/publish")
    assert problem(refused) == (409, "course_schedules_meet_qualification")
    assert "needs 18 contact hours" in refused.json()["detail"]
    assert "at least 3 days" in refused.json()["detail"]
    assert (await till.post(f"{path}/publish", json={"reason": "Second half at the client's."})).json()[
        "status"
    ] == "published"
    assert one(db, "select reason from schedule_waivers")["reason"] == "Second half at the client's."


def a_session(start: datetime) -> dict[str, str]:
    return {"start": to_iso(start), "end": to_iso(start + 7 * HOUR)}
