"""What is owed is seen by age and asked for: a day, two weeks and four weeks late, each once, and not while it is paused."""

from datetime import datetime, time, timedelta

import pytest

from rft.database.pool import Database
from rft.kit.clock import from_london, london_today, utc_now
from rft.notifications.compose import PAYMENT_DUE, write_order_mail
from rft.notifications.facts import find_order_facts
from rft.receivables.rules import next_chase
from rft.receivables.service import chase_due
from tests.builders import Db, Row, a_payment, update
from tests.features.browser import Browser
from tests.features.mailing import one, rows
from tests.features.owing import an_organisation, owing, waiting

TODAY = london_today(utc_now())


def due(days_ago: int, db: Db, organisation: Row | None = None, **columns: object) -> Row:
    return owing(db, organisation, due_on=TODAY - timedelta(days=days_ago), **columns)


def noon(days_later: int) -> datetime:
    return from_london(TODAY + timedelta(days=days_later), time(12))


async def chase_every_day(database: Database, days: int) -> list[int]:
    """On which days from today reminders went, though the job runs twice a day."""
    sent = []
    for day in range(days):
        for _ in range(2):
            sent += [day] * await database.run(lambda db, day=day: chase_due(db, noon(day)))
    return sent


async def test_a_debt_is_chased_three_times_and_each_time_once(database: Database, db: Db) -> None:
    due(0, db)
    assert await chase_every_day(database, 40) == [1, 14, 28]


async def test_who_wants_to_hear_before_is_told_a_week_before(database: Database, db: Db) -> None:
    due(-10, db, an_organisation(db, reminds_before_due=True))
    assert await chase_every_day(database, 12) == [3, 11]


@pytest.mark.parametrize(
    ("overdue", "chased", "expected"), [(30, [], 28), (30, [28], None), (0, [], None), (1, [-7], 1), (20, [1], 14)]
)
def test_of_reminders_that_were_missed_only_the_latest_goes(
    overdue: int, chased: list[int], expected: int | None
) -> None:
    assert next_chase(overdue, chased, reminds_before=False) == expected


async def test_nobody_is_chased_who_has_paid_given_back_or_not_been_accepted(database: Database, db: Db) -> None:
    paid, given_back = due(20, db), due(20, db)
    waiting(db)
    with db.transaction():
        a_payment(db, paid["bookings"][0])
        update(db, "bookings", paid["bookings"][0], status="confirmed", payment_status="paid")
    update(db, "bookings", given_back["bookings"][0], status="cancelled")
    assert await database.run(lambda connection: chase_due(connection, utc_now())) == 0


async def test_carol_pauses_chasing_for_a_reason_and_resumes_it(database: Database, db: Db, office: Browser) -> None:
    order = due(20, db)
    act, page = f"/office/orders/{order['reference']}", "/office/receivables"
    assert (
        await office.send_form(f"{act}/pause-chasing", page=page, reason="They dispute a place.")
    ).status_code == 303
    assert await database.run(lambda connection: chase_due(connection, utc_now())) == 0
    assert "They dispute a place." in (await office.get(page)).text
    assert (await office.send_form(f"{act}/resume-chasing", page=page)).status_code == 303
    assert await database.run(lambda connection: chase_due(connection, utc_now())) == 1
    acts = [row["action"] for row in rows(db, "select action from admin_activity_logs order by id")]
    assert acts == ["order.pause_chasing", "order.resume_chasing"]


async def test_carol_reminds_by_hand(db: Db, office: Browser) -> None:
    order = due(-20, db)
    answer = await office.send_form(f"/office/orders/{order['reference']}/chase", page="/office/receivables")
    assert answer.status_code == 303
    assert one(db, "select args ->> 'turn' as turn from jobs.procrastinate_jobs")["turn"] == f"{TODAY:%Y-%m-%d}"


async def test_the_page_adds_up_by_age_and_by_organisation(db: Db, office: Browser) -> None:
    mills = an_organisation(db)
    due(-5, db, mills)
    due(10, db, mills, people=("Amina Khan", None))
    due(90, db, organisation_name="Other School")
    page = " ".join((await office.get("/office/receivables")).text.split())
    for amount in ("£300.00", "£225.00", "£150.00", "90 days late", "10 days late", "in 5 days"):
        assert amount in page
    only = (await office.get(f"/office/receivables?organisation={mills['id']}")).text
    assert "Other School" not in only


async def test_the_mail_goes_to_who_pays_and_says_how_late_it_is(database: Database, db: Db) -> None:
    order = due(14, db, an_organisation(db, billing_email="accounts@mills.example"))
    async with database.connection() as connection:
        facts = await find_order_facts(connection, order["id"], PAYMENT_DUE.statuses)
    assert facts is not None
    mail = write_order_mail(PAYMENT_DUE, facts, base_url="https://x.example", now=utc_now(), turn="14")
    assert (mail.recipient, mail.calendar, mail.dedupe_key) == (
        "accounts@mills.example", None, f"payment-due-14:{order['id']}",
    )  # fmt: skip
    for body in (mail.text_body, mail.html_body):
        assert "14 days ago" in body
        assert order["reference"] in body
        assert "calendar" not in body
