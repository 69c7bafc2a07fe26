"""Reads discount codes for the back office: what they are, how far they are used, and what they cost."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.discounts.rules import DiscountCode
from rft.errors import NotFound
from rft.kit.pages import Window

# "": whatever its state.
WantedState = Literal["", "active", "scheduled", "used_up", "expired", "off"]

_CODE = """
select id, code, discount_type, discount_value, min_purchase_amount, valid_from, valid_until, usage_limit, times_used,
course_type_restriction, is_active, description
  from discount_codes
"""
_LIVE = "is_active and valid_until >= %(today)s"
_SPENT = "coalesce(times_used >= usage_limit, false)"
# The same words as rules.code_state; a test holds the two together.
_STATES: dict[WantedState, str] = {
    "": "true",
    "active": f"{_LIVE} and valid_from <= %(today)s and not {_SPENT}",
    "scheduled": f"{_LIVE} and valid_from > %(today)s and not {_SPENT}",
    "used_up": f"{_LIVE} and {_SPENT}",
    "expired": "is_active and valid_until < %(today)s",
    "off": "not is_active",
}


@dataclass(frozen=True, slots=True)
class CodeFilter:
    """`search` is the beginning of a code, or a part of its description; `today` is London's."""

    today: date
    search: str = ""
    state: WantedState = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A booking that carries the code."""

    id: int
    reference: str
    status: str
    customer_name: str
    course_name: str
    starts_at: datetime
    created_at: datetime
    gross: Decimal
    taken_off: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """Of the live bookings that carry a code: how many, what they were worth, and what the code took off them."""

    bookings: int
    gross: Decimal
    taken_off: Decimal


async def list_discount_codes(db: Connection, wanted: CodeFilter, window: Window) -> list[DiscountCode]:
    """In the window's order, one more than it shows."""
    text = wanted.search.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    query = f"""
        {_CODE}
         where {window.condition(["id"])} and {_STATES[wanted.state]}
           and (lower(code) like %(start)s or lower(description) like %(within)s)
        {window.order(["id"])}
    """
    values = {"today": wanted.today, "start": f"{text}%", "within": f"%{text}%", **window.values()}
    async with db.cursor(row_factory=class_row(DiscountCode)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def get_discount_code(db: Connection, code_id: int, *, locked: bool = False) -> DiscountCode:
    """`locked`: nobody else changes or uses it until the transaction ends. Raises NotFound."""
    lock = "for no key update" if locked else ""
    async with db.cursor(row_factory=class_row(DiscountCode)) as cursor:
        await cursor.execute(f"{_CODE} where id = %s {lock}", (code_id,))
        code = await cursor.fetchone()
    if code is None:
        raise NotFound("There is no such discount code.")
    return code


async def is_used(db: Connection, code_id: int) -> bool:
    """Whether any booking, cancelled or not, was ever made with it: its terms are frozen then."""
    cursor = await db.execute("select from bookings where discount_code_id = %s limit 1", (code_id,))
    return await cursor.fetchone() is not None


async def list_uses(db: Connection, code_id: int, window: Window) -> list[Use]:
    """The bookings that carry it, by id in the window's order."""
    query = f"""
        select booking.id, booking.booking_reference as reference, booking.status,
               coalesce(nullif(concat_ws(' ', customer.first_name, customer.last_name), ''), customer.email) as customer_name,
               course.name as course_name, schedule.start_datetime as starts_at, booking.created_at,
               booking.payment_amount + booking.discount_applied as gross, booking.discount_applied as taken_off
          from bookings as booking
          join users as customer on customer.id = booking.user_id
          join course_schedules as schedule on schedule.id = booking.course_schedule_id
          join courses as course on course.id = schedule.course_id
         where booking.discount_code_id = %(code_id)s and {window.condition(["booking.id"])}
        {window.order(["booking.id"])}
    """  # noqa: S608 (our own conditions)
    async with db.cursor(row_factory=class_row(Use)) as cursor:
        await cursor.execute(query, {"code_id": code_id, **window.values()})
        return await cursor.fetchall()


async def get_cost(db: Connection, code_id: int) -> Cost:
    async with db.cursor(row_factory=class_row(Cost)) as cursor:
        await cursor.execute(
            """
            select count(*) as bookings, coalesce(sum(payment_amount + discount_applied), 0.00) as gross,
                   coalesce(sum(discount_applied), 0.00) as taken_off
              from bookings
             where discount_code_id = %s and status <> 'cancelled'
            """,
            (code_id,),
        )
        cost = await cursor.fetchone()
    assert cost is not None, "an aggregate is one row"
    return cost
