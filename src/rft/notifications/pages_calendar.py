"""The calendar file of an order, or of an attendee's own place, for those who look for it on the page and not in the mail."""

from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from rft.bookings.access import OrderNotShown, OwnOrder
from rft.kit.clock import utc_now
from rft.learners.access import OwnPlace
from rft.learners.errors import LinkOver
from rft.notifications.calendar import write_calendar
from rft.notifications.facts import OrderFacts, find_order_facts
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
    return _file(facts, order.reference)


@router.get("/attending/calendar.ics")
async def own_calendar(place: OwnPlace, database: Db) -> Response:
    """Only the days of this one place, whoever else is in the order."""
    async with database.connection() as db:
        facts = await find_order_facts(db, place.order_id, _IN_THE_DIARY)
    if facts is None:
        raise LinkOver
    own = [session for session in facts.sessions if session.course_schedule_id == place.schedule_id]
    return _file(replace(facts, sessions=own), place.reference)


def _file(facts: OrderFacts, reference: str) -> Response:
    name = f"{reference}.ics"
    return Response(
        write_calendar(facts, utc_now()),
        media_type="text/calendar; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
