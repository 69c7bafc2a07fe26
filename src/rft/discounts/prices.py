"""Reads agreed prices, and for the office what they and the offers have cost so far."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from psycopg.rows import class_row

from rft.database.pool import Connection, Row
from rft.discounts.rules import AgreedPrice, Offer
from rft.kit.pages import Window


@dataclass(frozen=True, slots=True)
class OfferCost:
    """`orders` and `taken_off` are as the orders were placed, whatever became of them since."""

    offer: Offer
    course_name: str | None
    orders: int
    taken_off: Decimal


@dataclass(frozen=True, slots=True)
class Agreed:
    id: int
    organisation: str
    organisation_reference: str
    course_name: str
    list_price: Decimal
    price: Decimal
    valid_from: date
    valid_until: date | None
    orders: int

    def state(self, today: date) -> str:
        """`ended`, `scheduled` or `running`."""
        if self.valid_until is not None and self.valid_until < today:
            return "ended"
        return "scheduled" if self.valid_from > today else "running"


async def find_agreed_price(
    db: Connection, course_id: int, london_day: date, *, user_id: int | None, organisation_id: int | None
) -> AgreedPrice | None:
    """The lowest that an organisation of the person, or the organisation named, has agreed for the course on that day."""
    cursor = await db.execute(
        """
        select price.id, organisation.name, price.price
          from organisation_prices as price
          join organisations as organisation on organisation.id = price.organisation_id and organisation.is_active
         where price.organisation_id in (select member.organisation_id
                                           from organisation_members as member
                                          where member.user_id = %(user_id)s::integer
                                          union all
                                         select %(organisation_id)s::integer)
           and price.course_id = %(course_id)s
           and %(london_day)s::date between price.valid_from and coalesce(price.valid_until, 'infinity')
         order by price.price, price.id
         limit 1
        """,
        {"course_id": course_id, "london_day": london_day, "user_id": user_id, "organisation_id": organisation_id},
    )
    row = await cursor.fetchone()
    return AgreedPrice(row["id"], row["name"], row["price"]) if row is not None else None


async def list_offer_costs(db: Connection) -> list[OfferCost]:
    """All that there ever were, the running ones first."""
    cursor = await db.execute(
        """
        select offer.id, offer.name, offer.kind, offer.at_least_seats, offer.days_ahead, offer.percent, offer.amount, offer.course_id,
               offer.valid_from, offer.valid_until, offer.is_active, course.name as course_name, given.orders, given.taken_off
          from offers as offer
          left join courses as course on course.id = offer.course_id
         cross join lateral (
               select count(*) as orders, coalesce(sum(placed.unit_discount * placed.seats), 0.00) as taken_off
                 from orders as placed
                where placed.offer_id = offer.id) as given
         order by offer.is_active desc, offer.id desc
        """
    )
    return [_cost_from(row) for row in await cursor.fetchall()]


def _cost_from(row: Row) -> OfferCost:
    beside = ("course_name", "orders", "taken_off")
    offer = Offer(**{name: value for name, value in row.items() if name not in beside})
    return OfferCost(offer, row["course_name"], row["orders"], row["taken_off"])


async def list_agreed_prices(db: Connection, window: Window) -> list[Agreed]:
    """The newest first, one more than the window shows."""
    query = f"""
        select price.id, organisation.name as organisation, organisation.reference as organisation_reference,
               course.name as course_name, course.price as list_price, price.price, price.valid_from, price.valid_until,
               (select count(*) from orders as placed where placed.organisation_price_id = price.id) as orders
          from organisation_prices as price
          join organisations as organisation on organisation.id = price.organisation_id
          join courses as course on course.id = price.course_id
         where {window.condition(["price.id"])}
        {window.order(["price.id"])}
    """  # noqa: S608 (our own conditions)
    async with db.cursor(row_factory=class_row(Agreed)) as cursor:
        await cursor.execute(query, window.values())
        return await cursor.fetchall()


async def list_choices(db: Connection) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What a form offers: the active organisations and the courses, by name."""
    organisations = await db.execute("select id, name from organisations where is_active order by lower(name), id")
    courses = await db.execute("select id, name from courses where is_active order by name, id")
    return (
        [(row["id"], row["name"]) for row in await organisations.fetchall()],
        [(row["id"], row["name"]) for row in await courses.fetchall()],
    )
