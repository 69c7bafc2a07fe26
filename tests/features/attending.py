"""What the tests of attendees stand on: a place in an order, and the link that was mailed for it."""

import re
from typing import Any

from rft.database.pool import Database
from rft.jobs import Context
from rft.learners.jobs import invite
from rft.notifications.jobs import send_attendee_invitation
from rft.settings import Settings
from tests.builders import Db, Row
from tests.features.mailing import an_order, one, rows, see_jobs

_LINK = re.compile(r"/attending\?token=\S+")


def a_place(db: Db, *, email: str | None = "dev@example.com", name: str = "Dev Shah", **columns: Any) -> Row:
    """A booking of Amina's, paid, in which Dev sits."""
    see_jobs(db)
    (booking,) = an_order(db, people=(name,), **columns)["bookings"]
    db.execute("update attendees set email = %s where booking_id = %s", (email, booking["id"]))
    found: Row = booking
    return found


async def invite_everybody(database: Database, settings: Settings) -> list[Row]:
    """Runs the jobs that write the invitations; answers the mails, the newest first."""
    context = Context(database, settings)
    await invite(context)
    async with database.transaction() as db:
        cursor = await db.execute(
            "delete from jobs.procrastinate_jobs where task_name = 'notifications.send_attendee_invitation' returning args"
        )
        waiting = await cursor.fetchall()
    for job in waiting:
        await send_attendee_invitation(context, **job["args"])
    async with database.connection() as db:
        cursor = await db.execute(
            "select * from outbox_mails where email_type = 'attendee_invitation' order by id desc"
        )
        return await cursor.fetchall()


def link_in(mail: Row) -> str:
    found = _LINK.search(mail["text_body"])
    assert found, "the mail has a link"
    return found[0]


def details_of(db: Db, booking: Row) -> list[Row]:
    return rows(db, "select * from attendee_details where booking_id = %(id)s", id=booking["id"])


def attendee_of(db: Db, booking: Row) -> Row:
    return one(db, "select * from attendees where booking_id = %(id)s", id=booking["id"])
