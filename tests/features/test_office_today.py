"""Today: the figures, each kind of work with where it is done, the next two weeks, and the rules on demand."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from rft.database.pool import Database
from rft.kit.clock import london_today, utc_now
from rft.operations.today import Work, list_coming, list_work, read_figures
from tests.builders import (
    Db,
    Row,
    a_payment,
    a_schedule,
    an_instructor,
    completed_booking,
    confirmed_booking,
    insert,
    move_schedule_to_past,
    update,
)
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows, utc
from tests.features.test_office_orders import cancelled, held, reserved

NOW = utc(2031, 5, 15, 10, 0)


def on(days: float, db: Db, **columns: Any) -> Row:
    """A date so many days after NOW, taught by somebody and with enough people."""
    start = NOW + timedelta(days=days)
    columns = {"instructor_id": an_instructor(db)["id"], **columns}
    return a_schedule(db, start_datetime=start, end_datetime=start + timedelta(hours=7), **columns)


async def work(database: Database, now: datetime = NOW, most: int = 4) -> list[Work]:
    async with database.connection() as db:
        return (await list_work(db, now, most=most)).shown


def fill(db: Db, schedule: Row, seats: int) -> None:
    for _ in range(seats):
        confirmed_booking(db, schedule)


async def test_when_all_is_well_there_is_nothing_to_do(db: Db, database: Database, office: Browser) -> None:
    fill(db, on(3, db, seats=8), 4)
    assert await work(database) == []
    assert "All done" in (await office.get("/office")).text


async def test_a_date_without_an_instructor_is_work(db: Db, database: Database) -> None:
    schedule = on(3, db, seats=8, instructor_id=None)
    fill(db, schedule, 4)
    (item,) = await work(database)
    assert (item.text, item.href) == ("Nobody teaches this date yet", f"/office/schedules/{schedule['id']}")
    assert "Sunday 18 May 2031" in item.detail


@pytest.mark.parametrize(
    ("seats", "taken", "is_work"),
    [(12, 5, True), (12, 6, False), (6, 3, True), (6, 4, False), (4, 0, True), (3, 3, False)],
)
async def test_few_people_on_a_date_are_work(seats: int, taken: int, is_work: bool, db: Db, database: Database) -> None:
    fill(db, on(3, db, seats=seats), taken)
    assert [item.icon for item in await work(database)] == (["people"] if is_work else [])


@pytest.mark.parametrize("days", [-0.1, 15])
async def test_what_has_begun_or_is_far_away_is_not_work_yet(days: float, db: Db, database: Database) -> None:
    on(days, db, instructor_id=None)
    assert await work(database) == []


async def test_a_confirmed_seat_without_a_name_is_work_where_it_can_have_one(db: Db, database: Database) -> None:
    schedule = on(3, db, seats=8)
    fill(db, schedule, 3)
    an_order(db, schedule=schedule, people=("Amina Khan", None, None))
    (item,) = await work(database)
    assert item.text == "2 of 3 attendees have no name"


@pytest.mark.parametrize(("days", "is_work"), [(13, True), (15, False)])
async def test_an_unpaid_purchase_order_is_work_when_its_date_is_near(
    days: int, is_work: bool, db: Db, database: Database
) -> None:
    schedule = on(days, db, seats=4)
    fill(db, schedule, 3)
    order = reserved(db, schedule=schedule)
    found = [(item.text, item.href) for item in await work(database) if "overdue" not in item.text]
    expected = ("£75.00 unpaid on a purchase order of Surrey Hills School", f"/office/orders/{order['reference']}")
    assert found == ([expected] if is_work else [])


@pytest.mark.parametrize(("late", "is_work"), [(1, True), (0, False)])
async def test_what_is_overdue_is_one_line_that_leads_to_chasing(
    late: int, is_work: bool, db: Db, database: Database
) -> None:
    for _ in range(2):
        reserved(db, due_on=london_today(NOW) - timedelta(days=late))
    found = [(item.text, item.href) for item in await work(database)]
    assert found == ([("2 purchase orders are overdue: £150.00", "/office/receivables")] if is_work else [])


async def test_a_purchase_order_that_nobody_has_accepted_is_to_be_decided(db: Db, database: Database) -> None:
    order = reserved(db, accepted=False)
    [item] = await work(database)
    assert (item.text, item.href) == (
        "Surrey Hills School asks to pay £75.00 on a purchase order",
        f"/office/orders/{order['reference']}",
    )


async def test_a_hold_that_is_running_out_is_not_work(db: Db, database: Database) -> None:
    schedule = on(3, db, seats=4)
    fill(db, schedule, 3)
    held(db, schedule=schedule)
    assert await work(database) == []


async def test_mails_that_failed_are_one_thing_to_do(db: Db, database: Database) -> None:
    for key in ("a", "b"):
        insert(db, "outbox_mails", dedupe_key=key, email_type="x", recipient="x@example.com", subject="x", text_body="t",
               html_body="h", state="failed")  # fmt: skip
    (item,) = await work(database, utc_now())
    assert (item.text, item.href) == ("2 e-mails could not be delivered", "/office/outbox?state=failed")


async def test_an_event_of_stripe_that_waits_too_long_leads_to_its_order(db: Db, database: Database) -> None:
    order = held(db)
    insert(db, "checkout_attempts", order_id=order["id"], idempotency_key="k", amount=75, state="open",
           stripe_session_id="cs_1", url="https://pay.example")  # fmt: skip
    for number, minutes in enumerate((4, 6)):
        insert(db, "webhook_events", stripe_id=f"evt_{number}", kind="checkout.session.completed", object_id="cs_1",
               livemode=False, received_at=NOW - timedelta(minutes=minutes))  # fmt: skip
    (item,) = await work(database)
    assert item.text == "1 message from Stripe not settled for more than five minutes"
    assert item.href == f"/office/orders/{order['reference']}"


async def test_an_event_that_belongs_to_no_order_leads_to_those_that_wait(db: Db, database: Database) -> None:
    insert(db, "webhook_events", stripe_id="evt_1", kind="x", livemode=False, received_at=NOW - timedelta(hours=1))
    (item,) = await work(database)
    assert item.href == "/office/orders?state=waiting"


async def test_late_money_is_work_until_it_has_gone_back(db: Db, database: Database) -> None:
    order = cancelled(db)
    booking = order["bookings"][0]
    a_payment(db, booking, payment_method="card", stripe_payment_intent_id="pi_late")
    (item,) = await work(database)
    assert item.text == "£75.00 has to go back to Amina Khan"
    with db.transaction():
        a_payment(db, booking, status="refunded", payment_method="card", stripe_payment_intent_id="pi_late")
        update(db, "bookings", booking, payment_status="refunded")
    assert await work(database) == []


async def test_a_course_that_is_over_asks_for_its_register_and_then_for_certificates(
    db: Db, database: Database
) -> None:
    schedule = a_schedule(db)
    booking = confirmed_booking(db, schedule)
    completed_booking(db, schedule)
    texts = [item.text for item in await work(database, utc_now())]
    assert texts == ["Over, and 1 place is still to be marked", "1 certificate is ready to issue"]
    update(db, "bookings", booking, status="no_show")
    db.execute(
        "update bookings set certificate_issued = true, certificate_issued_date = current_date where status = 'completed'"
    )
    assert await work(database, utc_now()) == []


async def test_of_one_kind_the_first_few_are_shown_and_all_on_demand(
    db: Db, database: Database, office: Browser
) -> None:
    for _ in range(6):
        schedule = a_schedule(db)
        confirmed_booking(db, schedule)
        move_schedule_to_past(db, schedule)
    page = (await office.get("/office")).text
    assert page.count('class="work__item"') == 4
    assert "Show all 6" in page
    assert (await office.get("/office?work=all")).text.count('class="work__item"') == 6


async def test_money_is_what_came_less_what_went_back_this_month_and_today_in_london(
    db: Db, database: Database
) -> None:
    def moved(paid: str, at: datetime, **columns: Any) -> None:
        booking = confirmed_booking(db, a_schedule(db), payment_amount=paid)
        db.execute("alter table payment_transactions disable trigger user")
        db.execute("update payment_transactions set created_at = %s where booking_id = %s", (at, booking["id"]))
        if columns:
            a_payment(db, booking, created_at=at, **columns)
        db.execute("alter table payment_transactions enable trigger user")

    moved("100.00", utc(2031, 4, 30, 22, 59))
    moved("10.00", utc(2031, 4, 30, 23, 1))
    moved("20.00", utc(2031, 5, 15, 9, 0), amount="5.00", status="refunded")
    async with database.connection() as connection:
        figures = await read_figures(connection, NOW)
    assert (str(figures.month), str(figures.today)) == ("25.00", "15.00")


async def test_seats_and_orders_waiting_are_counted(db: Db, database: Database) -> None:
    fill(db, on(3, db, seats=8), 4)
    on(4, db, seats=10, status="draft")
    held(db, people=("Amina Khan", None))
    reserved(db)
    async with database.connection() as connection:
        figures = await read_figures(connection, NOW)
    assert (figures.taken, figures.seats) == (4, 8)
    assert (figures.orders, str(figures.amount)) == (2, "225.00")


async def test_the_next_dates_are_those_of_fourteen_days_in_order(db: Db, database: Database) -> None:
    expected = [on(days, db)["id"] for days in (-0.2, 1, 13)]
    on(14.5, db)
    on(-1, db)
    update(db, "course_schedules", on(5, db), status="cancelled")
    async with database.connection() as connection:
        assert [row.id for row in await list_coming(connection, NOW)] == expected


async def test_carol_checks_the_rules_and_today_tells_when(db: Db, office: Browser, admin: Row) -> None:
    assert "Check them now" in (await office.get("/office")).text
    answer = await office.send_form("/office/rules", page="/office/rules")
    assert answer.status_code == 200
    assert "hold" in answer.text
    line = one(db, "select admin_id, action, new_values from admin_activity_logs")
    assert (line["admin_id"], line["action"], line["new_values"]["broken"]) == (admin["id"], "rules.check", 0)
    assert "All hold" in (await office.get("/office")).text


async def test_a_broken_rule_is_named_with_the_row_that_breaks_it(db: Db, office: Browser) -> None:
    schedule = a_schedule(db)
    db.execute("alter table course_schedules disable trigger user")
    db.execute("update course_schedules set current_capacity = 5 where id = %s", (schedule["id"],))
    answer = await office.send_form("/office/rules", page="/office/rules")
    assert "current_capacity is not the number of seats taken" in answer.text
    assert "Broken" in answer.text
    assert "broken" in (await office.get("/office")).text
    assert rows(db, "select new_values ->> 'state' as state from admin_activity_logs") == [{"state": "broken"}]
