"""Discount codes, offers and agreed prices in the office: found, made, changed, ended, and what they cost."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from rft.database.pool import Database
from rft.discounts.queries import CodeFilter, list_discount_codes
from rft.discounts.rules import code_state
from rft.kit.clock import london_today, utc_now
from rft.kit.pages import Window
from tests.builders import Db, Row, a_booking, a_discount_code, a_schedule, insert, reload, update
from tests.features.api import Api, refused_fields
from tests.features.browser import Browser
from tests.features.mailing import one, rows
from tests.features.test_office_courses_pages import carried
from tests.features.test_prices_orders import an_organisation

CODES, OFFERS, AGREED = "/office/prices/codes", "/office/prices/offers", "/office/prices/agreed"
TERMS = {"discount_type": "percentage", "discount_value": "15", "valid_from": "2026-01-01", "valid_until": "2031-01-01"}


def one_of_each(db: Db) -> dict[str, Row]:
    today = london_today(utc_now())
    codes = {
        "active": a_discount_code(db, code="ACTIVE", usage_limit=5),
        "scheduled": a_discount_code(db, code="SOON", valid_from=today + timedelta(days=2)),
        "used_up": a_discount_code(db, code="SPENT", usage_limit=1),
        "expired": a_discount_code(db, code="LATE", valid_from="2020-01-01", valid_until=today - timedelta(days=1)),
        "off": a_discount_code(db, code="QUIET", is_active=False),
    }
    a_booking(db, a_schedule(db), code=codes["used_up"])
    return codes


@pytest.mark.parametrize("state", ["active", "scheduled", "used_up", "expired", "off"])
async def test_each_state_shows_its_own_codes_in_the_words_of_the_rule(
    state: Any, db: Db, office: Browser, database: Database
) -> None:
    codes, today = one_of_each(db), london_today(utc_now())
    async with database.connection() as connection:
        found = await list_discount_codes(connection, CodeFilter(today, "", state), Window())
    assert [(code.code, code_state(code, today)) for code in found] == [(codes[state]["code"], state)]
    page = (await office.get(CODES, params={"state": state})).text
    assert page.count('<tr role="row"><td') == 1


async def test_a_code_is_found_by_its_beginning_and_its_description(db: Db, office: Browser) -> None:
    a_discount_code(db, code="SPRING10", description="For the schools of Leeds")
    a_discount_code(db, code="OTHER")
    for typed in ("spri", "SCHOOLS"):
        page = (await office.get(CODES, params={"q": typed})).text
        assert "SPRING10" in page
        assert "OTHER" not in page
    assert "No code matches" in (await office.get(CODES, params={"q": "%"})).text


async def test_a_code_is_added_and_written_down(db: Db, office: Browser, admin: Row) -> None:
    form = {**TERMS, "code": "Spring15", "usage_limit": "20", "is_active": "yes", "description": "Leeds"}
    answer = await office.send_form(f"{CODES}/new", page=f"{CODES}/new", **form)
    assert answer.status_code == 303
    code = one(db, "select * from discount_codes")
    assert (code["code"], code["discount_value"], code["usage_limit"], code["min_purchase_amount"]) == (
        "Spring15",
        15,
        20,
        None,
    )
    assert one(db, "select action, admin_id from admin_activity_logs") == {
        "action": "discount_code.create",
        "admin_id": admin["id"],
    }
    assert "Leeds" in (await office.get(answer.headers["location"])).text


async def test_a_wrong_form_comes_back_filled_in_with_its_errors(db: Db, office: Browser) -> None:
    form = {**TERMS, "code": "SPRING", "usage_limit": "many", "discount_value": "a lot"}
    answer = await office.send_form(f"{CODES}/new", page=f"{CODES}/new", **form)
    assert answer.status_code == 422
    assert 'value="a lot"' in answer.text
    assert 'href="#field-usage_limit"' in answer.text
    a_discount_code(db, code="spring")
    taken = await office.send_form(f"{CODES}/new", page=f"{CODES}/new", **TERMS, code="SPRING")
    assert "There is already a discount code with this name." in taken.text


async def test_an_unused_code_may_change_and_a_used_one_shows_what_is_frozen(db: Db, office: Browser) -> None:
    code = a_discount_code(db, code="SPRING")
    path = f"{CODES}/{code['id']}/edit"
    until = code["valid_until"] + timedelta(days=9)
    fields = {"valid_until": until.isoformat(), "description": "Longer", "is_active": "yes"}
    first = {**TERMS, **fields, "code": "SPRING", "discount_value": "25", **carried((await office.get(path)).text)}
    assert (await office.send_form(path, page=path, **first)).status_code == 303
    code = reload(db, "discount_codes", code)
    assert code["discount_value"] == 25
    a_booking(db, a_schedule(db), code=code)
    page = (await office.get(path)).text
    assert "This code has been used: its terms are frozen" in page
    assert 'name="discount_value"' not in page
    again = {**fields, "discount_value": "90", "usage_limit": "3", **carried(page)}
    assert (await office.send_form(path, page=path, **again)).status_code == 303
    code = reload(db, "discount_codes", code)
    assert (code["discount_value"], code["usage_limit"], code["description"]) == (25, 3, "Longer")
    sooner = {"valid_until": (until - timedelta(days=1)).isoformat(), "is_active": "yes"}
    earlier = await office.send_form(path, page=path, **sooner, **carried((await office.get(path)).text))
    assert earlier.status_code == 409
    assert "a later last day" in earlier.text


async def test_a_code_is_switched_off_and_shows_its_bookings_and_cost(db: Db, office: Browser) -> None:
    code = a_discount_code(db, code="SPRING")
    kept, gone = (a_booking(db, a_schedule(db), code=code) for _ in range(2))
    update(db, "bookings", gone, status="cancelled")
    path = f"{CODES}/{code['id']}"
    assert (await office.send_form(f"{path}/switch", page=path, to="off")).status_code == 303
    page = (await office.get(path)).text
    assert not reload(db, "discount_codes", code)["is_active"]
    assert {f"/office/bookings/{row['booking_reference']}" in page for row in (kept, gone)} == {True}
    assert page.count("£67.50") == 1, "what the one live booking leaves"


async def test_many_codes_are_generated_and_taken_away_as_a_sheet(db: Db, office: Browser) -> None:
    form = {**TERMS, "prefix": "gift", "count": "40", "usage_limit": "1", "description": "=cmd"}
    answer = await office.send_form(f"{CODES}/generate", page=f"{CODES}/generate", **form)
    assert answer.status_code == 303
    sheet = (await office.get(f"{CODES}/codes.csv", params={"q": "GIFT-"})).text
    lines = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    assert {line["Code"] for line in lines} == {row["code"] for row in rows(db, "select code from discount_codes")}
    assert len(lines) == 40
    assert {(line["Description"], line["Limit"], len(line["Code"])) for line in lines} == {("'=cmd", "1", 15)}
    assert one(db, "select new_values ->> 'count' as made from admin_activity_logs")["made"] == "40"


async def test_more_than_500_at_once_are_refused(till: Api, db: Db) -> None:
    body = {**TERMS, "prefix": "GIFT", "count": 501}
    assert refused_fields(await till.post("/admin/discount-codes/generate", json=body)) == {"count"}
    made = await till.post("/admin/discount-codes/generate", json=body | {"count": 3})
    assert len(set(made.json()["codes"])) == 3


async def test_the_api_tells_and_changes_the_description(till: Api, db: Db) -> None:
    code = a_discount_code(db, code="SPRING", description="Leeds")
    path = f"/admin/discount-codes/{code['id']}"
    assert (await till.get(path)).json()["description"] == "Leeds"
    assert (await till.patch(path, json={"description": "York"})).json()["description"] == "York"
    listed = (await till.get("/admin/discount-codes", params={"search": "york", "state": "active"})).json()
    assert [item["code"] for item in listed["items"]] == ["SPRING"]


async def test_an_offer_is_made_shown_and_ended(db: Db, office: Browser) -> None:
    form = {"name": "Early bird", "kind": "early_bird", "days_ahead": "30", "percent": "15", "at_least_seats": "1"}
    assert (await office.send_form(f"{OFFERS}/new", page=f"{OFFERS}/new", **form)).status_code == 303
    offer = one(db, "select * from offers where kind = 'early_bird'")
    assert "15% off booked 30 days ahead or more" in (await office.get(f"/dates/{a_schedule(db)['id']}")).text
    assert (await office.send_form(f"{OFFERS}/{offer['id']}/end", page=OFFERS)).status_code == 303
    assert not reload(db, "offers", offer)["is_active"]
    assert "Ended" in (await office.get(OFFERS)).text
    both = await office.send_form(f"{OFFERS}/new", page=f"{OFFERS}/new", **form, amount="5")
    assert "Give a percentage or an amount, not both." in both.text


async def test_a_price_is_agreed_once_for_the_same_days_and_ended(db: Db, office: Browser) -> None:
    schedule, school = a_schedule(db), an_organisation(db)
    form = {
        "organisation_id": str(school["id"]),
        "course_id": str(schedule["course_id"]),
        "price": "60",
        "valid_from": "2026-01-01",
    }
    first, second = [await office.send_form(AGREED, page=AGREED, **form) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 409)
    assert "A price is agreed with this organisation for this course" in second.text
    price = one(db, "select * from organisation_prices")
    assert (await office.send_form(f"{AGREED}/{price['id']}/end", page=AGREED)).status_code == 303
    assert reload(db, "organisation_prices", price)["valid_until"] == london_today(utc_now())
    later = insert(
        db,
        "organisation_prices",
        organisation_id=school["id"],
        course_id=schedule["course_id"],
        price=50,
        valid_from="2035-01-01",
    )
    assert (await office.send_form(f"{AGREED}/{later['id']}/end", page=AGREED)).status_code == 303
    assert rows(db, "select id from organisation_prices") == [{"id": price["id"]}]


@pytest.mark.parametrize("path", ["/office/prices", CODES, f"{CODES}/new", f"{CODES}/codes.csv", OFFERS, AGREED])
async def test_a_stranger_sees_no_prices_of_the_office(path: str, browser: Browser) -> None:
    assert (await browser.get(path)).status_code in (303, 401)
