"""The office's list of orders: narrowed in every way, with chosen columns, as a file."""

import io
import zipfile
from typing import Any

import pytest

from tests.builders import Db, Row, a_schedule, insert, update
from tests.features.browser import Browser
from tests.features.mailing import an_order, rows, utc

LIST = "/office/orders"


async def shown(office: Browser, db: Db, **filters: Any) -> set[str]:
    answer = await office.get(LIST, params={name: str(value) for name, value in filters.items()})
    assert answer.status_code == 200
    return {
        row["reference"]
        for row in rows(db, "select reference from orders")
        if f"{LIST}/{row['reference']}" in answer.text
    }


def two_orders(db: Db) -> tuple[Row, Row]:
    """One of a school's by purchase order and telephone for 2 June, and one by card on the site for 5 June."""
    near = a_schedule(db, start_datetime=utc(2031, 6, 2, 8), end_datetime=utc(2031, 6, 2, 15))
    far = a_schedule(db, start_datetime=utc(2031, 6, 5, 8), end_datetime=utc(2031, 6, 5, 15))
    school = an_order(
        db, schedule=near, payment_method="invoice", organisation_name="Surrey Hills School", purchase_order="PO-7"
    )
    insert(db, "order_sources", order_id=school["id"], source="phone")
    return school | {"course": near["course_id"], "venue": near["venue_id"]}, an_order(db, schedule=far)


async def test_orders_are_narrowed_by_course_venue_days_organisation_payment_and_source(
    db: Db, office: Browser
) -> None:
    school, site = two_orders(db)
    for filters in ({"course": school["course"]}, {"venue": school["venue"]}, {"on": "2031-06-01", "to": "2031-06-04"},
                    {"organisation": "surrey h"}, {"method": "invoice"}, {"source": "phone"}):  # fmt: skip
        assert await shown(office, db, **filters) == {school["reference"]}, filters
    assert await shown(office, db, source="site") == {site["reference"]}
    assert await shown(office, db, on="2031-06-05", method="invoice") == set()
    refused = await office.get(LIST, params={"on": "soon"})
    assert (refused.status_code, "Enter a date" in refused.text) == (422, True)


async def test_a_state_and_its_neighbours_keep_the_other_filters_and_the_columns(db: Db, office: Browser) -> None:
    two_orders(db)
    page = (await office.get(LIST, params={"method": "invoice", "columns": ["reference", "purchase_order"]})).text
    assert (">Purchase order</th>" in page, ">Total</th>" in page, "PO-7" in page) == (True, False, True)
    assert "state=confirmed&amp;method=invoice&amp;columns=reference&amp;columns=purchase_order" in page


async def test_an_order_whose_seats_were_replaced_is_not_cancelled(db: Db, office: Browser) -> None:
    order = an_order(db, confirmed=False, people=("Amina Khan", None))
    for booking in order["bookings"]:
        update(db, "bookings", booking, status="cancelled")
    assert await shown(office, db, state="cancelled") == {order["reference"]}
    late = an_order(db, confirmed=False)["bookings"][0]
    db.execute("update order_bookings set order_id = %s, position = 9 where booking_id = %s", (order["id"], late["id"]))
    assert order["reference"] not in await shown(office, db, state="cancelled")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_file_has_the_columns_that_were_chosen_and_no_formula(kind: str, db: Db, office: Browser) -> None:
    an_order(db, booker_name="=1+1 Khan")
    two_orders(db)
    asked = {
        "columns": ["booker", "places", "total", "state"],
        "method": "card",
        "on": "2031-06-02",
        "to": "2031-06-30",
    }
    answer = await office.get(f"{LIST}/export.{kind}", params={**asked, "on": "", "to": ""})
    if kind == "csv":
        lines = answer.text.splitlines()
        assert lines[0] == "\ufeffBooker,Places,Total,State"
        assert lines[1:] == ["Amina Khan,1,75.00,Confirmed", "'=1+1 Khan,1,75.00,Confirmed"]
    else:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert ("=1+1 Khan" in sheet, "<f>" in sheet) == (True, False)
