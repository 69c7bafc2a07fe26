"""Who may open which page and do which act: every route of the pages, by every kind of person, against a table written by hand.

The API has a table of its own in test_api_access.py.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from rft.app import PAGES
from tests.builders import Db, Row, a_course, a_user, a_venue, insert, update
from tests.cast import amina, ben, carol, dev
from tests.features.browser import Browser
from tests.features.mailing import an_order
from tests.features.owing import an_organisation
from tests.features.teaching import a_course_of, keys_of

TABLE = Path(__file__).parent / "role_matrix.txt"
# Amina booked, and books for her employer; Ben teaches the date; Erin teaches others; a stranger has no account.
ROLES = ("stranger", "disabled", "amina", "dev", "ben", "erin", "carol")
SIGN_IN, REFUSED, UNFOUND, SERVED = "sign-in", "refused", "unfound", "served"


def read_table() -> dict[str, dict[str, str]]:
    """What each call says to each role. A heading gives the roles' cells, the lines beneath it are the calls."""
    table: dict[str, dict[str, str]] = {}
    cells: dict[str, str] = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("["):
            cells = dict(zip(ROLES, line.strip("[]").split(), strict=True))
        elif line and not line.startswith("#"):
            assert line not in table, f"{line} stands twice"
            table[line] = cells
    return table


def calls() -> list[str]:
    """Reading before acting: an act may take away what would be read."""
    found = {
        f"{method} {route.path}"  # type: ignore[attr-defined]
        for router in PAGES
        for route in router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    return sorted(found, key=lambda call: (not call.startswith("GET"), call))


@pytest.fixture
def people(db: Db, password_hash: str) -> dict[str, Row]:
    erin = a_user(db, email="erin@example.com", first_name="Erin", role="instructor", password_hash=password_hash)
    disabled = a_user(db, email="gone@example.com", role="admin", password_hash=password_hash)
    known = {"amina": amina, "dev": dev, "ben": ben, "carol": carol}
    return {name: make(db, password_hash=password_hash) for name, make in known.items()} | {
        "erin": erin,
        "disabled": disabled,
    }


@pytest.fixture
def places(db: Db, people: dict[str, Row]) -> dict[str, str]:
    """What stands in an address, by the beginning of the address and the name of the part: things of Amina's, and a date of Ben's."""
    schedule, _ = a_course_of(db, people["ben"], "Ruth")
    order = an_order(db)
    db.execute("update orders set user_id = %s where id = %s", (people["amina"]["id"], order["id"]))
    employer = an_organisation(db, people["amina"])
    request = insert(db, "teaching_requests", course_schedule_id=order["course_schedule_id"], instructor_id=people["ben"]["id"],
                     answer_by="2031-01-01")  # fmt: skip
    booking = order["bookings"][0]
    ids = {"schedule_id": schedule["id"], "course_id": a_course(db)["id"], "venue_id": a_venue(db)["id"]}
    named = {f" {name}": str(number) for name, number in ids.items()}
    return named | {
        " key": keys_of(db, schedule)[0],
        " request_id": str(request["id"]),
        "/instructor/register reference": "RFT-0",
        "/orders reference": order["reference"],
        "/orders place": "1",
        "/office/orders reference": order["reference"],
        "/office/bookings reference": booking["booking_reference"],
        "/organisation reference": employer["reference"],
        "/office/organisations organisation_id": str(employer["id"]),
        "/office/people user_id": str(people["dev"]["id"]),
        "/office/instructors user_id": str(people["ben"]["id"]),
    }


def address(call: str, places: dict[str, str]) -> str:
    path = call.split(" ")[1]

    def fill(part: re.Match[str]) -> str:
        name = part[1].split(":")[0]
        known = [key for key in places if key.endswith(f" {name}") and path.startswith(key.split(" ")[0])]
        return places[max(known, key=len)] if known else "1"

    return re.sub(r"\{(.+?)\}", fill, path)


def cell(answer: httpx.Response) -> str:
    if answer.status_code == 401 or answer.headers.get("location", "").startswith("/sign-in?next="):
        return SIGN_IN
    return {403: REFUSED, 404: UNFOUND}.get(answer.status_code) or (
        SERVED if answer.status_code < 500 else str(answer.status_code)
    )


@pytest.fixture
async def visitor(
    request: pytest.FixtureRequest, db: Db, people: dict[str, Row], new_browser: Callable[..., Browser]
) -> Browser:
    browser = new_browser()
    if request.param != "stranger":
        assert (await browser.sign_in(people[request.param]["email"])).status_code == 303
    if request.param == "disabled":
        update(db, "users", people["disabled"], is_active=False)
    return browser


def test_the_table_has_every_call_and_no_other() -> None:
    assert sorted(read_table()) == sorted(calls())


@pytest.mark.parametrize(("visitor", "role"), [(role, role) for role in ROLES], indirect=["visitor"], ids=ROLES)
async def test_everybody_gets_what_the_table_says_and_nothing_else(
    visitor: Browser, role: str, places: dict[str, str]
) -> None:
    token = await visitor.csrf_token("/orders/find")
    table, found = read_table(), {}
    for call in calls():
        # Signing out would make a stranger of everybody after it.
        if call == "POST /sign-out":
            continue
        method = call.split(" ")[0]
        data = {} if method == "GET" else {"data": {"csrf_token": token}}
        found[call] = cell(await visitor.request(method, address(call, places), **data))
    wrong = {call: f"{said}, not {table[call][role]}" for call, said in found.items() if said != table[call][role]}
    assert wrong == {}


def test_the_table_is_in_order() -> None:
    """So that two people who add a line each meet in the same place."""
    for section in TABLE.read_text("utf-8").split("\n["):
        lines = [line.split(" ")[::-1] for line in section.splitlines() if line.startswith(("GET", "POST"))]
        assert all(one < other for one, other in pairwise(lines)), section.splitlines()[0]
