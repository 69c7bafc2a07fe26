"""Calendar files: the same wall time on both sides of a clock change, an entry a day, entries that are replaced."""

from typing import Any

from icalendar import Calendar

from rft.database.pool import Database
from rft.kit.clock import LONDON
from rft.notifications.calendar import write_calendar
from rft.notifications.compose import CONFIRMATION
from rft.notifications.facts import find_order_facts
from tests.builders import Db, Row, a_schedule, a_venue, insert
from tests.features.mailing import an_order, utc

WRITTEN = utc(2031, 1, 2, 3, 4, 5)


async def entries(database: Database, order: Row) -> list[Any]:
    async with database.connection() as db:
        facts = await find_order_facts(db, order["id"], CONFIRMATION.statuses)
    assert facts is not None
    calendar = Calendar.from_ical(write_calendar(facts, WRITTEN))
    assert calendar["METHOD"] == "PUBLISH"
    return list(calendar.walk("VEVENT"))


async def test_half_past_nine_is_half_past_nine_in_summer_and_in_winter(database: Database, db: Db) -> None:
    start, end = utc(2031, 10, 25, 8, 30), utc(2031, 10, 27, 16, 30)
    schedule = a_schedule(db, start_datetime=start, end_datetime=end)
    for starts_at, ends_at in ((start, utc(2031, 10, 25, 15, 30)), (utc(2031, 10, 27, 9, 30), end)):
        insert(db, "schedule_sessions", course_schedule_id=schedule["id"], starts_at=starts_at, ends_at=ends_at)
    summer, winter = await entries(database, an_order(db, schedule=schedule))
    shown = [entry.start.astimezone(LONDON).strftime("%d %b %H:%M %Z") for entry in (summer, winter)]
    assert shown == ["25 Oct 09:30 BST", "27 Oct 09:30 GMT"]
    assert [entry.end.astimezone(LONDON).hour for entry in (summer, winter)] == [16, 16]


async def test_a_schedule_without_sessions_is_one_entry_at_its_venue(database: Database, db: Db) -> None:
    schedule = a_schedule(db, venue=a_venue(db, name="Leeds Rooms; Hall, 2"))
    (entry,) = await entries(database, an_order(db, schedule=schedule))
    assert entry["SUMMARY"] == "Emergency First Aid at Work"
    assert entry["LOCATION"] == "Leeds Rooms; Hall, 2, 1 High Street, Leeds, LS1 1AA"


async def test_an_entry_written_again_replaces_the_first(database: Database, db: Db) -> None:
    order = an_order(db)
    (first,) = await entries(database, order)
    (second,) = await entries(database, order)
    (other,) = await entries(database, an_order(db))
    assert first["UID"] == second["UID"] != other["UID"]
