"""Two admins have one record's form open: whoever saves second is shown both versions, whatever the record is."""

import asyncio
import json
from typing import NamedTuple

import pytest

from tests.builders import Db, a_discount_code, an_instructor
from tests.features.browser import Browser
from tests.features.owing import an_organisation
from tests.features.test_office_courses_pages import carried, proposed

# The record, its form's address, what Carol changes, and what her colleague changes meanwhile.
RECORDS = {
    "organisation": (an_organisation, "/office/organisations/{}/edit", {"billing_name": "The Mill"}, {"notes": "Ring"}),
    "instructor": (an_instructor, "/office/instructors/{}/edit", {"home_town": "Leeds"}, {"bio": "Paramedic."}),
    "code": (a_discount_code, "/office/prices/codes/{}/edit", {"description": "Spring"}, {"usage_limit": "40"}),
}


class Open(NamedTuple):
    """One form that two have open: where it posts to, and what each of them sends."""

    path: str
    mine: dict[str, str]
    theirs: dict[str, str]


@pytest.fixture(params=RECORDS)
async def form(request: pytest.FixtureRequest, db: Db, office: Browser) -> Open:
    make, path, mine, theirs = RECORDS[request.param]
    path = path.format(make(db)["id"])
    hidden = carried((await office.get(path)).text)
    shown = json.loads(hidden["was"]) | hidden
    return Open(path, shown | mine, shown | theirs)


async def test_the_later_save_is_asked_and_then_keeps_both(office: Browser, form: Open) -> None:
    assert (await office.send_form(form.path, page=form.path, **form.theirs)).status_code == 303
    asked = await office.send_form(form.path, page=form.path, **form.mine)
    assert (asked.status_code, "Somebody else changed this" in asked.text) == (409, True)
    chosen = carried(asked.text) | proposed(asked.text)
    assert (await office.send_form(form.path, page=form.path, **chosen)).status_code == 303
    kept = json.loads(carried((await office.get(form.path)).text)["was"])
    changed = {name for name in kept if form.mine[name] != form.theirs[name]}
    assert len(changed) == 2
    assert {kept[name] for name in changed} == {form.mine[name] or form.theirs[name] for name in changed}


async def test_of_two_saves_at_once_one_is_asked(office: Browser, form: Open) -> None:
    sends = [office.send_form(form.path, page=form.path, **fields) for fields in (form.mine, form.theirs)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*sends)) == [303, 409]
