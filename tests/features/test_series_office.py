"""A series of dates: previewed with bank holidays and conflicts, added as drafts in one act, published together."""

import re
from datetime import date, time
from decimal import Decimal

import httpx
import pytest

from rft.planning.rules import first_days, overlapping, spans_on, usual_days
from tests.builders import Db, a_course, a_schedule, a_venue
from tests.features.browser import Browser
from tests.features.mailing import one, rows, utc

NEW = "/office/series/new"


@pytest.fixture
def asked(db: Db) -> dict[str, str]:
    """Four weekly dates from Monday 7 April 2031; the third is Easter Monday's week after, the fifth May's bank holiday."""
    course, venue = a_course(db), a_venue(db)
    return {
        "course_id": str(course["id"]), "venue_id": str(venue["id"]), "every": "weekly", "step": "1", "count": "5",
        "first": "2031-04-07", "days": "1", "gap": "1", "starts": "09:30", "ends": "16:30", "breaks_minutes": "60",
    }  # fmt: skip


async def add(office: Browser, asked: dict[str, str], *chosen: str) -> httpx.Response:
    data = {
        "csrf_token": await office.csrf_token(NEW + "?course=" + asked["course_id"]),
        **asked,
        "chosen": list(chosen),
    }
    return await office.post("/office/series", data=data)


def proposed(page: str) -> list[str]:
    return re.findall(r'name="chosen" value="([^"]+)"[^>]* checked>', page)


async def test_the_preview_marks_bank_holidays_and_names_what_holds_the_venue(
    db: Db, office: Browser, asked: dict[str, str]
) -> None:
    a_schedule(
        db, venue={"id": int(asked["venue_id"])}, course=a_course(db, name="CPR and AED"), start_datetime=utc(2031, 4, 28, 12)
    )  # fmt: skip
    page = (await office.send_form(NEW, page=NEW + "?course=" + asked["course_id"], **asked)).text
    assert "Easter Monday" in page
    assert "CPR and AED (date" in page
    assert proposed(page) == ["2031-04-07", "2031-04-21"]
    assert "Nothing was added" not in page
    assert one(db, "select count(*) as dates from course_schedules")["dates"] == 1


async def test_the_chosen_dates_are_added_as_drafts_in_one_act_and_published_together(
    db: Db, office: Browser, asked: dict[str, str]
) -> None:
    answer = await add(office, asked, "2031-04-07", "2031-04-21", "2031-09-01")
    page = answer.headers["location"]
    made = rows(db, "select id, status, start_datetime from course_schedules order by 3")
    assert [(row["status"], row["start_datetime"]) for row in made] == [
        ("draft", utc(2031, 4, 7, 8, 30)), ("draft", utc(2031, 4, 21, 8, 30)),
    ]  # fmt: skip
    await office.post(
        f"{page}/publish", data={"csrf_token": await office.csrf_token(page), "chosen": [row["id"] for row in made]}
    )
    assert {row["status"] for row in rows(db, "select status from course_schedules")} == {"published"}
    assert one(db, "select count(*) as acts from admin_activity_logs where action = 'series.create'")["acts"] == 1


async def test_one_date_that_cannot_be_added_keeps_all_out_and_is_named(
    db: Db, office: Browser, asked: dict[str, str]
) -> None:
    a_schedule(db, venue={"id": int(asked["venue_id"])}, start_datetime=utc(2031, 4, 14, 12))
    answer = await add(office, asked, "2031-04-07", "2031-04-14")
    assert answer.status_code == 409
    assert "Monday 14 April 2031: Emergency First Aid at Work" in answer.text
    assert proposed(answer.text) == ["2031-04-07"]
    assert one(db, "select count(*) as dates from course_schedules")["dates"] == 1


async def test_of_a_series_that_falls_short_none_is_published_and_each_says_why(
    db: Db, office: Browser, asked: dict[str, str]
) -> None:
    db.execute("insert into course_variants values (%s, 'paediatric')", (int(asked["course_id"]),))
    page = (await add(office, asked | {"days": "2", "ends": "13:30"}, "2031-04-07")).headers["location"]
    schedule = one(db, "select id from course_schedules")
    answer = await office.post(
        f"{page}/publish", data={"csrf_token": await office.csrf_token(page), "chosen": [schedule["id"]]}
    )
    assert answer.status_code == 409
    assert "needs 12 contact hours without breaks; these days have 6." in answer.text
    assert one(db, "select status from course_schedules")["status"] == "draft"


@pytest.mark.parametrize(
    ("field", "value"), [("count", "61"), ("first", "soon"), ("ends", "09:00"), ("venue_id", ""), ("days", "99")]
)
async def test_a_series_that_cannot_be_meant_is_given_back(
    field: str, value: str, office: Browser, asked: dict[str, str]
) -> None:
    answer = await office.send_form(NEW, page=NEW + "?course=" + asked["course_id"], **asked | {field: value})
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text


def test_every_month_means_the_same_weekday_of_it_and_the_fifth_is_the_last() -> None:
    found = first_days("monthly", date(2027, 1, 29), step=1, count=3)
    assert found == [date(2027, 1, 29), date(2027, 2, 26), date(2027, 3, 26)]
    assert first_days("weekly", date(2027, 1, 4), step=2, count=2) == [date(2027, 1, 4), date(2027, 1, 18)]
    assert first_days("list", date.max, step=1, count=1, listed=[date(2027, 2, 1), date(2027, 1, 4)])[0] == date(
        2027, 1, 4
    )


def test_dates_of_one_series_that_overlap_are_found() -> None:
    weeks = [spans_on([date(2027, 1, day), date(2027, 1, day + 7)], time(9), time(16)) for day in (4, 11, 19)]
    assert overlapping(weeks) == {1}


@pytest.mark.parametrize(
    ("hours", "least", "days", "breaks", "closes"),
    [
        ("18", 3, 3, 60, time(16, 30)),
        ("6", 1, 1, 60, time(16, 30)),
        ("12", None, 2, 60, time(16, 30)),
        ("4", None, 1, 0, time(13, 30)),
    ],
)
def test_a_course_is_usually_held_in(hours: str, least: int | None, days: int, breaks: int, closes: time) -> None:
    usual = usual_days(Decimal(hours), least)
    assert (usual.days, usual.breaks_minutes, usual.closes) == (days, breaks, closes)
