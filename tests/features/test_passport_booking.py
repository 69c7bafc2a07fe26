"""An organisation books several of its people at once, sees its invoices, and puts up a signed list."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rft.certificates.signing import require_sealed
from tests.builders import Db, Row, a_schedule, insert
from tests.cast import amina
from tests.features.browser import Browser
from tests.features.employing import a_person, a_site, trained_for
from tests.features.mailing import one, rows
from tests.features.owing import an_organisation


@pytest.fixture
def mills(db: Db, password_hash: str) -> Row:
    return an_organisation(db, amina(db, password_hash=password_hash))


@pytest.fixture
async def amina_at(browser: Browser, mills: Row) -> Browser:
    await browser.sign_in("amina@example.com")
    return browser


@pytest.fixture
def people(db: Db, mills: Row) -> list[Row]:
    return [a_person(db, mills, "Ruth Holt", email="ruth@mills.example"), a_person(db, mills, "Pete Fox")]


def form_of(page: str, schedule: Row, chosen: list[Row], **fields: str) -> dict[str, object]:
    """The fields of the page's own form, with people ticked and a date chosen."""
    hidden = {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("csrf_token", "form_key")
    }
    asked = {"schedule_id": str(schedule["id"]), "payment_method": "invoice", "purchase_order": "PO-9"}
    return {**hidden, **asked, "people": [str(person["id"]) for person in chosen], **fields}


async def test_two_people_are_booked_on_a_purchase_order_and_a_second_click_books_nobody(
    db: Db, amina_at: Browser, mills: Row, people: list[Row]
) -> None:
    schedule, page = a_schedule(db), f"/organisation/{mills['reference']}/book"
    form = form_of((await amina_at.get(page)).text, schedule, people)
    first = await amina_at.post(page, data=form)
    again = await amina_at.post(page, data=form)
    assert first.headers["location"] == again.headers["location"]
    order = one(db, "select * from orders")
    assert (order["seats"], order["purchase_order"], order["payment_method"]) == (2, "PO-9", "invoice")
    named = rows(db, "select first_name, email from attendees order by booking_id")
    assert [(row["first_name"], row["email"]) for row in named] == [("Pete", None), ("Ruth", "ruth@mills.example")]
    assert one(db, "select organisation_id from order_organisations")["organisation_id"] == mills["id"]
    assert "PO-9" in (await amina_at.get(f"/organisation/{mills['reference']}/orders")).text


async def test_an_order_by_card_is_on_the_account_too(db: Db, amina_at: Browser, mills: Row, people: list[Row]) -> None:
    schedule, page = a_schedule(db), f"/organisation/{mills['reference']}/book"
    form = form_of((await amina_at.get(page)).text, schedule, people, payment_method="card", purchase_order="")
    assert (await amina_at.post(page, data=form)).headers["location"].endswith("/review")
    assert one(db, "select organisation_id from order_organisations")["organisation_id"] == mills["id"]


MISSING: list[tuple[dict[str, object], str]] = [
    ({"people": []}, "Choose 1 to 12 people."),
    ({"people": ["999999"]}, "Choose people of your own list."),
    ({"schedule_id": ""}, "Choose a date."),
    ({"purchase_order": ""}, "Enter the number of your purchase order"),
]


async def test_what_is_missing_is_said_and_nobody_is_booked(
    db: Db, amina_at: Browser, mills: Row, people: list[Row]
) -> None:
    schedule, page = a_schedule(db), f"/organisation/{mills['reference']}/book"
    for fields, sentence in MISSING:
        form = form_of((await amina_at.get(page)).text, schedule, people) | fields
        answer = await amina_at.post(page, data=form)
        assert (answer.status_code, sentence in answer.text) == (422, True)
    assert rows(db, "select from bookings") == []


async def test_a_date_with_one_place_takes_neither_of_two(
    db: Db, amina_at: Browser, mills: Row, people: list[Row]
) -> None:
    schedule, page = a_schedule(db, seats=1), f"/organisation/{mills['reference']}/book"
    form = form_of((await amina_at.get(page)).text, schedule, people)
    answer = await amina_at.post(page, data=form)
    assert (answer.status_code, "Only 1 place is left" in answer.text) == (409, True)
    assert rows(db, "select from bookings") == []


async def test_the_list_is_signed_sealed_and_checked_by_a_stranger(
    db: Db, amina_at: Browser, mills: Row, new_browser: type[Browser]
) -> None:
    site = a_site(db, mills)
    a_person(db, mills, "Ruth Holt", site_id=site["id"])
    certificate = trained_for(db, mills, "Ruth Holt")
    db.execute("update signing_keys set retired_at = utc_clock()")
    space = f"/organisation/{mills['reference']}"
    assert (await amina_at.send_form(f"{space}/lists", page=space)).status_code == 303
    made = one(db, "select * from first_aider_lists")
    keys = {row["key_id"]: bytes(row["public_key"]) for row in rows(db, "select * from signing_keys")}
    Ed25519PublicKey.from_public_bytes(keys[made["key_id"]]).verify(bytes(made["signature"]), made["said"].encode())
    assert json.loads(made["said"])["people"][0]["certificate"] == certificate["number"]
    pdf = (await amina_at.get(f"{space}/lists/{made['reference']}.pdf")).content
    require_sealed(pdf, made["key_id"], keys)
    page = (await new_browser().get(f"/first-aiders/{made['reference']}")).text
    assert "R. Holt" in page
    assert "Ruth" not in page


async def test_a_server_that_cannot_sign_says_so_on_the_page(db: Db, amina_at: Browser, mills: Row) -> None:
    insert(db, "signing_keys", key_id="elsewhere", public_key=bytes(32))
    space = f"/organisation/{mills['reference']}"
    answer = await amina_at.send_form(f"{space}/lists", page=space)
    assert answer.status_code == 303
    page = (await amina_at.get(answer.headers["location"])).text
    assert "We cannot sign a list at the moment" in page
    assert "RFT_CERTIFICATE_KEY" not in page
