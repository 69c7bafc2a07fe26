"""The office's list of bookings: narrowed in every way, with chosen columns, as a file, kept under a name."""

import io
import zipfile
from typing import Any

import pytest

from tests.builders import Db, Row, a_booking, a_course, a_schedule, insert
from tests.cast import amina, ben, dev
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows, utc

LIST = "/office/bookings"


async def shown(office: Browser, db: Db, **filters: Any) -> set[str]:
    answer = await office.get(LIST, params={name: str(value) for name, value in filters.items()})
    assert answer.status_code == 200
    references = [row["booking_reference"] for row in rows(db, "select booking_reference from bookings")]
    return {reference for reference in references if f'value="{reference}"' in answer.text}


def two_dates(db: Db) -> tuple[Row, Row, Row, Row]:
    taught = a_schedule(
        db, instructor_id=ben(db)["id"], start_datetime=utc(2031, 6, 2, 8), end_datetime=utc(2031, 6, 2, 15)
    )
    other = a_schedule(db, start_datetime=utc(2031, 6, 5, 8), end_datetime=utc(2031, 6, 5, 15))
    return taught, other, a_booking(db, taught), a_booking(db, other)


async def test_it_is_narrowed_by_course_venue_instructor_and_days(db: Db, office: Browser) -> None:
    taught, other, mine, its = two_dates(db)
    for name in ("course", "venue", "instructor"):
        assert await shown(office, db, **{name: taught[f"{name}_id"]}) == {mine["booking_reference"]}
    assert await shown(office, db, on="2031-06-01", to="2031-06-04") == {mine["booking_reference"]}
    assert len(await shown(office, db, on="2031-06-02", to="2031-06-05")) == 2
    assert await shown(office, db, course=other["course_id"], venue=taught["venue_id"]) == set()
    assert its["booking_reference"] in await shown(office, db, to="2031-06-05")


async def test_it_is_narrowed_by_organisation_and_by_the_way_the_order_came(db: Db, office: Browser) -> None:
    school = an_order(db, organisation_name="Surrey Hills School")
    site, loose = an_order(db), a_booking(db, a_schedule(db))
    insert(db, "order_sources", order_id=school["id"], source="phone")
    by_phone, on_site = ({order["bookings"][0]["booking_reference"]} for order in (school, site))
    assert await shown(office, db, organisation="surrey h") == by_phone
    assert await shown(office, db, source="phone") == by_phone
    assert await shown(office, db, source="site") == on_site
    assert loose["booking_reference"] in await shown(office, db)


async def test_the_columns_are_those_chosen_also_on_the_next_page(db: Db, office: Browser) -> None:
    schedule = a_schedule(db, seats=60, course=a_course(db, max_capacity=60))
    for _ in range(51):
        a_booking(db, schedule)
    page = (await office.get(LIST, params={"columns": ["reference", "booker"]})).text
    assert ">Booked by</th>" in page
    assert ">Payment</th>" not in page
    assert "columns=reference&amp;columns=booker" in page.split('aria-label="More of this list"')[1]


async def test_the_csv_has_all_that_match_and_no_cell_begins_a_formula(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    a_booking(db, schedule, user=amina(db, first_name="=1+1", last_name="Khan"))
    a_booking(db, a_schedule(db), user=dev(db))
    answer = await office.get(
        f"{LIST}/export.csv", params={"schedule": schedule["id"], "columns": ["attendee", "price"]}
    )
    assert answer.text.splitlines() == ["\ufeffAttendee,Price", "'=1+1 Khan,75.00"]


async def test_the_csv_says_of_every_booking_how_it_stands(db: Db, office: Browser) -> None:
    on_account = {"payment_method": "invoice", "confirmed": False}
    an_order(db, **on_account, accepted=False)
    an_order(db, **on_account, accepted=True)
    an_order(db)
    a_booking(db, a_schedule(db))
    answer = await office.get(f"{LIST}/export.csv", params={"columns": ["state"]})
    assert sorted(answer.text.splitlines()[1:]) == ["Awaiting payment", "Confirmed", "Reserved", "Waiting for approval"]


async def test_the_workbook_holds_what_was_typed_as_text(db: Db, office: Browser) -> None:
    a_booking(db, a_schedule(db), user=amina(db, first_name="=1+1", last_name="Khan"))
    answer = await office.get(f"{LIST}/export.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert ("=1+1 Khan" in sheet, "<f>" in sheet, "<v>75.00</v>" in sheet or "<v>75</v>" in sheet) == (
        True,
        False,
        True,
    )


async def test_a_view_is_kept_shared_and_removed(db: Db, office: Browser, new_browser: Any, password_hash: str) -> None:
    query = "status=pending&columns=reference"
    kept = await office.send_form(f"{LIST}/views", page=f"{LIST}?{query}", query=query, name="To be paid", shared="yes")
    assert kept.headers["location"] == f"{LIST}?{query}"
    assert "To be paid" in (await office.get(LIST)).text
    view = one(db, "select * from saved_views")
    colleague = amina(db, role="admin", password_hash=password_hash)
    other = new_browser()
    await other.sign_in(colleague["email"])
    assert "To be paid" in (await other.get(LIST)).text
    page = f"{LIST}/views/{view['id']}/remove"
    assert (await other.send_form(page, page=f"{LIST}?{query}")).status_code == 404
    assert (await office.send_form(page, page=f"{LIST}?{query}")).status_code == 303
    assert rows(db, "select from saved_views") == []


@pytest.mark.parametrize("name", ["", "x" * 61])
async def test_a_view_needs_a_name(name: str, db: Db, office: Browser) -> None:
    await office.send_form(f"{LIST}/views", page=f"{LIST}?status=pending", query="status=pending", name=name)
    assert "Give the view a name" in (await office.get(LIST)).text
    assert rows(db, "select from saved_views") == []
