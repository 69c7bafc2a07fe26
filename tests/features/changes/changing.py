"""Orders that change: made with a known token, and begun so many London days from today."""

from datetime import timedelta
from typing import Any

from rft.kit.clock import utc_now
from rft.kit.references import hash_token, new_token
from tests.builders import Db, Row, a_course, a_schedule
from tests.features.browser import Browser
from tests.features.mailing import an_order, rows


def dated(db: Db, days: int, *, course: Row | None = None, seats: int = 12, **columns: Any) -> Row:
    """A date that begins so many days from now, at this time of day: so many London days too."""
    start = utc_now().replace(microsecond=0) + timedelta(days=days)
    return a_schedule(db, course=course or a_course(db), seats=seats, start_datetime=start, **columns)


def bought(db: Db, schedule: Row, **columns: Any) -> Row:
    """An order that was paid by bank transfer; the row has its `token` too."""
    token = new_token()
    order = an_order(db, schedule=schedule, access_token_hash=hash_token(token), **columns)
    return order | {"token": token, "page": f"/orders/{order['reference']}"}


async def opened(browser: Browser, order: Row) -> Browser:
    """The browser, which from now on may see the order."""
    await browser.get(order["page"], params={"access_token": order["token"]})
    return browser


def references(order: Row) -> list[str]:
    return [booking["booking_reference"] for booking in order["bookings"]]


def standing(db: Db, order: Row) -> list[str]:
    query = """
        select booking.status from bookings as booking join order_bookings as seat on seat.booking_id = booking.id
         where seat.order_id = %(id)s order by seat.position
        """
    return [row["status"] for row in rows(db, query, id=order["id"])]


def owed(db: Db) -> list[tuple[str, str]]:
    """Sum and reason of each refund that is owed."""
    found = rows(db, "select amount, reason from refunds where state <> 'withdrawn' order by id")
    return [(str(row["amount"]), row["reason"]) for row in found]


def queued(db: Db, name: str) -> int:
    return len(rows(db, "select from jobs.procrastinate_jobs where task_name = %(name)s", name=name))
