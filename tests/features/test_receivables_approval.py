"""Paying later: an organisation within its credit is accepted at once, all others wait for the office's yes or no."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI

from rft import jobs
from rft.bookings.service import reserve_on_invoice
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.kit.working_days import after_working_days
from rft.receivables.jobs import give_up_waiting
from rft.settings import Settings
from tests.builders import Db, Row, a_schedule, reload
from tests.cast import amina
from tests.features.api import Api
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows
from tests.features.owing import an_organisation, approval_of, waiting

TERMS = {"organisation_name": "Northern Mills", "purchase_order": "PO-7"}


def mails(db: Db) -> list[str]:
    return [
        row["task_name"].split(".")[1] for row in rows(db, "select task_name from jobs.procrastinate_jobs order by id")
    ]


async def reserve(database: Database, order: Row, member: Row | None) -> None:
    member_id = member["id"] if member else None
    await database.run(lambda db: reserve_on_invoice(db, order["id"], now=utc_now(), member_id=member_id, **TERMS))


async def test_a_known_organisation_is_accepted_at_once(database: Database, db: Db) -> None:
    member = amina(db)
    organisation = an_organisation(db, member, payment_terms_days=14)
    order = an_order(db, confirmed=False, hold_expires_at=utc_now() + timedelta(minutes=9))
    await reserve(database, order, member)
    assert approval_of(db, order["reference"])["state"] == "accepted"
    assert one(db, "select organisation_id from order_organisations")["organisation_id"] == organisation["id"]
    assert "send_order_reserved" in mails(db)


async def test_who_only_types_the_name_of_an_organisation_waits(database: Database, db: Db) -> None:
    an_organisation(db, amina(db))
    order = an_order(db, confirmed=False, hold_expires_at=utc_now() + timedelta(minutes=9))
    await reserve(database, order, None)
    assert approval_of(db, order["reference"])["state"] == "waiting"
    assert mails(db) == ["send_order_requested"]


async def test_beyond_the_limit_the_office_is_told_why(database: Database, db: Db) -> None:
    member = amina(db)
    an_organisation(db, member, credit_limit=100)
    order = an_order(db, people=("Amina Khan", None), confirmed=False, hold_expires_at=utc_now() + timedelta(minutes=9))
    await reserve(database, order, member)
    approval = approval_of(db, order["reference"])
    assert approval["state"] == "waiting"
    assert "with this order it would be £150.00, and the credit limit is £100.00" in approval["reason"]


async def test_the_contract_stays_an_order_on_invoice_is_pending(api: Api, db: Db) -> None:
    answer = await api.order(a_schedule(db), payment_method="invoice", purchase_order="PO 7")
    assert (answer.status_code, answer.json()["status"]) == (201, "pending")
    assert approval_of(db, answer.json()["reference"])["state"] == "waiting"


async def test_carol_accepts_an_order_on_an_organisations_account(db: Db, office: Browser) -> None:
    organisation, order = an_organisation(db), waiting(db)
    page = f"/office/orders/{order['reference']}"
    assert "Waiting for approval" in (await office.get(page)).text
    answer = await office.send_form(f"{page}/approve", page=page, organisation=str(organisation["id"]))
    assert answer.status_code == 303
    shown = (await office.get(page)).text
    assert "To be paid by" in shown
    assert "On account of" in shown
    assert approval_of(db, order["reference"])["decided_by"] is not None
    assert "send_order_reserved" in mails(db)
    assert one(db, "select action from admin_activity_logs")["action"] == "order.approve"


async def test_carol_declines_and_the_places_are_free_again(db: Db, office: Browser) -> None:
    order = waiting(db, people=("Amina Khan", None))
    page = f"/office/orders/{order['reference']}"
    refused = await office.send_form(f"{page}/decline", page=page, reason=" ")
    assert "Give a reason of at most 300 characters." in refused.text
    answer = await office.send_form(f"{page}/decline", page=page, reason="Your last invoice is still open.")
    assert answer.status_code == 303
    assert [reload(db, "bookings", booking)["status"] for booking in order["bookings"]] == ["cancelled"] * 2
    assert "send_order_declined" in mails(db)


async def test_an_order_is_decided_about_once(db: Db, office: Browser) -> None:
    order = waiting(db)
    page = f"/office/orders/{order['reference']}"
    for status in (303, 409):
        answer = await office.send_form(f"{page}/approve", page=page)
        assert answer.status_code == status


async def test_without_an_answer_the_places_go_back(
    db: Db, app: FastAPI, settings: Settings, database: Database
) -> None:
    late, soon = waiting(db), waiting(db)
    db.execute(
        "update order_approvals set decide_by = localtimestamp - interval '1 minute' where order_id = %s", (late["id"],)
    )
    await give_up_waiting(jobs.Context(database, settings))
    assert [reload(db, "bookings", order["bookings"][0])["status"] for order in (late, soon)] == [
        "cancelled",
        "pending",
    ]
    assert approval_of(db, late["reference"])["state"] == "lapsed"
    assert "send_order_declined" in mails(db)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2026-12-24T15:00", "2026-12-30T15:00"),
        ("2026-11-21T09:00", "2026-11-24T09:00"),
        ("2026-11-23T09:00", "2026-11-25T09:00"),
    ],
)
def test_two_working_days_leave_out_weekends_and_bank_holidays(asked: str, answered: str) -> None:
    assert after_working_days(datetime.fromisoformat(asked), 2) == datetime.fromisoformat(answered)


async def test_a_member_finds_the_organisations_name_filled_in(
    db: Db, new_browser: Callable[..., Browser], password_hash: str
) -> None:
    member = amina(db, password_hash=password_hash)
    an_organisation(db, member)
    order = an_order(db, confirmed=False, user_id=member["id"], hold_expires_at=utc_now() + timedelta(minutes=9))
    browser = new_browser()
    await browser.sign_in(member["email"])
    assert 'value="Northern Mills"' in (await browser.get(f"/orders/{order['reference']}/review")).text
    assert "Northern Mills" in (await browser.get("/account")).text
