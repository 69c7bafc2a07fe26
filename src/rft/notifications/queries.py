"""What the office reads: the outbox and the log of mails, newest first, page by page."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.errors import NotFound
from rft.notifications.outbox import OutboxMail, find_mail

STATES = ("queued", "kept", "sent", "failed")
STATUSES = ("sent", "failed", "bounced")
_MOST = 100
_OUTBOX = Path(__file__).with_name("list_outbox.sql").read_text("utf-8")
_EMAIL_LOGS = Path(__file__).with_name("list_email_logs.sql").read_text("utf-8")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OutboxRow:
    id: int
    email_type: str
    recipient: str
    subject: str
    state: str
    attempts: int
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class EmailLogRow:
    id: int
    recipient_email: str
    email_type: str
    subject: str | None
    booking_reference: str | None
    status: str
    error_message: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EmailLogFilter:
    """None is "any". The recipient is looked for as it was typed and in small letters (an index finds both).

    `like` is an entry whose recipient is meant: no page of ours has an e-mail address in its own.
    """

    recipient: str | None = None
    like: int | None = None
    email_type: str | None = None
    status: str | None = None
    booking_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A page of a list; `next` is the cursor of the page after it, None at the end."""

    rows: list[T]
    next: int | None


async def list_outbox(
    db: Connection, *, state: str | None = None, like: int | None = None, cursor: int | None = None, limit: int = 50
) -> Listed[OutboxRow]:
    """`like` is a mail whose recipient is meant."""
    async with db.cursor(row_factory=class_row(OutboxRow)) as found:
        await found.execute(_OUTBOX, {"state": state, "like": like, "cursor": cursor, "limit": _one_more(limit)})
        rows = await found.fetchall()
    return _page(rows, [row.id for row in rows], limit)


async def find_newest_mail_to(db: Connection, recipient: str) -> int | None:
    """In the outbox, whatever the case of the letters."""
    cursor = await db.execute(
        "select max(id) as id from outbox_mails where lower(recipient) = lower(%s)", (recipient.strip(),)
    )
    row = await cursor.fetchone()
    return row["id"] if row else None


async def find_newest_entry_to(db: Connection, recipient: str) -> int | None:
    """In the log of mails."""
    listed = await list_email_logs(db, EmailLogFilter(recipient=recipient.strip()), limit=1)
    return listed.rows[0].id if listed.rows else None


async def get_outbox_mail(db: Connection, mail_id: int) -> OutboxMail:
    """Raises NotFound."""
    mail = await find_mail(db, mail_id)
    if mail is None:
        raise NotFound
    return mail


async def list_email_logs(
    db: Connection, filters: EmailLogFilter | None = None, *, cursor: int | None = None, limit: int = 50
) -> Listed[EmailLogRow]:
    values = {**asdict(filters or EmailLogFilter()), "cursor": cursor, "limit": _one_more(limit)}
    async with db.cursor(row_factory=class_row(EmailLogRow)) as found:
        await found.execute(_EMAIL_LOGS, values)
        rows = await found.fetchall()
    return _page(rows, [row.id for row in rows], limit)


def _one_more(limit: int) -> int:
    # The one more only tells that there is another page.
    return min(limit, _MOST) + 1


def _page(rows: list[T], ids: list[int], limit: int) -> Listed[T]:
    shown = min(limit, _MOST)
    return Listed(rows[:shown], ids[shown - 1] if len(rows) > shown else None)
