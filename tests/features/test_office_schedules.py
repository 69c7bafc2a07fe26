"""The office's dates: listed by state, shown with days and people, published and cancelled."""

from datetime import timedelta

import pytest

from tests.builders import (
    Db,
    Row,
    a_booking,
    a_course,
    a_schedule,
    a_venue,
    an_instructor,
    completed_booking,
    confirmed_booking,
    insert,
    move_schedule_to_past,
    update,
)
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows, utc
from tests.features.test_office_orders import link_of


def page_of(schedule: Row) -> str:
    return f"/office/schedules/{schedule['id']}"


async def shown(office: Browser, schedules: dict[str, Row], **filters: object) -> set[str]:
    answer = await office.get("/office/schedules", params={name: str(value) for name, value in filters.items()})
    assert answer.status_code == 200
    return {name for name, schedule in schedules.items() if f'href="{page_of(schedule)}"' in answer.text}


async def test_each_view_shows_its_own_dates(db: Db, office: Browser) -> None:
    schedules = {"open": a_schedule(db), "draft": a_schedule(db, status="draft"), "gone": a_schedule(db)}
    schedules["past"] = move_schedule_to_past(db, a_schedule(db), ended=timedelta(days=3))
    update(db, "course_schedules", schedules["gone"], status="cancelled")
    assert await shown(office, schedules) == {"open", "draft"}
    assert await shown(office, schedules, view="past") == {"past"}
    assert await shown(office, schedules, view="drafts") == {"draft"}
    assert await shown(office, schedules, view="cancelled") == {"gone"}


async def test_a_course_that_runs_now_is_still_upcoming(db: Db, office: Browser) -> None:
    running = move_schedule_to_past(db, a_schedule(db), ended=timedelta(hours=-1))
    assert await shown(office, {"running": running}) == {"running"}


async def test_the_list_is_narrowed_by_course_and_venue(db: Db, office: Browser) -> None:
    course, venue = a_course(db, name="CPR and AED"), a_venue(db, name="Town Hall")
    schedules = {"course": a_schedule(db, course=course), "venue": a_schedule(db, venue=venue), "other": a_schedule(db)}
    assert await shown(office, schedules, course=course["id"], venue="") == {"course"}
    assert await shown(office, schedules, venue=venue["id"]) == {"venue"}
    assert await shown(office, schedules, course=course["id"], venue=venue["id"]) == set()


async def test_the_list_is_walked_to_its_end_and_back_even_where_dates_begin_together(db: Db, office: Browser) -> None:
    course, start = a_course(db), utc(2031, 6, 2, 8, 30)
    ids = [
        a_schedule(db, course=course, start_datetime=start + timedelta(days=number // 3), end_datetime=start + timedelta(days=60))["id"]
        for number in range(70)
    ]  # fmt: skip
    first = (await office.get("/office/schedules")).text
    second = (await office.get(link_of(first, "Later"))).text
    again = (await office.get(link_of(second, "Earlier"))).text
    listed = [[row for row in ids if f'href="/office/schedules/{row}"' in page] for page in (first, second, again)]
    assert listed == [ids[:50], ids[50:], ids[:50]]
    assert not link_of(second, "Later")


async def test_a_date_shows_its_days_who_teaches_and_who_comes(db: Db, office: Browser) -> None:
    ruth = an_instructor(db, first_name="Ruth", last_name="Adeyemi")
    start = utc(2031, 6, 2, 8, 30)
    schedule = a_schedule(
        db, instructor_id=ruth["id"], start_datetime=start, end_datetime=start + timedelta(days=1, hours=7), status="cancelled"
    )  # fmt: skip
    elsewhere = a_venue(db, name="Fire Station")
    for day, venue in ((0, None), (1, elsewhere["id"])):
        begins = start + timedelta(days=day)
        insert(db, "schedule_sessions", course_schedule_id=schedule["id"], starts_at=begins,
               ends_at=begins + timedelta(hours=7), venue_id=venue)  # fmt: skip
    update(db, "course_schedules", schedule, status="published")
    order = an_order(db, schedule=schedule, people=("Priya Nair", None))
    page = (await office.get(page_of(schedule))).text
    for words in ("Ruth Adeyemi", "Tuesday 3 June 2031", "Fire Station", "Priya Nair", "To be named", order["reference"],
                  "1 place of 2 still without a name"):  # fmt: skip
        assert words in page


async def test_places_that_were_given_back_are_not_among_those_taken(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    booking = update(db, "bookings", a_booking(db, schedule), status="cancelled")
    page = (await office.get(page_of(schedule))).text
    assert "Nobody has booked yet" in page
    assert booking["booking_reference"] not in page


async def test_carol_publishes_a_draft_and_the_log_has_it(db: Db, office: Browser, admin: Row) -> None:
    schedule = a_schedule(db, status="draft")
    answer = await office.send_form(f"{page_of(schedule)}/publish", page=page_of(schedule))
    assert answer.status_code == 303
    assert "This date is open for booking." in (await office.get(page_of(schedule))).text
    line = one(db, "select admin_id, action, entity_id, new_values from admin_activity_logs")
    assert line == {
        "admin_id": admin["id"], "action": "schedule.publish", "entity_id": schedule["id"], "new_values": {"status": "published"},
    }  # fmt: skip


async def test_carol_cancels_a_date_that_nobody_has_booked(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    answer = await office.send_form(f"{page_of(schedule)}/cancel", page=page_of(schedule))
    assert answer.status_code == 303
    assert one(db, "select status from course_schedules")["status"] == "cancelled"
    assert one(db, "select action from admin_activity_logs")["action"] == "schedule.cancel"


async def test_a_date_with_a_seat_taken_is_cancelled_on_a_page_of_its_own(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    confirmed_booking(db, schedule)
    page = (await office.get(page_of(schedule))).text
    assert f'href="{page_of(schedule)}/cancellation"' in page
    assert f'{page_of(schedule)}/cancel"' not in page
    answer = await office.send_form(f"{page_of(schedule)}/cancel", page="/account")
    assert answer.status_code == 409
    assert "seats are taken on this date" in answer.text
    assert rows(db, "select id from admin_activity_logs") == []


async def test_a_date_that_was_held_stays(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    completed_booking(db, schedule)
    assert "This date has been held: what happened stays." in (await office.get(page_of(schedule))).text


async def test_a_cancelled_date_cannot_be_published(db: Db, office: Browser) -> None:
    schedule = update(db, "course_schedules", a_schedule(db), status="cancelled")
    answer = await office.send_form(f"{page_of(schedule)}/publish", page="/account")
    assert answer.status_code == 409
    assert "This date was cancelled and cannot be published." in answer.text


@pytest.mark.parametrize("number", ["0", "999999999", "99999999999999999999", "x", "-1"])
async def test_an_unknown_date_is_not_found(number: str, office: Browser) -> None:
    assert (await office.get(f"/office/schedules/{number}")).status_code == 404
    assert (await office.send_form(f"/office/schedules/{number}/publish", page="/account")).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["before=x", "after=2031-01-01_x", "before=2031-01-01T00:00Z_1", "course=x", "venue=99999999999", "view=all"],
)
async def test_an_address_that_nobody_gave_out_is_refused_and_not_an_error(query: str, office: Browser) -> None:
    assert (await office.get(f"/office/schedules?{query}")).status_code == 422
