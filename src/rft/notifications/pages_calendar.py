"""The calendar file of an order, for those who look for it on the page and not in the mail."""

from fastapi import APIRouter
from starlette.responses import Response

from rft.bookings.access import OrderNotShown, OwnOrder
from rft.kit.clock import utc_now
from rft.notifications.calendar import write_calendar
from rft.notifications.facts import find_order_facts
from rft.web.dependencies import Db

router = APIRouter()
# A seat that is reserved is in the diary as well; one that is only held is not yet.
_IN_THE_DIARY = ("pending", "confirmed", "completed")


@router.get("/orders/{reference}/calendar.ics")
async def calendar(order: OwnOrder, database: Db) -> Response:
    async with database.connection() as db:
        facts = await find_order_facts(db, order.id, _IN_THE_DIARY)
    if facts is None or (order.hold_expires_at is not None and order.status == "pending"):
        raise OrderNotShown
    name = f"{order.reference}.ics"
    return Response(
        write_calendar(facts, utc_now()),
        media_type="text/calendar; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
