"""What the tests of mails and jobs stand on: orders as buyers leave them, and a mail server that can misbehave."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from rft import jobs
from rft.database.pool import Database
from rft.settings import Settings
from tests.builders import Db, Row, a_booking, a_schedule, a_user, confirm, insert, update

FREE_PORT = 0


def an_order(
    db: Db,
    *,
    people: Sequence[str | None] = ("Amina Khan",),
    schedule: Row | None = None,
    confirmed: bool = True,
    accepted: bool = True,
    due_on: date | None = None,
    price: str = "75.00",
    discount: str = "0.00",
    **columns: Any,
) -> Row:
    """An order of Amina's with a seat for each person (None: named later); the row has the `bookings` too.

    One on invoice waits for the office's approval unless it is `accepted`.
    """
    schedule = schedule or a_schedule(db)
    booker = a_user(db, first_name="Amina", last_name="Khan")
    amount = Decimal(price) - Decimal(discount)
    defaults = {
        "reference": f"RFO-{secrets.token_hex(8).upper()}",
        "access_token_hash": secrets.token_bytes(32),
        "user_id": booker["id"],
        "course_schedule_id": schedule["id"],
        "booker_name": "Amina Khan",
        "booker_email": "amina@example.com",
        "payment_method": "card",
        "seats": len(people),
        "total": amount * len(people),
        "vat": 0,
        "terms_version": "1",
        "policy_version": "1",
    }
    order = insert(db, "orders", **{**defaults, **columns})
    prices: dict[str, Any] = {"payment_amount": amount, "discount_applied": Decimal(discount)}
    order["bookings"] = [
        _seat(db, order, position, person, schedule=schedule, user=booker, **prices)
        for position, person in enumerate(people)
    ]
    if order["payment_method"] == "invoice" and accepted:
        approve = "update order_approvals set state = 'accepted', decided_by = %s, due_on = %s where order_id = %s"
        db.execute(approve, (order["user_id"], due_on, order["id"]))
    if confirmed:
        order["bookings"] = [confirm(db, booking) for booking in order["bookings"]]
    return order


def _seat(db: Db, order: Row, position: int, person: str | None, *, schedule: Row, user: Row, **prices: Any) -> Row:
    booking = a_booking(db, schedule, user=user, **prices)
    insert(db, "order_bookings", booking_id=booking["id"], order_id=order["id"], position=position)
    if person:
        first_name, _, last_name = person.partition(" ")
        insert(db, "attendees", booking_id=booking["id"], first_name=first_name, last_name=last_name)
    return booking


def see_jobs(db: Db) -> None:
    """Procrastinate's triggers need its schema on the path, as the application has it."""
    db.execute("set search_path to public, jobs")


def cancel(db: Db, booking: Row) -> Row:
    return update(db, "bookings", booking, status="cancelled")


def utc(*when: int) -> datetime:
    return datetime(*when)  # type: ignore[arg-type]  # noqa: DTZ001 (the columns hold UTC without a zone)


def rows(db: Db, query: str, **values: Any) -> list[Row]:
    return db.execute(query.encode(), values).fetchall()


def one(db: Db, query: str, **values: Any) -> Row:
    (row,) = rows(db, query, **values)
    return row


def settings_with(smtp_url: str = "", **values: str) -> Settings:
    return Settings.from_environment(
        {"RFT_DEMO": "1", "RFT_BASE_URL": "https://booking.example", "SMTP_URL": smtp_url, **values}
    )


class MailServer:
    """A real SMTP server on a loopback port. What it says to a mail can be set; what it took is in `mails`."""

    def __init__(self) -> None:
        self.port = FREE_PORT
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answer = "250 taken"
        self.closes_after_data = False
        self.in_data = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="sink.example", loop=loop), "127.0.0.1", self.port
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        self.in_data.set()
        await self.may_answer.wait()
        if self.answer.startswith("2"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=SMTP_POLICY)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
            self.recipients.extend(envelope.rcpt_tos)
        if self.closes_after_data:
            cast("asyncio.Transport", server.transport).abort()
        return self.answer


@asynccontextmanager
async def a_mail_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    try:
        yield server
    finally:
        server.may_answer.set()
        await server.stop()


def context(database: Database, smtp_url: str = "", **values: Any) -> jobs.Context:
    return jobs.Context(database, settings_with(smtp_url), **values)


async def enqueue(database: Database, name: str, **values: Any) -> None:
    async with database.transaction() as db:
        await jobs.enqueue(db, name, **values)


async def until(found: Callable[[], Any]) -> Any:
    """Waits for what a worker is about to do; a minute is given up on as never."""
    async with asyncio.timeout(60):
        while not (result := found()):  # noqa: ASYNC110 (what is waited for happens in the database)
            await asyncio.sleep(0.02)
        return result


async def finished(db: Db, name: str) -> None:
    """Waits until no job of this name waits or runs."""
    query = """
        select from jobs.procrastinate_jobs
         where task_name = %(name)s and status in ('todo', 'doing') and (scheduled_at is null or scheduled_at <= now())
    """
    await until(lambda: not rows(db, query, name=name))
