"""A double click on a form that adds something to the office's records adds it once."""

import asyncio

import pytest

from tests.builders import Db, a_course
from tests.features.browser import Browser
from tests.features.mailing import rows
from tests.features.test_office_courses_pages import FORM as COURSE
from tests.features.test_office_courses_pages import carried
from tests.features.test_office_venues_pages import FORM as VENUE
from tests.features.test_organisations_office import FORM as ORGANISATION

CODES = {"prefix": "SPRING", "count": "1", "discount_type": "percentage", "discount_value": "10", "usage_limit": "1",
         "valid_from": "2031-01-01", "valid_until": "2031-06-01"}  # fmt: skip
OFFER = {"name": "Five or more", "kind": "seats", "at_least_seats": "5", "percent": "10", "valid_from": "2031-01-01",
         "valid_until": "2031-06-01"}  # fmt: skip
# At the client's own site: no other date is ever in its way.
IN_HOUSE = {"course_id": "1", "day-0": "2031-03-03", "starts-0": "09:30", "ends-0": "16:30", "in_house_for": "Mill",
            "place_name": "Mill", "place_address": "1 Mill Lane", "place_city": "Leeds", "place_postcode": "LS1 1AA",
            "place_seats": "8"}  # fmt: skip
FORMS = {
    "courses": ("/office/courses/new", "/office/courses/new", COURSE),
    "venues": ("/office/venues/new", "/office/venues/new", VENUE),
    "organisations": ("/office/organisations/new", "/office/organisations", ORGANISATION),
    "discount_codes": ("/office/prices/codes/generate", "/office/prices/codes/generate", CODES),
    "offers": ("/office/prices/offers/new", "/office/prices/offers/new", OFFER),
    "course_schedules": ("/office/schedules/new?course=1&on=2031-03-03", "/office/schedules/new", IN_HOUSE),
}


@pytest.mark.parametrize("table", FORMS)
async def test_the_same_form_twice_adds_one(db: Db, office: Browser, table: str) -> None:
    if table == "course_schedules":
        assert a_course(db)["id"] == 1
    page, path, fields = FORMS[table]
    hidden = carried((await office.get(page)).text)
    before = len(rows(db, f"select id from {table}"))
    both = [office.send_form(path, page=page, **{**hidden, **fields}) for _ in range(2)]
    assert [answer.status_code for answer in await asyncio.gather(*both)] == [303, 303]
    assert len(rows(db, f"select id from {table}")) == before + 1
