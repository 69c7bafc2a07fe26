"""What has happened to an order or a booking: its ledger, its mails, and all of it as one line of time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import class_row

from rft.bookings.queries import Booking
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.money import in_words

_HISTORY = statement(__file__, "history.sql")
_LEDGER = """
select entry.created_at, booking.booking_reference, entry.payment_method, entry.amount, entry.status, entry.failure_reason,
       entry.stripe_payment_intent_id, entry.stripe_charge_id, entry.metadata ->> 'stripe_refund_id' as stripe_refund_id,
       nullif(entry.metadata ->> 'note', '') as note,
       coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email) as recorded_by
  from payment_transactions as entry
  join bookings as booking on booking.id = entry.booking_id
  left join users as staff on staff.id = case when entry.metadata ->> 'recorded_by' ~ '^[0-9]{1,9}$'
                                              then (entry.metadata ->> 'recorded_by')::integer end
 where entry.booking_id = any(%s)
 order by entry.created_at, entry.id
"""
METHODS = {
    "card": "card",
    "cash": "cash",
    "bank_transfer": "bank transfer",
    "cheque": "cheque",
    "card_terminal": "card terminal",
    "failed_refund": "refund that came back",
}
_MAILS = {
    "queued": ("E-mail waiting to go to", "warning"),
    "kept": ("E-mail kept in the outbox for", ""),
    "sent": ("E-mail sent to", "good"),
    "failed": ("E-mail could not be delivered to", "danger"),
    "bounced": ("E-mail came back from", "danger"),
}
_ACTS = {
    "order.take": ("Taken on the telephone", ""),
    "booking.cancel": ("Cancelled by the office", ""),
    "booking.move": ("Moved by the office", ""),
    "booking.substitute": ("Somebody else named by the office", ""),
    "order.release": ("Places given back", ""),
    "order.approve": ("Purchase order accepted", "good"),
    "order.decline": ("Purchase order declined", "danger"),
    "order.chase": ("Payment chased", ""),
    "order.pause_chasing": ("Chasing paused", ""),
    "order.resume_chasing": ("Chasing resumed", ""),
    "booking.confirm": ("Confirmed by the office", "good"),
    "booking.completed": ("Marked as completed", "good"),
    "booking.no_show": ("Marked as not attended", "danger"),
    "certificate.issue": ("Certificate issued", "good"),
    "order.return_payment": ("A payment that belongs to no seat given back", ""),
    "refund.owe": ("Refund asked for by the office", ""),
    "refund.return": ("Refund given back by hand", ""),
    "refund.retry": ("Refund tried again", ""),
    "refund.withdraw": ("Refund withdrawn", ""),
}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    created_at: datetime
    booking_reference: str
    payment_method: str
    amount: Decimal
    status: str
    failure_reason: str | None
    stripe_payment_intent_id: str | None
    stripe_charge_id: str | None
    stripe_refund_id: str | None
    note: str | None
    recorded_by: str | None

    @property
    def method(self) -> str:
        return METHODS.get(self.payment_method, self.payment_method)

    @property
    def stripe_ids(self) -> list[str]:
        ids = (self.stripe_payment_intent_id, self.stripe_charge_id, self.stripe_refund_id)
        return [known for known in ids if known]

    @property
    def effect(self) -> Decimal:
        """What the row adds to the money kept."""
        sign = {"succeeded": 1, "refunded": -1}.get(self.status, 0)
        return self.amount * sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline. `tone` is the design system's; `mail_id` names a mail in the outbox."""

    when: datetime
    what: str
    by: str | None = None
    tone: str = ""
    mail_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    source: str
    at: datetime
    kind: str
    method: str
    amount: Decimal | None
    detail: str | None
    person: str | None
    mail_id: int | None
    bookings: int | None
    new_values: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class History:
    """`events` the newest first; `mails` are those of them that are mails."""

    events: list[Event]
    mails: list[_Row] = field(default_factory=list)


async def list_ledger(db: Connection, bookings: Sequence[Booking]) -> list[LedgerEntry]:
    """Every attempt to move money, the oldest first."""
    async with db.cursor(row_factory=class_row(LedgerEntry)) as cursor:
        await cursor.execute(_LEDGER, ([booking.id for booking in bookings],))
        return await cursor.fetchall()


async def read_history(
    db: Connection,
    bookings: Sequence[Booking],
    *,
    placed_at: datetime,
    order_id: int | None = None,
    by: str | None = None,
) -> History:
    """Of the bookings and, where it is given, the order they were made in; `by` made it."""
    async with db.cursor(row_factory=class_row(_Row)) as cursor:
        await cursor.execute(_HISTORY, {"booking_ids": [booking.id for booking in bookings], "order_id": order_id})
        rows = await cursor.fetchall()
    places = _places(len(bookings))
    events = [Event(when=placed_at, what=f"{places} booked", by=by)]
    events += [event for row in rows if (event := _event(row)) is not None]
    events += _turns(bookings, rows)
    # What happened in one moment is told in the order in which it was put together above, the last on top.
    events = [event for _, event in sorted(enumerate(events), key=lambda pair: (pair[1].when, pair[0]), reverse=True)]
    return History(events, [row for row in reversed(rows) if row.source == "mail"])


def _event(row: _Row) -> Event | None:
    if row.source == "ledger":
        return _money_event(row)
    if row.source == "mail":
        words, tone = _MAILS[row.kind]
        return Event(when=row.at, what=f"{words} {row.method}", by=row.detail, tone=tone, mail_id=row.mail_id)
    # A payment that the office recorded is told by its ledger rows.
    if row.kind == "order.payment":
        return None
    words, tone = _ACTS.get(row.kind, (row.kind.replace(".", ": ").replace("_", " ").capitalize(), ""))
    return Event(when=row.at, what=words, by=row.person, tone=tone)


def _money_event(row: _Row) -> Event:
    assert row.amount is not None, "a ledger row has an amount"
    amount, method = in_words(row.amount), METHODS.get(row.method, row.method)
    what, tone = {
        "succeeded": (f"{amount} received by {method}", "danger" if row.method == "failed_refund" else "good"),
        "refunded": (f"{amount} returned by {method}", "warning"),
        "failed": (f"Payment of {amount} by {method} failed", "danger"),
    }.get(row.kind, (f"Payment of {amount} by {method} begun", ""))
    by = f"recorded by {row.person}" if row.person else row.detail
    return Event(when=row.at, what=what, by=by, tone=tone)


def _turns(bookings: Sequence[Booking], rows: Sequence[_Row]) -> list[Event]:
    """Confirmations and cancellations, of which no row of their own is kept: told from the money and from the bookings."""
    received = [row.at for row in rows if row.source == "ledger" and row.kind == "succeeded"]
    told = {row.kind for row in rows if row.source == "staff"}
    events = []
    confirmed = [booking for booking in bookings if booking.status in ("confirmed", "completed", "no_show")]
    if confirmed and "booking.confirm" not in told:
        moment = max(received, default=min(booking.created_at for booking in confirmed))
        events.append(Event(when=moment, what=f"{_places(len(confirmed))} confirmed", tone="good"))
    cancelled = [booking for booking in bookings if booking.status == "cancelled"]
    if cancelled and "order.release" not in told:
        moment = max(booking.updated_at for booking in cancelled)
        events.append(Event(when=moment, what=f"{_places(len(cancelled))} given back"))
    return events


def _places(number: int) -> str:
    return "1 place" if number == 1 else f"{number} places"
