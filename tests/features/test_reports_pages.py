"""The office's reports: pages, files and the API tell the same figures, to the penny and by London days."""

import csv
import io
import zipfile
from datetime import datetime
from decimal import Decimal

import pytest
from fastapi import FastAPI

from rft.database.pool import Database
from rft.kit.clock import london_today, utc_now
from rft.reports.service import REPORTS
from tests.builders import Db, Row, a_booking, a_course, a_payment, a_schedule, a_venue, confirmed_booking, insert
from tests.cast import amina, ben
from tests.features.api import Api, refused_fields
from tests.features.browser import Browser

MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def money_in_march(db: Db) -> Row:
    """£75.00 and £0.10 came, £20.05 went back; on 1 March £75.10 too, half an hour after midnight of the London day."""
    schedule = a_schedule(
        db, course=a_course(db, name="=First Aid"), venue=a_venue(db, name="Hall"), instructor_id=ben(db)["id"]
    )
    booking = a_booking(db, schedule, user=amina(db))
    for amount, day, columns in (
        ("75.00", 2, {}),
        ("0.10", 31, {}),
        ("20.05", 30, {"status": "refunded"}),
    ):
        a_payment(db, booking, Decimal(amount), created_at=datetime(2026, 3, day, 12), **columns)  # noqa: DTZ001
    # In summer time: 31 March, 23:30 UTC is 1 April in London.
    a_payment(db, booking, Decimal("1.00"), created_at=datetime(2026, 3, 31, 23, 30))  # noqa: DTZ001
    a_payment(db, booking, Decimal("50.00"), created_at=datetime(2026, 2, 10))  # noqa: DTZ001
    return schedule


async def test_revenue_is_told_to_the_penny_by_london_days(till: Api, money_in_march: Row) -> None:
    told = (await till.get("/admin/reports/revenue", params=MARCH)).json()
    assert told["items"] == [
        {"month": "2026-03", "received": "75.10", "returned": "20.05", "kept": "55.05", "payments": 2, "refunds": 1}
    ]
    assert told["totals"]["received"] == "75.10"
    part = (await till.get("/admin/reports/revenue", params={"from": "2026-03-02", "to": "2026-04-15"})).json()
    assert [item["kept"] for item in part["items"]] == ["55.05", "1.00"]


@pytest.mark.parametrize(
    ("group_by", "first"), [("course", "=First Aid"), ("venue", "Hall, Leeds"), ("instructor", "Ben Osei"), ("day", "2026-03-02")]
)  # fmt: skip
async def test_revenue_can_be_grouped(till: Api, money_in_march: Row, group_by: str, first: str) -> None:
    told = (await till.get("/admin/reports/revenue", params=MARCH | {"group_by": group_by})).json()
    assert told["items"][0][group_by] == first
    assert sum(Decimal(item["kept"]) for item in told["items"]) == Decimal("55.05")


async def test_a_page_holds_a_period_against_the_one_before(office: Browser, money_in_march: Row) -> None:
    page = (await office.get("/office/reports/revenue", params=MARCH)).text
    assert "£75.10" in page
    assert "50.2% more than in the period before" in page
    assert (
        "nothing in a year before"
        in (await office.get("/office/reports/revenue", params=MARCH | {"against": "year"})).text
    )


async def test_files_hold_what_the_page_shows_and_no_formula(office: Browser, money_in_march: Row) -> None:
    asked = MARCH | {"group_by": "course"}
    text = (await office.get("/office/reports/revenue.csv", params=asked)).text
    assert list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1] == [
        "'=First Aid",
        "75.10",
        "20.05",
        "55.05",
        "2",
        "1",
    ]
    book = zipfile.ZipFile(io.BytesIO((await office.get("/office/reports/revenue.xlsx", params=asked)).content))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>55.05</v>" in sheet
    assert "<f>" not in sheet
    assert (await office.get("/office/reports/revenue.pdf", params=asked)).content.startswith(b"%PDF-")


async def test_every_report_opens_with_and_without_anything_to_tell(office: Browser, db: Db) -> None:
    for turn in ("nothing", "something"):
        for name in ("", *(f"/{name}" for name in REPORTS)):
            answer = await office.get(f"/office/reports{name}")
            assert answer.status_code == 200, (turn, name)
        confirmed_booking(db, a_schedule(db))
        a_booking(db, a_schedule(db))
        for facet, value in (("all", turn), ("step", "visit " + turn), ("source", turn)):
            insert(db, "visit_days", day=london_today(utc_now()), facet=facet, value=value, visits=3, events=5)


async def test_bookings_are_counted_when_made_and_when_they_change(till: Api, db: Db) -> None:
    schedule = a_schedule(db)
    lost, _ = confirmed_booking(db, schedule), a_booking(db, schedule)
    db.execute("update bookings set status = 'cancelled' where id = %s", (lost["id"],))
    totals = (await till.get("/admin/reports/bookings")).json()["totals"]
    assert (totals["made"], totals["confirmed"], totals["cancelled"]) == (2, 1, 1)
    cancelled = (await till.get("/admin/reports/cancellations")).json()["totals"]
    assert (cancelled["cancelled"], cancelled["given_up"], cancelled["share"]) == (1, 0, "100.0")


async def test_occupancy_counts_live_dates_and_the_smaller_capacity(till: Api, db: Db) -> None:
    schedule = a_schedule(db, seats=8, start_datetime=datetime(2031, 5, 5, 9))  # noqa: DTZ001
    a_booking(db, schedule)
    a_schedule(db, seats=8, start_datetime=datetime(2031, 5, 6, 9), status="draft")  # noqa: DTZ001
    whole = (await till.get("/admin/reports/occupancy", params={"from": "2031-05-01", "to": "2031-05-31"})).json()
    part = (await till.get("/admin/reports/occupancy", params={"from": "2031-05-05", "to": "2031-05-20"})).json()
    told = {"month": "2031-05", "dates": 1, "seats": 8, "taken": 1, "occupancy": "12.5"}
    assert whole["items"] == part["items"] == [told]
    after = (await till.get("/admin/reports/occupancy", params={"from": "2031-05-06", "to": "2031-05-20"})).json()
    assert after["totals"]["dates"] == 0


async def test_a_customer_who_pays_again_another_day_came_back(till: Api, money_in_march: Row) -> None:
    told = (await till.get("/admin/reports/customers", params={"from": "2026-02-01", "to": "2026-02-28"})).json()
    assert told["items"] == [
        {"month": "2026-02", "customers": 1, "came_back": 1, "share": "100.0", "received": "126.10", "returned": "20.05",
         "worth": "106.05"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"from": "2026-13-01"}, "from"), ({"from": "2026-02-01", "to": "2026-01-01"}, "to"), ({"group_by": "moon"}, "group_by"),
     ({"from": "2020-01-01", "to": "2026-01-01", "group_by": "day"}, "group_by")],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_beside_its_field(till: Api, asked: dict[str, str], field: str) -> None:
    assert field in refused_fields(await till.get("/admin/reports/revenue", params=asked))


async def test_a_page_keeps_what_was_typed_wrong(office: Browser) -> None:
    answer = await office.get("/office/reports/revenue", params={"from": "2026-02-01", "to": "2026-01-01"})
    assert answer.status_code == 422
    assert 'value="2026-01-01"' in answer.text


async def test_without_its_replica_a_report_reads_the_main_database(app: FastAPI, till: Api) -> None:
    app.state.replica = Database("postgresql://127.0.0.1:1/nowhere", size=1)
    assert (await till.get("/admin/reports/revenue", params=MARCH)).status_code == 200
