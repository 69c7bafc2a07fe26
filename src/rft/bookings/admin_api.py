"""Bookings over JSON for the office."""

from typing import Any, Literal

from fastapi import APIRouter

from rft.bookings.api import booking_body
from rft.bookings.lists import BookingFilter, list_bookings
from rft.bookings.queries import get_booking
from rft.kit.pages import Window
from rft.web.dependencies import ApiAdmin, Db
from rft.web.paging import Cursor, Limit, page
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/bookings", tags=["Office"], responses=PROBLEMS)
Status = Literal["pending", "confirmed", "cancelled", "completed", "no_show"]
PaymentStatus = Literal["pending", "paid", "refunded", "failed"]


@router.get("", summary="Bookings, newest first")
async def index(
    database: Db, _: ApiAdmin, status: Status | None = None, payment_status: PaymentStatus | None = None,
    search: str = "", limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    wanted = BookingFilter(status=status or "", payment_status=payment_status or "", search=search)
    async with database.connection() as db:
        found = await list_bookings(db, wanted, Window((cursor,) if cursor is not None else (), size=limit))
    return page(found, limit, lambda booking: booking.id, office_body)


@router.get("/{reference}", summary="One booking")
async def show(reference: str, database: Db, _: ApiAdmin) -> dict[str, Any]:
    async with database.connection() as db:
        return office_body(await get_booking(db, reference))


def office_body(booking: Any) -> dict[str, Any]:
    return booking_body(booking) | {
        "order": booking.order_reference,
        "schedule_id": booking.schedule_id,
        "course": booking.course_name,
        "customer": {"name": booking.customer_name, "email": booking.customer_email},
        "reserved": booking.reserved,
        "discount_code": booking.discount_code,
        "confirmation_sent": booking.confirmation_sent,
    }
