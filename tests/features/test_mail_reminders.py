"""Reminders: a week and a day before, once each, of the date as it is, never of one that has begun or was given back."""

from datetime import datetime, timedelta

from rft.database.pool import Database
from rft.notifications import outbox
from rft.notifications.reminders import remind
from rft.notifications.service import deliver
from tests.builders import Db, Row, a_schedule, reload, update
from tests.features.mailing import a_mail_server, an_order, cancel, rows, see_jobs, settings_with, utc

START = utc(2031, 6, 10, 8, 30)


def a_date(db: Db) -> Row:
    see_jobs(db)
    return a_schedule(db, start_datetime=START, end_datetime=START + timedelta(hours=7))


async def reminded(database: Database, *moments: datetime) -> list[int]:
    return [await remind(database, now=moment, base_url="https://booking.example") for moment in moments]


def noon(days_before: int) -> datetime:
    return utc(2031, 6, 10, 11) - timedelta(days=days_before)


async def test_one_goes_a_week_before_and_one_the_day_before(db: Db, database: Database) -> None:
    an_order(db, people=("Amina Khan", None), schedule=a_date(db))
    hours = [noon(8), noon(7), noon(7) + timedelta(hours=1), noon(3), noon(1), noon(1) + timedelta(hours=1)]
    assert await reminded(database, *hours) == [0, 1, 0, 0, 1, 0]


async def test_what_was_missed_is_made_up_for_but_not_at_night_nor_after_the_start(db: Db, database: Database) -> None:
    an_order(db, schedule=a_date(db))
    night = noon(5) + timedelta(hours=12)
    assert await reminded(database, night, noon(4), noon(0)) == [0, 1, 0]


async def test_a_date_that_was_moved_is_reminded_of_when_it_is_now(db: Db, database: Database) -> None:
    schedule = a_date(db)
    an_order(db, schedule=schedule)
    week = timedelta(days=7)
    assert await reminded(database, noon(7)) == [1]
    update(
        db, "course_schedules", schedule, start_datetime=START + week, end_datetime=START + week + timedelta(hours=7)
    )
    assert await reminded(database, noon(1), noon(0)) == [0, 1]
    assert "17 June 2031" in rows(db, "select subject from outbox_mails order by id")[1]["subject"]


async def test_nobody_is_reminded_of_a_place_given_back_or_not_paid(db: Db, database: Database) -> None:
    schedule = a_date(db)
    cancel(db, an_order(db, schedule=schedule)["bookings"][0])
    an_order(db, schedule=schedule, confirmed=False)
    assert await reminded(database, noon(7), noon(1)) == [0, 0]


async def test_a_place_given_back_while_the_reminder_waited_is_not_reminded_of(db: Db, database: Database) -> None:
    order = an_order(db, schedule=a_date(db))
    await reminded(database, noon(7))
    cancel(db, order["bookings"][0])
    async with a_mail_server() as server:
        await deliver(database, settings_with(server.url), rows(db, "select id from outbox_mails")[0]["id"])
    assert server.mails == []
    assert [row["state"] for row in rows(db, "select state from outbox_mails")] == ["failed"]


async def test_the_booking_says_that_it_was_sent(db: Db, database: Database) -> None:
    booking = an_order(db, schedule=a_date(db))["bookings"][0]
    await reminded(database, noon(7))
    async with database.transaction() as connection:
        await outbox.settle(connection, rows(db, "select id from outbox_mails")[0]["id"])
    assert (reload(db, "bookings", booking)["reminder_sent"], reload(db, "bookings", booking)["confirmation_sent"]) == (
        True,
        False,
    )
