"""What an order costs and why: offers, codes, prices agreed with organisations; and that the order says so for good."""

import secrets
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, ExclusionViolation

from rft.kit.clock import london_today, utc_now
from tests.builders import Db, Row, a_course, a_discount_code, a_schedule, insert, reload
from tests.cast import amina, dev
from tests.features.api import Api, a_token, bearer, problem
from tests.features.mailing import one

VAT = "update company_profile set vat_rate = 20, vat_number = 'GB123456789'"


def an_organisation(db: Db, *people: Row, name: str = "Surrey Hills School") -> Row:
    found = insert(db, "organisations", reference=f"ORG-{secrets.token_hex(4).upper()}", name=name)
    for person in people:
        values = (found["id"], person["id"])
        db.execute("insert into organisation_members (organisation_id, user_id) values (%s, %s)", values)
    return found


def an_agreed_price(db: Db, organisation: Row, schedule: Row, price: int = 60, **columns: Any) -> Row:
    defaults = {"organisation_id": organisation["id"], "course_id": schedule["course_id"], "price": price,
                "valid_from": date(2020, 1, 1)}  # fmt: skip
    return insert(db, "organisation_prices", **{**defaults, **columns})


async def quote(api: Api, schedule: Row, *, seats: int = 1, token: str = "", **fields: Any) -> Any:
    headers = bearer(token) if token else {}
    answer = await api.post("/quotes", json={"schedule_id": schedule["id"], "seats": seats, **fields}, headers=headers)
    return answer.json()


async def test_an_early_bird_comes_off_by_itself_and_is_written_on_the_order(api: Api, db: Db) -> None:
    schedule = a_schedule(db)
    bird = insert(db, "offers", name="Early bird", kind="early_bird", days_ahead=30, amount=15)
    answer = (await api.order(schedule, seats=2)).json()
    assert answer["total"] == "120.00"
    order = one(db, "select * from orders")
    assert (order["list_price"], order["unit_price"], order["unit_discount"]) == (75, 75, 15)
    assert (order["offer_id"], order["discount_reason"]) == (
        bird["id"],
        "£15.00 off a place booked 30 days ahead or more",
    )
    shown = (await api.get(f"/orders/{answer['reference']}", headers=bearer(answer["access_token"]))).json()
    assert shown["price"]["discount_reason"] == order["discount_reason"]


async def test_offers_that_are_over_or_for_another_course_or_later_are_not_given(api: Api, db: Db) -> None:
    schedule, today = a_schedule(db), london_today(utc_now())
    insert(db, "offers", name="Over", percent=50, valid_until=today - timedelta(days=1))
    insert(db, "offers", name="Later", percent=50, valid_from=today + timedelta(days=1))
    insert(db, "offers", name="Elsewhere", percent=50, course_id=a_course(db)["id"])
    insert(db, "offers", name="Ended", percent=50, is_active=False)
    assert (await quote(api, schedule))["total"] == "75.00"


async def test_the_quote_says_why_and_its_lines_and_their_vat_add_up(api: Api, db: Db) -> None:
    db.execute(VAT)
    a_discount_code(db, code="SEVENTH", discount_value="14.29")
    body = await quote(api, a_schedule(db), seats=3, discount_code="seventh")
    assert body["discount_reason"] == "Code SEVENTH"
    assert sum(Decimal(line["amount"]) for line in body["lines"]) == Decimal(body["total"]) == Decimal("192.84")
    assert sum(Decimal(line["vat"]) for line in body["lines"]) == Decimal(body["vat"]) == Decimal("32.14")
    assert body["vat_rate"] == "20.00"
    assert body["refund_policy"]


async def test_people_of_an_organisation_pay_what_it_agreed_when_they_are_signed_in(api: Api, db: Db) -> None:
    schedule, booker = a_schedule(db), amina(db)
    agreed = an_agreed_price(db, an_organisation(db, booker), schedule)
    headers = bearer(a_token(db, booker))
    body = {"schedule_id": schedule["id"], "seats": 2, "terms_version": "1", "payment_method": "card",
            "booker": {"email": booker["email"], "first_name": "Amina", "last_name": "Khan"}}  # fmt: skip
    assert (await api.post("/orders", json=body, headers=headers)).json()["total"] == "120.00"
    order = one(db, "select * from orders")
    assert (order["organisation_price_id"], order["list_price"], order["unit_price"]) == (agreed["id"], 75, 60)
    assert order["price_reason"] == "Price agreed with Surrey Hills School"


async def test_nobody_gets_an_agreed_price_by_typing_a_name_or_an_address(api: Api, db: Db) -> None:
    schedule, booker, stranger = a_schedule(db), amina(db), dev(db)
    school = an_organisation(db, booker)
    an_agreed_price(db, school, schedule)
    typed = {"organisation_name": school["name"], "purchase_order": "PO-1", "payment_method": "invoice"}
    assert (await api.order(schedule, **typed)).json()["total"] == "75.00"
    assert (await quote(api, schedule, token=a_token(db, stranger)))["total"] == "75.00"
    answer = await api.post(
        "/quotes", json={"schedule_id": schedule["id"], "seats": 1, "organisation_id": school["id"]},
        headers=bearer(a_token(db, booker)),
    )  # fmt: skip
    assert problem(answer) == (403, "not_allowed")


async def test_the_office_books_at_the_price_of_the_organisation_it_names(till: Api, db: Db) -> None:
    schedule = a_schedule(db)
    school = an_organisation(db)
    an_agreed_price(db, school, schedule)
    assert (await till.order(schedule, organisation_id=school["id"])).json()["total"] == "60.00"


async def test_an_agreed_price_and_an_offer_do_not_add_up_the_better_counts(till: Api, db: Db) -> None:
    schedule = a_schedule(db)
    school = an_organisation(db)
    an_agreed_price(db, school, schedule, 70)
    body = await quote(till, schedule, seats=5, organisation_id=school["id"], token=a_token_of(till))
    assert (body["total"], body["discount_reason"]) == ("337.50", "10% off for 5 places or more")
    assert (await quote(till, schedule, seats=4, organisation_id=school["id"], token=a_token_of(till)))[
        "total"
    ] == "280.00"


def a_token_of(till: Api) -> str:
    return till.headers["authorization"].removeprefix("Bearer ")


async def test_an_ended_price_and_a_closed_organisation_pay_the_list_price(till: Api, db: Db) -> None:
    schedule = a_schedule(db)
    ended, closed = an_organisation(db), an_organisation(db)
    an_agreed_price(db, ended, schedule, valid_until=date(2021, 1, 1))
    an_agreed_price(db, closed, schedule)
    db.execute("update organisations set is_active = false where id = %s", (closed["id"],))
    for organisation in (ended, closed):
        asked = {"organisation_id": organisation["id"], "token": a_token_of(till)}
        assert (await quote(till, schedule, **asked))["total"] == "75.00"


def refused(db: Db, statement: str, *values: object) -> str | None:
    with pytest.raises((CheckViolation, ExclusionViolation)) as caught:
        db.execute(statement.encode(), values)
    assert isinstance(caught.value, psycopg.Error)
    return caught.value.diag.constraint_name


async def test_how_a_price_came_about_stays_and_has_to_add_up(api: Api, db: Db) -> None:
    await api.order(a_schedule(db), seats=5)
    assert refused(db, "update orders set discount_reason = 'Because'") == "orders_price_frozen"
    assert refused(db, "update orders set offer_id = null") == "orders_price_frozen"
    assert refused(db, "update orders set total = total - 1") == "orders_price_adds_up"
    db.execute("update orders set access_token_hash = 'x'")


def test_offers_and_agreed_prices_keep_their_terms_and_only_end(db: Db) -> None:
    schedule = a_schedule(db)
    price = an_agreed_price(db, an_organisation(db), schedule)
    assert refused(db, "update offers set percent = 20") == "offers_terms_frozen"
    assert refused(db, "update organisation_prices set price = 1") == "organisation_prices_terms_frozen"
    overlapping = "insert into organisation_prices (organisation_id, course_id, price, valid_from) values (%s, %s, 1, '2030-01-01')"
    where = (price["organisation_id"], price["course_id"])
    assert refused(db, overlapping, *where) == "organisation_prices_one_at_a_time"
    db.execute("update offers set is_active = false")
    db.execute("update organisation_prices set valid_until = '2029-12-31'")
    db.execute(overlapping.encode(), where)
    assert reload(db, "organisation_prices", price)["valid_until"] == date(2029, 12, 31)
