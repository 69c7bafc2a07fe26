"""The office's organisations: added, changed, found; who books for them, their sites, and what they owe."""

from datetime import timedelta
from decimal import Decimal

import pytest

from rft.kit.clock import london_today, utc_now
from tests.builders import Db, a_course, insert, reload
from tests.cast import amina
from tests.features.browser import Browser
from tests.features.mailing import one, rows
from tests.features.owing import an_organisation, owing, waiting
from tests.features.test_office_courses_pages import carried

FORM = {
    "name": "Northern Mills", "billing_email": "accounts@mills.example", "billing_address": "1 Mill Lane\nLeeds\nLS1 1AA",
    "payment_terms_days": "14", "credit_limit": "1,500.00", "is_approved_for_invoice": "yes", "is_active": "yes",
}  # fmt: skip


async def test_carol_adds_an_organisation(db: Db, office: Browser) -> None:
    answer = await office.send_form("/office/organisations", page="/office/organisations/new", **FORM)
    made = one(db, "select * from organisations")
    assert answer.headers["location"] == f"/office/organisations/{made['id']}"
    assert (made["credit_limit"], made["billing_address"]) == (Decimal(1500), ["1 Mill Lane", "Leeds", "LS1 1AA"])
    assert made["reference"].startswith("ORG-")
    assert one(db, "select action from admin_activity_logs")["action"] == "organisation.create"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", " ", "This is needed."),
        ("billing_email", "accounts", "Enter an e-mail address in the form name@example.com."),
        ("credit_limit", "lots", "Give pounds and pence, such as 100.00."),
        ("payment_terms_days", "500", "Enter 120 or less."),
    ],
)
async def test_a_wrong_field_comes_back_with_its_sentence_and_all_that_was_typed(
    field: str, typed: str, sentence: str, db: Db, office: Browser
) -> None:
    page = "/office/organisations/new"
    answer = await office.send_form("/office/organisations", page=page, **(FORM | {field: typed}))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "1 Mill Lane" in answer.text
    assert rows(db, "select from organisations") == []


async def test_a_change_is_logged_with_what_it_changed(db: Db, office: Browser) -> None:
    organisation = an_organisation(db, name="Northern Mils")
    page = f"/office/organisations/{organisation['id']}/edit"
    shown = (await office.get(page)).text
    assert 'value="Northern Mils"' in shown
    sent = FORM | {"credit_limit": "300"} | carried(shown)
    assert (await office.send_form(page, page=page, **sent)).status_code == 303
    assert reload(db, "organisations", organisation)["name"] == "Northern Mills"
    new = one(db, "select new_values from admin_activity_logs")["new_values"]
    assert new["name"] == "Northern Mills"
    assert "credit_limit" not in new
    activity = (await office.get("/office/activity")).text
    assert f'href="/office/organisations/{organisation["id"]}"' in activity


async def test_who_books_is_added_by_their_accounts_address_and_removed(db: Db, office: Browser) -> None:
    organisation, member = an_organisation(db), amina(db)
    page = f"/office/organisations/{organisation['id']}"
    statuses = [
        (await office.send_form(f"{page}/members", page=page, email=email)).status_code
        for email in ("nobody@example.com", "AMINA@example.com", "amina@example.com", "amina")
    ]
    assert statuses == [422, 303, 409, 422]
    assert "Amina Khan" in (await office.get(page)).text
    assert (await office.send_form(f"{page}/members/{member['id']}/remove", page=page)).status_code == 303
    assert rows(db, "select from organisation_members") == []


async def test_a_site_has_its_name_once(db: Db, office: Browser) -> None:
    page = f"/office/organisations/{an_organisation(db)['id']}"
    answers = [
        await office.send_form(f"{page}/sites", page=page, site="Leeds", address="1 Mill Lane") for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "already has a site of this name" in answers[1].text


async def test_the_page_shows_what_is_owed_and_what_is_left(db: Db, office: Browser) -> None:
    organisation = an_organisation(db, credit_limit=200)
    owing(db, organisation)
    order = waiting(db)
    db.execute("insert into order_organisations values (%s, %s)", (order["id"], organisation["id"]))
    page = (await office.get(f"/office/organisations/{organisation['id']}")).text
    for shown in ("£75.00", "£125.00", "Waiting for approval", "Reserved", order["reference"]):
        assert shown in page


async def test_an_organisation_is_found_by_the_beginning_of_a_word(db: Db, office: Browser) -> None:
    an_organisation(db, name="Northern Mills")
    an_organisation(db, name="Southern School")
    page = (await office.get("/office/organisations?q=mil")).text
    assert "Northern Mills" in page
    assert "Southern School" not in page


async def test_an_organisation_that_is_not_known_yet_is_added_from_its_order(db: Db, office: Browser) -> None:
    order = waiting(db, organisation_name="Western Bakery")
    link = f"/office/organisations/new?order={order['reference']}"
    assert link in (await office.get(f"/office/orders/{order['reference']}")).text
    assert 'value="Western Bakery"' in (await office.get(link)).text


async def test_the_prices_agreed_with_it_stand_on_its_page_until_they_have_ended(db: Db, office: Browser) -> None:
    organisation, today = an_organisation(db), london_today(utc_now())
    days = {
        "First Aid at Work": (today, None),
        "Paediatric": (today - timedelta(days=9), today - timedelta(days=1)),
    }
    for name, (first, last) in days.items():
        terms = {"course_id": a_course(db, name=name)["id"], "price": "61.50", "valid_from": first, "valid_until": last}
        insert(db, "organisation_prices", organisation_id=organisation["id"], **terms)
    page = (await office.get(f"/office/organisations/{organisation['id']}")).text
    assert ("£61.50" in page, "First Aid at Work" in page, "Paediatric" in page) == (True, True, False)
