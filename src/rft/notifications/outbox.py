"""The outbox: each mail as a row, from the transaction that caused it until the server's answer is written down."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from psycopg.rows import class_row

from rft import jobs
from rft.database.pool import Connection
from rft.notifications.compose import Mail

_FOLDER = Path(__file__).parent
_LOG = (_FOLDER / "log_answer.sql").read_text("utf-8")
_NEXT_WAITING = (_FOLDER / "next_waiting.sql").read_text("utf-8")
# Longer than a person reads; the mail server chooses the words.
_REASON = 1000
_NOBODYS = ".invalid"
# What the bookings themselves say has been sent.
_FLAGS = {"booking_confirmation": "confirmation_sent", "course_reminder": "reminder_sent"}
_MARK = """
update bookings set {flag} = true
 where not {flag}
   and id in (select booking.id
                from outbox_mails as mail
                join bookings as booking on booking.id = any(mail.booking_ids)
               where mail.id = %(id)s and mail.email_type = '{kind}'
               order by booking.id
                 for no key update of booking)
"""


@dataclass(frozen=True, slots=True)
class OutboxMail(Mail):
    id: int
    state: str
    attempts: int
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


async def put(db: Connection, mail: Mail) -> int | None:
    """Queues the mail and the job that delivers it, in the caller's transaction.

    None where it was written before, or goes to somebody who was erased: what we have in the place of their address is nobody's.
    """
    if mail.recipient.endswith(_NOBODYS):
        return None
    cursor = await db.execute(
        """
        insert into outbox_mails
            (dedupe_key, email_type, recipient, subject, text_body, html_body, calendar, booking_ids)
        values
            (%(dedupe_key)s, %(email_type)s, %(recipient)s, %(subject)s, %(text_body)s, %(html_body)s, %(calendar)s,
             %(booking_ids)s)
        on conflict (dedupe_key) do nothing
        returning id
        """,
        asdict(mail),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    await enqueue_delivery(db, row["id"])
    return int(row["id"])


async def enqueue_delivery(db: Connection, mail_id: int, *, after_seconds: int = 0) -> None:
    """The lock makes the jobs of one mail take turns: whoever comes second finds it sent."""
    await jobs.enqueue(db, "notifications.deliver", lock=_lock(mail_id), after_seconds=after_seconds, mail_id=mail_id)


def _lock(mail_id: int) -> str:
    return f"mail-{mail_id}"


async def find_mail(db: Connection, mail_id: int) -> OutboxMail | None:
    async with db.cursor(row_factory=class_row(OutboxMail)) as cursor:
        await cursor.execute("select * from outbox_mails where id = %s", (mail_id,))
        return await cursor.fetchone()


async def take(db: Connection, mail_id: int) -> OutboxMail | None:
    """Begins a try to deliver; None where the mail is not queued (any more)."""
    async with db.cursor(row_factory=class_row(OutboxMail)) as cursor:
        await cursor.execute(
            "update outbox_mails set attempts = attempts + 1 where id = %s and state = 'queued' returning *", (mail_id,)
        )
        return await cursor.fetchone()


async def rewrite(db: Connection, mail_id: int, mail: Mail) -> None:
    await db.execute(
        """
        update outbox_mails
           set subject = %(subject)s, text_body = %(text_body)s, html_body = %(html_body)s,
               calendar = %(calendar)s, booking_ids = %(booking_ids)s
         where id = %(id)s
        """,
        {**asdict(mail), "id": mail_id},
    )


async def keep(db: Connection, mail_id: int) -> None:
    """There is no mail server: the mail stays to be read in the back office."""
    await db.execute(
        "update outbox_mails set state = 'kept', attempts = 0 where id = %s and state = 'queued'", (mail_id,)
    )


async def withdraw(db: Connection, mail_id: int, reason: str) -> None:
    """Not sent and never will be; no server was asked, so nothing is logged as its answer."""
    await db.execute(
        "update outbox_mails set state = 'failed', last_error = %s where id = %s and state = 'queued'",
        (reason, mail_id),
    )


async def note(db: Connection, mail_id: int, reason: str) -> None:
    """The mail stays queued; the reason why it has not gone is shown."""
    await db.execute(
        "update outbox_mails set last_error = %s where id = %s and state = 'queued'", (reason[:_REASON], mail_id)
    )


async def settle(db: Connection, mail_id: int, *, error: str | None = None) -> bool:
    """Writes down the server's answer: state, a log row for each booking and the bookings' flag go together.

    False where another delivery was quicker: then nothing is written.
    """
    values = {"id": mail_id, "status": "failed" if error else "sent", "error": error[:_REASON] if error else None}
    settled = await db.execute(
        """
        update outbox_mails
           set state = %(status)s, last_error = %(error)s, sent_at = case when %(status)s = 'sent' then utc_clock() end
         where id = %(id)s and state = 'queued'
        """,
        values,
    )
    if settled.rowcount == 0:
        return False
    await db.execute(_LOG, values)
    if error is None:
        for kind, flag in _FLAGS.items():
            await db.execute(_MARK.format(kind=kind, flag=flag), values)
    return True


async def queue_again(db: Connection, mail_id: int) -> None:
    await db.execute(
        "update outbox_mails set state = 'queued', sent_at = null, attempts = 0, last_error = null where id = %s",
        (mail_id,),
    )
    await enqueue_delivery(db, mail_id)


async def find_next_waiting(db: Connection, after_id: int = 0) -> int | None:
    """The oldest queued mail (after one) that no job is about to deliver: it waits for the mail server to come back."""
    row = await (await db.execute(_NEXT_WAITING, {"after_id": after_id})).fetchone()
    return int(row["id"]) if row else None
