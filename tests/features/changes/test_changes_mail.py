"""The mails of changes: what was cancelled or moved, what goes back, and when to expect it."""

from rft.audit.service import Actor
from rft.changes.moves import move_place
from rft.changes.queries import get_seat
from rft.changes.schemas import MoveRequest
from rft.changes.service import Wish, cancel_places
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.notifications.changes import write_cancelled, write_moved
from tests.builders import Db, a_booking, a_course, confirm
from tests.cast import amina, carol
from tests.features.changes.changing import bought, dated
from tests.features.mailing import one

HERE = "https://booking.example"


async def test_a_cancellation_of_ours_says_sorry_why_and_when_the_money_comes(database: Database, db: Db) -> None:
    booking = confirm(db, a_booking(db, dated(db, 3), user=amina(db)))
    wish = Wish(
        "us",
        Actor(carol(db)["id"]),
        "The hall is flooded.",
        refunds={booking["booking_reference"]: booking["payment_amount"]},
    )
    async with database.transaction() as work:
        await cancel_places(work, None, [booking["id"]], wish, now=utc_now())
        assert await write_cancelled(work, [booking["id"]], base_url=HERE)
        assert await write_cancelled(work, [booking["id"]], base_url=HERE) is None
    mail = one(db, "select recipient, subject, text_body, calendar from outbox_mails")
    assert (mail["recipient"], mail["calendar"]) == ("amina@example.com", None)
    assert mail["subject"].startswith("We have had to cancel: Emergency First Aid at Work, ")
    assert "we have had to cancel your booking. The hall is flooded." in mail["text_body"]
    assert "£75.00 goes back by bank transfer within 14 days." in mail["text_body"]


async def test_a_move_brings_the_new_days_with_a_calendar(database: Database, db: Db) -> None:
    course = a_course(db)
    there, order = dated(db, 50, course=course), bought(db, dated(db, 40, course=course))
    async with database.transaction() as work:
        seat = await get_seat(work, order["bookings"][0]["booking_reference"])
        await move_place(work, seat, MoveRequest(schedule_id=there["id"]), actor=None, now=utc_now())
        move = await (await work.execute("select id from booking_moves")).fetchone()
        assert move is not None
        assert await write_moved(work, move["id"], base_url=HERE)
    mail = one(db, "select subject, text_body, calendar from outbox_mails")
    assert mail["subject"].startswith("Your place is moved: ")
    assert f"{there['start_datetime']:DTSTART:%Y%m%dT}" in mail["calendar"]
