"""Mails about orders: written from the order's facts, delivered when the server is there, sent again on demand."""

import asyncio
from email.message import EmailMessage

from rft.database.pool import Connection, Database
from rft.errors import Busy, NotFound
from rft.kit.clock import utc_now
from rft.notifications import outbox, passwords
from rft.notifications.compose import CHANGED, KINDS, Kind, Mail, as_message, write_order_mail
from rft.notifications.errors import MailOnItsWay, MailOutdated
from rft.notifications.facts import find_order_facts, get_company
from rft.notifications.outbox import OutboxMail
from rft.notifications.smtp import MailServer, NotTaken, RefusedForGood, RefusedForNow, hand_over
from rft.notifications.texts import find_text
from rft.settings import Settings

_VOID = "Not sent: the seats that this mail is about were cancelled or changed before."


async def write_to_booker(db: Connection, kind: Kind, order_id: int, *, base_url: str, turn: str = "") -> int | None:
    """Queues the mail about the order, once (a turn); None where it was written before or has nothing to say any more."""
    facts = await find_order_facts(db, order_id, kind.statuses)
    if facts is None:
        return None
    words = await find_text(db, kind.email_type)
    mail = write_order_mail(kind, facts, base_url=base_url, now=utc_now(), turn=turn, words=words)
    return await outbox.put(db, mail)


async def write_to_everybody_booked(db: Connection, move_id: int, *, base_url: str) -> None:
    """One mail to the booker of each order that has seats on the date that was moved."""
    cursor = await db.execute(
        """
        select distinct seat.order_id
          from schedule_moves as move
          join bookings as booking
            on booking.course_schedule_id = move.course_schedule_id and booking.status in ('pending', 'confirmed')
          join order_bookings as seat on seat.booking_id = booking.id
         where move.id = %s
         order by seat.order_id
        """,
        (move_id,),
    )
    for row in await cursor.fetchall():
        await write_to_booker(db, CHANGED, row["order_id"], base_url=base_url, turn=str(move_id))


async def deliver(database: Database, settings: Settings, mail_id: int, *, give_up: bool = False) -> None:
    """One try to deliver a queued mail. No connection to the database is held while the mail server is talked to.

    Raises ServerAway, or RefusedForNow unless it is time to `give_up`: the mail then stays queued, to be tried again.
    """
    message = await _begin(database, settings, mail_id)
    if message is None:
        return
    try:
        await hand_over(MailServer.from_url(settings.smtp_url), message)
    except NotTaken as answer:
        if isinstance(answer, RefusedForGood) or (give_up and isinstance(answer, RefusedForNow)):
            await _settle(database, mail_id, answer.reason)
            return
        async with database.transaction() as db:
            await outbox.note(db, mail_id, answer.reason)
        raise
    await _settle(database, mail_id, None)


async def resend(db: Connection, mail_id: int) -> None:
    """Queues a mail that was sent, kept or failed once more; it will say what is true now.

    Raises NotFound, MailOnItsWay, or MailOutdated where it has nothing to say any more.
    """
    mail = await outbox.find_mail(db, mail_id)
    if mail is None:
        raise NotFound
    if mail.state == "queued":
        raise MailOnItsWay
    if await _as_it_is_now(db, mail, "") is None:
        raise MailOutdated
    await outbox.queue_again(db, mail_id)


async def _begin(database: Database, settings: Settings, mail_id: int) -> EmailMessage | None:
    async with database.transaction() as db:
        mail = await outbox.take(db, mail_id)
        if mail is None:
            return None
        if not settings.smtp_url:
            await outbox.keep(db, mail_id)
            return None
        current = await _as_it_is_now(db, mail, settings.base_url)
        if current is None:
            await outbox.withdraw(db, mail_id, _VOID)
            return None
        await outbox.rewrite(db, mail_id, current)
        leaving = passwords.finish_link(settings, current) if mail.email_type == passwords.EMAIL_TYPE else current
        try:
            return as_message(mail_id, leaving, await get_company(db), mail.created_at)
        except ValueError as cause:
            await outbox.withdraw(db, mail_id, str(cause))
            return None


async def _as_it_is_now(db: Connection, mail: OutboxMail, base_url: str) -> Mail | None:
    """A mail about an order written again: between writing and sending, seats may have been cancelled or moved."""
    kind = KINDS.get(mail.email_type)
    if kind is None:
        return mail
    row = await (
        await db.execute("select order_id from order_bookings where booking_id = any(%s) limit 1", (mail.booking_ids,))
    ).fetchone()
    facts = await find_order_facts(db, row["order_id"], kind.statuses) if row else None
    if facts is None:
        return None
    words = await find_text(db, kind.email_type)
    return write_order_mail(kind, facts, base_url=base_url, now=mail.created_at, words=words)


async def _settle(database: Database, mail_id: int, error: str | None) -> None:
    """Insists for some seconds: if the database is away just now and this is lost, the mail is sent twice."""
    for pause in (0.5, 1.0, 2.0, 4.0, None):
        try:
            await database.run(lambda db: outbox.settle(db, mail_id, error=error))
        except Busy:
            if pause is None:
                raise
            await asyncio.sleep(pause)
        else:
            return
