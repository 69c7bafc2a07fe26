"""Reads an organisation's account: what it owes of its credit, and its latest orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection

# Longer ago is found in the list of orders.
_LATEST = 50


@dataclass(frozen=True, slots=True)
class Credit:
    """`left` is what may still be owed without asking; never below nothing."""

    organisation_id: int
    owed: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class OrderOnAccount:
    reference: str
    booker_name: str
    purchase_order: str | None
    course_name: str
    starts_at: datetime
    total: Decimal
    due_on: date | None
    standing: str


@dataclass(frozen=True, slots=True)
class AgreedPrice:
    """What its people pay for a place; `since` may be ahead."""

    course_name: str
    list_price: Decimal
    price: Decimal
    since: date
    until: date | None


async def read_credit(db: Connection, organisation_ids: Sequence[int]) -> dict[int, Credit]:
    async with db.cursor(row_factory=class_row(Credit)) as cursor:
        await cursor.execute(
            """
            select organisation.id as organisation_id, account.owed, greatest(organisation.credit_limit - account.owed, 0.00) as left
              from organisations as organisation, lateral (select owed_on_account(organisation.id) as owed) as account
             where organisation.id = any (%s)
            """,
            (list(organisation_ids),),
        )
        return {credit.organisation_id: credit for credit in await cursor.fetchall()}


async def list_orders_on_account(db: Connection, organisation_id: int) -> list[OrderOnAccount]:
    """The newest first, fifty at most."""
    async with db.cursor(row_factory=class_row(OrderOnAccount)) as cursor:
        await cursor.execute(
            """
            select placed.reference, placed.booker_name, placed.purchase_order, course.name as course_name,
                   schedule.start_datetime as starts_at, placed.total, approval.due_on,
                   case when bool_or(booking.status = 'pending')
                        then case approval.state when 'waiting' then 'requested' else 'reserved' end
                        when bool_and(booking.status = 'cancelled') then 'cancelled'
                        else 'confirmed' end as standing
              from order_organisations as owner
              join orders as placed on placed.id = owner.order_id
              join order_bookings as seat on seat.order_id = placed.id
              join bookings as booking on booking.id = seat.booking_id
              join course_schedules as schedule on schedule.id = placed.course_schedule_id
              join courses as course on course.id = schedule.course_id
              left join order_approvals as approval on approval.order_id = placed.id
             where owner.organisation_id = %s
             group by placed.id, course.name, schedule.start_datetime, approval.order_id
             order by placed.id desc
             limit %s
            """,
            (organisation_id, _LATEST),
        )
        return await cursor.fetchall()


async def list_agreed_prices(db: Connection, organisation_id: int, today: date) -> list[AgreedPrice]:
    """Those that hold on that London day or will, by course."""
    async with db.cursor(row_factory=class_row(AgreedPrice)) as cursor:
        await cursor.execute(
            """
            select course.name as course_name, course.price as list_price, agreed.price, agreed.valid_from as since,
                   agreed.valid_until as until
              from organisation_prices as agreed
              join courses as course on course.id = agreed.course_id
             where agreed.organisation_id = %s and coalesce(agreed.valid_until, 'infinity') >= %s
             order by course.name, agreed.valid_from
            """,
            (organisation_id, today),
        )
        return await cursor.fetchall()
