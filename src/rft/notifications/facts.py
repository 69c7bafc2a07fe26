"""What the mails about an order say of it, read from the database as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from psycopg.rows import class_row

from rft.database.pool import Connection

_FOLDER = Path(__file__).parent
_ORDER = (_FOLDER / "order.sql").read_text("utf-8")
_SEATS = (_FOLDER / "seats.sql").read_text("utf-8")
_SESSIONS = (_FOLDER / "sessions.sql").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    phone: str
    email: str
    address_lines: list[str]
    vat_number: str | None
    bank_account_name: str | None = None
    bank_sort_code: str | None = None
    bank_account_number: str | None = None

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Order:
    id: int
    reference: str
    booker_name: str
    booker_email: str
    organisation_name: str | None
    purchase_order: str | None
    payment_method: str
    total: Decimal
    vat: Decimal
    course_name: str
    # Until when the places are held for a card; None: no clock runs.
    hold_expires_at: datetime | None = None
    # Of an order on invoice: until when the office decides, why it said no, until when it is paid, and who pays invoices.
    decide_by: datetime | None = None
    declined_because: str | None = None
    due_on: date | None = None
    billing_email: str | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    booking_id: int
    course_schedule_id: int
    reference: str
    amount: Decimal
    discount: Decimal
    first_name: str | None
    last_name: str | None
    # What has come for it and is still here.
    paid: Decimal = Decimal("0.00")

    @property
    def attendee(self) -> str | None:
        return f"{self.first_name} {self.last_name}" if self.first_name else None


@dataclass(frozen=True, slots=True)
class Session:
    """A day of the course and where it is. `session_id` is None where the schedule's days are not spelled out."""

    session_id: int | None
    course_schedule_id: int
    starts_at: datetime
    ends_at: datetime
    venue_id: int
    venue_name: str
    address_line1: str
    address_line2: str | None
    city: str
    postcode: str
    parking_info: str | None
    # How often the date was moved, and when it was to be before the last time.
    moves: int
    moved_from: str | None

    @property
    def address(self) -> str:
        return ", ".join(part for part in (self.address_line1, self.address_line2, self.city, self.postcode) if part)


@dataclass(frozen=True, slots=True)
class OrderFacts:
    order: Order
    company: Company
    seats: list[Seat]
    sessions: list[Session]

    @property
    def total(self) -> Decimal:
        return sum((seat.amount for seat in self.seats), Decimal("0.00"))

    @property
    def discount(self) -> Decimal:
        return sum((seat.discount for seat in self.seats), Decimal("0.00"))

    @property
    def paid(self) -> Decimal:
        return sum((seat.paid for seat in self.seats), Decimal("0.00"))

    @property
    def to_pay(self) -> Decimal:
        """Of pending seats, none of which has more than it costs."""
        return self.total - self.paid

    @property
    def vat(self) -> Decimal | None:
        """The order's VAT; None where there is none, or where the seats left are no longer the whole order."""
        return self.order.vat if self.order.vat and self.total == self.order.total else None

    @property
    def has_several_dates(self) -> bool:
        """Whether some of the seats were moved to another date."""
        return len({seat.course_schedule_id for seat in self.seats}) > 1

    @property
    def moved_from(self) -> list[str]:
        """When the dates that were moved were to be before."""
        return list(dict.fromkeys(session.moved_from for session in self.sessions if session.moved_from))

    def first_day_of(self, seat: Seat) -> Session:
        return next(session for session in self.sessions if session.course_schedule_id == seat.course_schedule_id)

    @property
    def venues(self) -> list[Session]:
        """One session for each venue, in the order in which they are visited."""
        return list({session.venue_id: session for session in reversed(self.sessions)}.values())[::-1]


async def get_company(db: Connection) -> Company:
    async with db.cursor(row_factory=class_row(Company)) as cursor:
        await cursor.execute(
            """
            select name, phone, email, address_lines, vat_number, bank_account_name, bank_sort_code, bank_account_number
              from company_profile
            """
        )
        company = await cursor.fetchone()
    if company is None:
        raise LookupError("company_profile is empty; a migration wrote its row")
    return company


async def find_order(db: Connection, order_id: int) -> Order | None:
    async with db.cursor(row_factory=class_row(Order)) as cursor:
        await cursor.execute(_ORDER, {"order_id": order_id})
        return await cursor.fetchone()


async def find_order_facts(db: Connection, order_id: int, statuses: Sequence[str]) -> OrderFacts | None:
    """The order with those of its seats whose booking has one of the statuses; None where there is no such seat."""
    values = {"order_id": order_id, "statuses": list(statuses)}
    async with db.cursor(row_factory=class_row(Seat)) as seats:
        await seats.execute(_SEATS, values)
        found = await seats.fetchall()
    order = await find_order(db, order_id)
    if order is None or not found:
        return None
    sessions = await list_sessions(db, list({seat.course_schedule_id for seat in found}))
    return OrderFacts(order, await get_company(db), found, sessions)


async def list_sessions(db: Connection, course_schedule_ids: list[int]) -> list[Session]:
    """The days of these dates, in order; the whole span of one whose days are not spelled out."""
    async with db.cursor(row_factory=class_row(Session)) as sessions:
        await sessions.execute(_SESSIONS, {"course_schedule_ids": course_schedule_ids})
        return await sessions.fetchall()
