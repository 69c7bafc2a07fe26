"""JSON that travels in a form's field: nothing has looked at it before we do, and none of it is a fault of ours."""

import json

import pytest

from rft.kit.typed_json import read_json
from tests.builders import Db, Row, a_venue
from tests.cast import ben
from tests.features.browser import Browser
from tests.features.teaching import a_course_of, a_mark, keys_of

ENDLESS = "[" * 60_000


@pytest.mark.parametrize("text", ["", "{", ENDLESS, "NaN", "[-Infinity]", '"\\ud800"', '{"\\udfff": 1}', "9" * 5000])
def test_what_cannot_be_read_or_kept_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


@pytest.mark.parametrize("field", ["was", "updated_at"])
async def test_an_edit_that_carries_nonsense_is_refused(office: Browser, db: Db, field: str) -> None:
    path = f"/office/venues/{a_venue(db)['id']}/edit"
    answer = await office.send_form(path, page=path, **{field: ENDLESS})
    assert answer.status_code == 422


@pytest.fixture
def register(db: Db) -> tuple[str, Row]:
    """The address of a register, and a person's place on it."""
    schedule, bookings = a_course_of(db, ben(db), "Ruth")
    return f"/instructor/register/{keys_of(db, schedule)[0]}", bookings[0]


@pytest.mark.parametrize("value", [{"text": float("nan")}, {"text": "x", "\udfff": 1}])
async def test_a_mark_that_cannot_be_kept_is_refused(
    office: Browser, db: Db, register: tuple[str, Row], value: Row
) -> None:
    path, ruth = register
    mark = a_mark(ruth, "note", value=value)
    answer = await office.send_form(f"{path}/sync", page=path, marks=json.dumps([mark]))
    assert list(answer.json()["refused"]) == [mark["id"]]
    assert not db.execute("select from register_marks").fetchall()


async def test_a_register_whose_json_never_ends_is_refused(office: Browser, register: tuple[str, Row]) -> None:
    path, ruth = register
    person = f"{path}/person/{ruth['booking_reference']}"
    assert (await office.send_form(f"{path}/sync", page=path, marks=ENDLESS)).status_code == 422
    assert (await office.send_form(person, page=path, heads=ENDLESS, note="Late bus")).status_code == 303
