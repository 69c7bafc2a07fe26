"""The activity log: filtered, in words, exported without a cell that a spreadsheet would run."""

import csv
import io
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from rft.audit.queries import ActivityFilter, walk_activity
from rft.database.pool import Database
from rft.kit.sheets import csv_lines
from tests.builders import Db, Row, a_course, a_schedule, a_user, a_venue, insert
from tests.cast import carol
from tests.features.browser import Browser
from tests.features.mailing import an_order
from tests.features.test_office_orders import link_of


def did(
    db: Db, who: Row, action: str, entity_type: str | None = None, entity_id: int | None = None, **values: Any
) -> Row:
    written = {name: Jsonb(value) for name, value in values.items() if value is not None}
    return insert(
        db,
        "admin_activity_logs",
        admin_id=who["id"],
        action=action,
        entity_type=entity_type,
        entity_id=entity_id,
        **written,
    )


async def shown(office: Browser, **filters: object) -> str:
    answer = await office.get("/office/activity", params={name: str(value) for name, value in filters.items()})
    assert answer.status_code == 200
    return answer.text.partition('<tbody role="rowgroup">')[2]


async def test_lines_are_found_by_who_what_and_about_what(db: Db, office: Browser, admin: Row) -> None:
    ruth, venue = a_user(db, first_name="Ruth", last_name="Adeyemi", role="admin"), a_venue(db, name="Town Hall")
    did(db, admin, "venue.change", "venue", venue["id"])
    did(db, ruth, "course.create", "course", a_course(db, name="CPR and AED")["id"])
    assert "Town Hall" in await shown(office)
    assert "CPR and AED" not in await shown(office, who=admin["id"], action="", entity="", q="")
    assert "Town Hall" not in await shown(office, action="course.create")
    assert "Town Hall" not in await shown(office, entity="course")
    assert "CPR and AED" not in await shown(office, entity="venue", number=venue["id"])


async def test_an_orders_reference_finds_what_was_done_with_it_and_with_its_bookings(
    db: Db, office: Browser, admin: Row
) -> None:
    order = an_order(db)
    did(db, admin, "order.payment", "order", order["id"])
    did(db, admin, "booking.completed", "booking", order["bookings"][0]["id"])
    did(db, admin, "venue.create", "venue", a_venue(db, name="Town Hall")["id"])
    found = await shown(office, q=order["reference"].lower())
    assert "Payment recorded" in found
    assert "Booking completed" in found
    assert "Town Hall" not in found


async def test_before_and_after_are_told_in_words(db: Db, office: Browser, admin: Row) -> None:
    schedule = a_schedule(db)
    old = {
        "status": "draft",
        "price": "90.00",
        "is_active": True,
        "start": "2031-06-02T08:30:00",
        "end_date": "2031-06-30",
    }
    new = {"status": "published", "price": "100.00", "is_active": False, "start": "2031-06-03T08:30:00", "notes": None}
    did(db, admin, "schedule.change", "schedule", schedule["id"], old_values=old, new_values=new)
    found = await shown(office)
    for words in (
        "Draft",
        "Published",
        "£90.00",
        "£100.00",
        "Yes",
        "Monday 2 June 2031, 09:30",
        "Monday 30 June 2031",
        "Tuesday 3 June 2031, 09:30",
    ):
        assert words in found
    assert "Notes" not in found


async def test_what_is_the_same_before_and_after_is_not_told(db: Db, office: Browser, admin: Row) -> None:
    did(db, admin, "venue.change", "venue", a_venue(db)["id"], old_values={"name": "Hall", "city": "Leeds"},
        new_values={"name": "Hall", "city": "York"})  # fmt: skip
    found = await shown(office)
    assert "City" in found
    assert "Name" not in found


async def test_odd_lines_of_other_programs_are_shown_all_the_same(db: Db, office: Browser, admin: Row) -> None:
    did(
        db,
        admin,
        "somebody elses_act",
        new_values={"price": "cheap", "start": "2031-99-99T99:99", "x": {"y": [1, None]}},
    )
    did(db, admin, "booking.vanished", "booking", 987654)
    found = await shown(office)
    assert "Somebody elses act" in found
    assert "Booking 987654" in found


async def test_the_log_is_walked_to_its_end(db: Db, office: Browser, admin: Row) -> None:
    for number in range(60):
        did(db, admin, "venue.change", "venue", 1000 + number)
    first = (await office.get("/office/activity?action=venue.change")).text
    second = (await office.get(link_of(first, "Older"))).text
    assert "Venue 1059" in first
    assert "Venue 1009" not in first
    assert "Venue 1009" in second
    assert "action=venue.change" in link_of(second, "Newer")


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


async def test_the_export_holds_what_the_filters_leave(db: Db, office: Browser, admin: Row) -> None:
    did(db, admin, "venue.change", "venue", a_venue(db, name="Town Hall")["id"], new_values={"city": "Ötley"})
    did(db, admin, "course.create", "course", 1)
    answer = await office.get("/office/activity/export.csv?action=venue.change")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="activity-')
    heading, line = cells(answer.text)
    assert heading[:4] == ["When", "Who", "Action", "About"]
    assert line[1:5] == ["Carol Hughes", "venue.change", "Town Hall", "venue"]
    assert line[7] == '{"city": "Ötley"}'


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
async def test_no_name_becomes_a_formula_in_a_spreadsheet(name: str, db: Db, office: Browser, admin: Row) -> None:
    did(db, admin, "venue.create", "venue", a_venue(db, name=name)["id"])
    assert cells((await office.get("/office/activity/export.csv")).text)[1][3] == f"'{name}"


def test_cells_keep_commas_quotes_and_lines() -> None:
    assert cells(csv_lines([["a,b", 'c"d', "e\nf", None, 7, "safe=1"]])) == [["a,b", 'c"d', "e\nf", "", "7", "safe=1"]]


async def test_a_long_log_is_exported_line_by_line_without_gap_or_repeat(db: Db, database: Database) -> None:
    admin = carol(db)
    db.execute(
        "insert into admin_activity_logs (admin_id, action) select %s, 'n' || number from generate_series(1, 2003) as number",
        (admin["id"],),
    )
    ids = [act.id async for acts in walk_activity(database, ActivityFilter()) for act in acts]
    assert len(ids) == len(set(ids)) == 2003
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize("query", ["who=x", "number=99999999999", "before=x", "who=²"])
async def test_an_address_that_nobody_gave_out_is_refused_and_not_an_error(query: str, office: Browser) -> None:
    assert (await office.get(f"/office/activity?{query}")).status_code == 422
