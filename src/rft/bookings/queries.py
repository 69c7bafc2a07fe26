"""Reads orders and bookings."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.references import hash_token


@dataclass(frozen=True, slots=True)
class Order:
    id: int
    reference: str
    user_id: int
    booker_name: str
    booker_email: str
    booker_phone: str | None
    organisation_name: str | None
    purchase_order: str | None
    payment_method: str
    seats: int
    total: Decimal
    vat: Decimal
    list_price: Decimal | None
    unit_price: Decimal | None
    unit_discount: Decimal | None
    price_reason: str | None
    discount_reason: str | None
    vat_rate: Decimal | None
    terms_version: str
    policy_version: str
    hold_expires_at: datetime | None
    created_at: datetime
    schedule_id: int
    course_name: str
    venue_name: str
    city: str
    starts_at: datetime
    ends_at: datetime
    statuses: list[str]
    paid: Decimal
    approval: str | None

    @property
    def status(self) -> str:
        """In the words of bookings: pending while any seat is, cancelled when all are, else confirmed (or what came after it)."""
        live = [status for status in self.statuses if status != "cancelled"]
        if not live:
            return "cancelled"
        for status in ("pending", "confirmed"):
            if status in live:
                return status
        return live[0]

    @property
    def standing(self) -> str:
        """The status as people read it: `reserved` where seats wait for a purchase order to be paid and no clock runs.

        `requested` where the office has not said yet whether it may be paid that way.
        """
        if self.status == "pending" and self.hold_expires_at is None:
            return "requested" if self.approval == "waiting" else "reserved"
        return self.status


@dataclass(frozen=True, slots=True)
class Booking:
    id: int
    reference: str
    status: str
    payment_status: str
    payment_amount: Decimal
    discount_applied: Decimal
    discount_code: str | None
    confirmation_sent: bool
    certificate_issued: bool
    certificate_issued_date: date | None
    created_at: datetime
    updated_at: datetime
    schedule_id: int
    course_name: str
    venue_name: str
    city: str
    starts_at: datetime
    ends_at: datetime
    order_reference: str | None
    reserved: bool
    approval: str | None
    customer_name: str
    customer_email: str
    attendee_first_name: str | None
    attendee_last_name: str | None
    attendee_email: str | None

    @property
    def attendee_name(self) -> str | None:
        return f"{self.attendee_first_name} {self.attendee_last_name}" if self.attendee_first_name else None

    @property
    def holder(self) -> str | None:
        """Who sits in the seat. One that was booked without an order is the customer's own; in an order it may be named later."""
        return self.attendee_name or (self.customer_name if self.order_reference is None else None)

    @property
    def standing(self) -> str:
        """The status as people read it: see Order."""
        if self.reserved:
            return "requested" if self.approval == "waiting" else "reserved"
        return self.status


_ORDERS = """
select placed.id, placed.reference, placed.user_id, placed.booker_name, placed.booker_email, placed.booker_phone,
       placed.organisation_name, placed.purchase_order, placed.payment_method, placed.seats, placed.total, placed.vat,
       placed.list_price, placed.unit_price, placed.unit_discount, placed.price_reason, placed.discount_reason, placed.vat_rate,
       placed.terms_version, placed.policy_version, placed.hold_expires_at, placed.created_at, schedule.id as schedule_id,
       course.name as course_name, venue.name as venue_name, venue.city, schedule.start_datetime as starts_at,
       schedule.end_datetime as ends_at,
       array(select booking.status::text
               from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
              where seat.order_id = placed.id
              order by seat.position) as statuses,
       (select coalesce(sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end), 0.00)
          from order_bookings as seat join payment_transactions as entry on entry.booking_id = seat.booking_id
         where seat.order_id = placed.id) as paid,
       (select approval.state from order_approvals as approval where approval.order_id = placed.id) as approval
  from {source} as placed
  join course_schedules as schedule on schedule.id = placed.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
"""

_BOOKINGS = """
select booking.id, booking.booking_reference as reference, booking.status, booking.payment_status, booking.payment_amount,
       booking.discount_applied, code.code as discount_code, booking.confirmation_sent, booking.certificate_issued,
       booking.certificate_issued_date, booking.created_at, booking.updated_at, schedule.id as schedule_id, course.name as course_name,
       venue.name as venue_name, venue.city, schedule.start_datetime as starts_at, schedule.end_datetime as ends_at,
       placed.reference as order_reference,
       (booking.status = 'pending' and placed.id is not null and placed.hold_expires_at is null) as reserved,
       approval.state as approval,
       coalesce(placed.booker_name, nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email) as customer_name,
       customer.email as customer_email, attendee.first_name as attendee_first_name, attendee.last_name as attendee_last_name,
       attendee.email as attendee_email
  from {source} as booking
  join users as customer on customer.id = booking.user_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
  left join discount_codes as code on code.id = booking.discount_code_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join order_approvals as approval on approval.order_id = placed.id
  left join attendees as attendee on attendee.booking_id = booking.id
"""


def select_orders(source: str = "orders") -> str:
    """All that Order holds, for the rows of `source`: the table, or a statement in brackets that has chosen among its rows."""
    return _ORDERS.format(source=source)


def select_bookings(source: str = "bookings") -> str:
    """The same for Booking."""
    return _BOOKINGS.format(source=source)


async def get_order(
    db: Connection, reference: str, *, token: str | None = None, staff: bool = False, user_id: int | None = None
) -> Order:
    """Found by its reference and its own token, by the account that made it, or by staff.

    Raises NotFound alike for an unknown order and a wrong token.
    """
    condition = (
        "placed.reference = %(reference)s"
        " and (%(staff)s or placed.access_token_hash = %(token_hash)s or placed.user_id = %(user_id)s::integer)"
    )
    values = {"reference": reference, "staff": staff, "token_hash": hash_token(token or ""), "user_id": user_id}
    async with db.cursor(row_factory=class_row(Order)) as cursor:
        await cursor.execute(f"{select_orders()} where {condition}", values)
        order = await cursor.fetchone()
    if order is None:
        raise NotFound("There is no such order.", code="order_not_found")
    return order


async def list_bookings_of_order(db: Connection, order_id: int) -> list[Booking]:
    async with db.cursor(row_factory=class_row(Booking)) as cursor:
        await cursor.execute(
            f"{select_bookings()} where placed.id = %(order_id)s order by seat.position", {"order_id": order_id}
        )
        return await cursor.fetchall()


async def find_given_back(db: Connection, order_id: int) -> Decimal | None:
    """What was to go back for the places of an order that were cancelled; None where none was (their time to pay may have run out)."""
    cursor = await db.execute(
        """
        select sum(given.refund) as refund
          from order_bookings as seat join booking_cancellations as given on given.booking_id = seat.booking_id
         where seat.order_id = %s
        """,
        (order_id,),
    )
    row = await cursor.fetchone()
    return row["refund"] if row is not None else None


async def get_booking(db: Connection, reference: str) -> Booking:
    """Raises NotFound."""
    async with db.cursor(row_factory=class_row(Booking)) as cursor:
        await cursor.execute(
            f"{select_bookings()} where upper(booking.booking_reference) = upper(%(reference)s)",
            {"reference": reference},
        )
        booking = await cursor.fetchone()
    if booking is None:
        raise NotFound("There is no such booking.", code="booking_not_found")
    return booking
