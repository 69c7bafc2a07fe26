"""Reads what a customer's account holds: orders, places, certificates, invoices; nobody else's, whatever they have in common."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from rft.accounts.profile import get_profile, read_consents
from rft.bookings.queries import Order, select_orders
from rft.database.pool import Connection
from rft.invoices.queries import Invoice, select_invoices
from rft.kit.clock import to_iso
from rft.web.security.sessions import User

_LATEST = 100
_OWN = """(lower(attendee.email) = lower(%(email)s)
           or (booking.user_id = %(user_id)s and attendee.email is null))"""


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """A place in which the account's own person sits, whoever booked it."""

    reference: str
    status: str
    course_name: str
    starts_at: datetime
    ends_at: datetime
    venue_name: str
    city: str


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """One that stands; of a place of their own, or of one that they booked for somebody without an address."""

    number: str
    holder: str
    course_name: str
    completed_on: date
    expires_on: date


async def list_orders(db: Connection, user: User) -> list[Order]:
    """The newest first, a hundred at most."""
    page = "(select * from orders where user_id = %(user_id)s order by id desc limit %(most)s)"
    async with db.cursor(row_factory=class_row(Order)) as cursor:
        await cursor.execute(f"{select_orders(page)} order by placed.id desc", {"user_id": user.id, "most": _LATEST})
        return await cursor.fetchall()


async def list_seats(db: Connection, user: User) -> list[OwnSeat]:
    """Where somebody put this account's address down as the attendee's."""
    async with db.cursor(row_factory=class_row(OwnSeat)) as cursor:
        await cursor.execute(
            """
            select booking.booking_reference as reference, booking.status, course.name as course_name,
                   schedule.start_datetime as starts_at, schedule.end_datetime as ends_at, venue.name as venue_name, venue.city
              from attendees as attendee
              join bookings as booking on booking.id = attendee.booking_id
              join course_schedules as schedule on schedule.id = booking.course_schedule_id
              join courses as course on course.id = schedule.course_id
              join venues as venue on venue.id = schedule.venue_id
             where lower(attendee.email) = lower(%s) and booking.status in ('confirmed', 'completed', 'no_show')
             order by schedule.start_datetime desc, booking.id desc
             limit 100
            """,
            (user.email,),
        )
        return await cursor.fetchall()


async def list_certificates(db: Connection, user: User) -> list[OwnCertificate]:
    """Those that stand, the one that lasts longest first."""
    async with db.cursor(row_factory=class_row(OwnCertificate)) as cursor:
        await cursor.execute(
            f"""
            select certificate.number, certificate.holder, certificate.course_name, certificate.completed_on, certificate.expires_on
              from certificates as certificate
              join bookings as booking on booking.id = certificate.booking_id
              left join attendees as attendee on attendee.booking_id = booking.id
             where {_OWN}
               and not exists (select from certificates as later where later.replaces = certificate.id)
               and not exists (select from certificate_revocations as gone where gone.certificate_id = certificate.id)
             order by certificate.expires_on desc, certificate.id desc
            """,  # noqa: S608 (our own condition)
            {"user_id": user.id, "email": user.email},
        )
        return await cursor.fetchall()


async def list_invoices(db: Connection, user: User) -> list[Invoice]:
    page = """(select * from invoices where order_id in (select id from orders where user_id = %(user_id)s)
                order by id desc limit %(most)s)"""
    async with db.cursor(row_factory=class_row(Invoice)) as cursor:
        await cursor.execute(f"{select_invoices(page)} order by invoice.id desc", {"user_id": user.id, "most": _LATEST})
        return await cursor.fetchall()


async def read_own_data(db: Connection, user: User) -> dict[str, Any]:
    """What we hold of the account, for the person to take away."""
    profile = await get_profile(db, user.id)
    return {
        "account": {
            "email": user.email,
            "first_name": profile.first_name,
            "last_name": profile.last_name,
            "phone": profile.phone,
        },
        "consents": await read_consents(db, user.id),
        "orders": [
            {
                "reference": order.reference,
                "course": order.course_name,
                "starts": to_iso(order.starts_at),
                "status": order.status,
                "places": order.seats,
                "total": str(order.total),
                "placed": to_iso(order.created_at),
            }
            for order in await list_orders(db, user)
        ],
        "places": [
            {
                "reference": seat.reference,
                "course": seat.course_name,
                "starts": to_iso(seat.starts_at),
                "status": seat.status,
            }
            for seat in await list_seats(db, user)
        ],
        "certificates": [
            {
                "number": one.number,
                "holder": one.holder,
                "course": one.course_name,
                "completed": one.completed_on.isoformat(),
                "expires": one.expires_on.isoformat(),
            }
            for one in await list_certificates(db, user)
        ],
        "invoices": [invoice.number for invoice in await list_invoices(db, user)],
    }
