"""People in the office: found, added, changed, closed; the last admin stays; two admins lose nothing; the same over JSON."""

from collections.abc import Callable

import psycopg
import pytest

from rft.accounts.people_forms import LABELS
from tests.builders import Db, Row, a_schedule, insert, reload, update
from tests.cast import amina, ben, carol, dev
from tests.features.api import Api, problem, refused_fields
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows
from tests.features.test_office_courses_pages import carried, opened, proposed

PEOPLE = "/office/people"
NEW = f"{PEOPLE}/new"


def page_of(person: Row) -> str:
    return f"{PEOPLE}/{person['id']}"


async def test_people_are_found_by_name_address_telephone_role_and_state(db: Db, office: Browser) -> None:
    amina(db, phone="07700 900123"), ben(db), dev(db, is_active=False)
    for query, found in (
        ({"q": "AMI"}, {"Amina"}), ({"q": "khan"}, {"Amina"}), ({"q": "amina khan"}, {"Amina"}), ({"q": "07700900"}, {"Amina"}),
        ({"q": "ben@"}, {"Ben"}), ({"q": "%"}, set()), ({"role": "instructor"}, {"Ben"}), ({"state": "closed"}, {"Dev"}),
        ({}, {"Amina", "Ben", "Dev"}),
    ):  # fmt: skip
        page = (await office.get(PEOPLE, params=query)).text.split("<main")[1]
        assert {name for name in ("Amina", "Ben", "Dev") if f">{name} " in page} == found, query
        assert "System" not in page


async def test_a_person_is_shown_with_all_that_stands_under_the_account(db: Db, office: Browser) -> None:
    order = an_order(db)
    person = one(db, "select * from users where id = %(id)s", id=order["user_id"])
    organisation = insert(db, "organisations", reference="ORG-1", name="Acme Ltd")
    db.execute(
        "insert into organisation_members (organisation_id, user_id) values (%s, %s)",
        (organisation["id"], person["id"]),
    )
    insert(db, "email_logs", recipient_email=person["email"], email_type="reminder", subject="See you soon")
    page = (await office.get(page_of(person))).text
    for words in (order["reference"], order["bookings"][0]["booking_reference"], "Acme Ltd", "See you soon"):
        assert words in page


async def test_the_systems_own_account_is_nobody_to_change(db: Db, office: Browser) -> None:
    system = one(db, "select * from users where email = 'system@rft.invalid'")
    assert (await office.get(page_of(system))).status_code == 404
    assert (await office.send_form(f"{page_of(system)}/reactivate", page=NEW)).status_code == 404
    assert reload(db, "users", system)["is_active"] is False


async def test_a_new_instructor_signs_in_with_the_password_that_is_shown_once(
    db: Db, office: Browser, new_browser: Callable[..., Browser]
) -> None:
    made = await office.send_form(
        NEW, page=NEW, email="New.Ben@Example.com", first_name="Ben", last_name="New", role="instructor"
    )
    assert made.status_code == 201
    password = made.text.split("First password</dt><dd>")[1].split("<")[0]
    assert (await new_browser().sign_in("new.ben@example.com", password)).status_code == 303
    log = one(db, "select action, new_values::text as new from admin_activity_logs")
    assert log["action"] == "user.create"
    assert password not in log["new"]


async def test_an_address_has_one_account(db: Db, office: Browser) -> None:
    amina(db)
    answer = await office.send_form(NEW, page=NEW, email="AMINA@example.com", role="customer", first_name="Typed")
    assert answer.status_code == 422
    assert "There is already an account with this e-mail address." in answer.text
    assert 'value="Typed"' in answer.text


async def test_a_closed_account_is_signed_out_everywhere_and_opened_again_by_undo(
    db: Db, office: Browser, new_browser: Callable[..., Browser], password_hash: str
) -> None:
    person, browser = amina(db, password_hash=password_hash), new_browser()
    await browser.sign_in(person["email"])
    closed = await office.send_form(f"{page_of(person)}/deactivate", page=page_of(person))
    assert closed.status_code == 303
    assert rows(db, "select * from user_sessions where user_id = %(id)s", id=person["id"]) == []
    assert (await browser.get("/account")).status_code == 303
    undo = f"{page_of(person)}/reactivate"
    assert f'action="{undo}"' in (await office.get(page_of(person))).text
    await office.send_form(undo, page=page_of(person))
    assert (await browser.sign_in(person["email"])).status_code == 303


async def test_another_role_counts_from_the_next_sign_in(
    db: Db, office: Browser, new_browser: Callable[..., Browser], password_hash: str
) -> None:
    other, browser = carol(db, email="other@example.com", password_hash=password_hash), new_browser()
    await browser.sign_in(other["email"])
    path = f"{page_of(other)}/edit"
    form = await opened(office, path, LABELS) | {"role": "customer"}
    assert (await office.send_form(path, page=path, **form)).status_code == 303
    assert (await browser.get("/office")).status_code == 303


async def test_who_has_taught_stays_an_instructor(db: Db, office: Browser) -> None:
    teacher = ben(db)
    a_schedule(db, instructor_id=teacher["id"])
    path = f"{page_of(teacher)}/edit"
    answer = await office.send_form(path, page=path, **await opened(office, path, LABELS) | {"role": "customer"})
    assert answer.status_code == 422
    assert "This person teaches, or has taught, a date" in answer.text


async def test_the_last_admin_stays_whoever_asks(db: Db, office: Browser, admin: Row) -> None:
    refused = await office.send_form(f"{page_of(admin)}/deactivate", page=page_of(admin))
    assert refused.status_code == 409
    assert "This is the last active admin." in refused.text
    for column in ({"role": "customer"}, {"is_active": False}):
        with pytest.raises(psycopg.errors.CheckViolation):
            update(db, "users", admin, **column)
    carol(db, email="other@example.com")
    assert update(db, "users", admin, is_active=False)["is_active"] is False


async def test_two_admins_who_change_one_person_lose_nothing(db: Db, office: Browser) -> None:
    person = amina(db)
    path = f"{page_of(person)}/edit"
    mine = await opened(office, path, LABELS) | {"phone": "07700 900999", "last_name": "Mine"}
    update(db, "users", person, last_name="Theirs", first_name="Ameena", last_login="2031-01-01")
    asks = await office.send_form(path, page=path, **mine)
    assert asks.status_code == 409
    assert proposed(asks.text) == {"first_name": "Ameena", "last_name": "Mine", "phone": "07700 900999"}
    saved = await office.send_form(path, page=path, **carried(asks.text) | proposed(asks.text))
    assert saved.status_code == 303
    kept = reload(db, "users", person)
    assert (kept["first_name"], kept["last_name"], kept["phone"]) == ("Ameena", "Mine", "07700 900999")


async def test_a_sign_in_meanwhile_is_no_conflict(db: Db, office: Browser) -> None:
    person = amina(db)
    path = f"{page_of(person)}/edit"
    mine = await opened(office, path, LABELS) | {"phone": "07700 900999"}
    update(db, "users", person, last_login="2031-01-01")
    assert (await office.send_form(path, page=path, **mine)).status_code == 303


async def test_people_over_json(db: Db, till: Api) -> None:
    made = await till.post("/admin/users", json={"email": "Ben@example.com", "role": "instructor", "first_name": "Ben"})
    assert made.status_code == 201, made.text
    person = made.json()
    assert (person["email"], person["role"], person["has_password"]) == ("ben@example.com", "instructor", False)
    assert "password" not in made.text.replace("has_password", "")
    listed = (await till.get("/admin/users", params={"role": "instructor", "limit": 1})).json()
    assert ([item["id"] for item in listed["items"]], listed["next"]) == ([person["id"]], None)
    path = f"/admin/users/{person['id']}"
    changed = await till.patch(path, json={"phone": "01483 1", "updated_at": person["updated_at"]})
    assert changed.json()["phone"] == "01483 1"
    stale = await till.patch(path, json={"phone": "2", "updated_at": person["updated_at"]})
    assert problem(stale) == (409, "changed_meanwhile")
    admin = one(db, "select id from users where role = 'admin' and is_active")
    assert problem(await till.patch(f"/admin/users/{admin['id']}", json={"is_active": False})) == (
        409,
        "users_one_admin_left",
    )
    assert refused_fields(await till.post("/admin/users", json={"email": "x@example.com", "password": "short"})) == {
        "password"
    }
    assert refused_fields(await till.patch(path, json={"password_hash": "!"})) == {"password_hash"}


async def test_the_logs_over_json_page_by_page(db: Db, till: Api) -> None:
    for name in ("One", "Two"):
        await till.post("/admin/users", json={"email": f"{name}@example.com"})
        insert(db, "email_logs", recipient_email=f"{name.lower()}@example.com", email_type="reminder", subject=name)
    for path, key, first in (
        ("/admin/activity-logs", "about", "two@example.com"),
        ("/admin/email-logs", "subject", "Two"),
    ):
        newest = (await till.get(path, params={"limit": 1})).json()
        assert newest["items"][0][key] == first
        older = (await till.get(path, params={"limit": 1, "cursor": newest["next"]})).json()
        assert older["items"][0][key] != first
        assert older["next"] is None
    assert (await till.get("/admin/email-logs", params={"recipient": "one@example.com"})).json()["items"][0][
        "subject"
    ] == "One"
    assert (await till.get("/admin/activity-logs", params={"action": "user.merge"})).json()["items"] == []
