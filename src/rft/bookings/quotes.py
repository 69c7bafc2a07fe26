"""Quotes: what so many seats on a date cost, worked out by the server from one look at the database."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rft.bookings.errors import ScheduleFull, ScheduleNotOpen
from rft.bookings.rules import Policy, Price, Tier, price_seats
from rft.database.pool import Connection, Row
from rft.database.sql import statement
from rft.discounts.errors import DiscountNotValid
from rft.discounts.offers import offer_from
from rft.discounts.prices import find_agreed_price
from rft.discounts.rules import DiscountCode, Offer, is_valid_for
from rft.errors import NotFound, Refusal
from rft.kit.clock import london_today, to_london

_QUOTE = statement(__file__, "quote.sql")


class ScheduleBegun(Refusal):
    status = 409
    title = "Already begun"
    sentence = "This course has already begun. Please choose a later date."


@dataclass(frozen=True, slots=True)
class Quote:
    """A price and what it rests on. `seats_left` is as of this look; only an order takes seats."""

    schedule_id: int
    course_name: str
    venue_name: str
    city: str
    starts_at: datetime
    ends_at: datetime
    seats_left: int
    price: Price
    policy: Policy
    unpaid_orders: int


async def get_quote(
    db: Connection,
    schedule_id: int,
    seats: int,
    code: str | None,
    *,
    now: datetime,
    email: str = "",
    user_id: int | None = None,
    organisation_id: int | None = None,
    office: bool = False,
) -> Quote:
    """Raises NotFound, ScheduleNotOpen, ScheduleBegun, ScheduleFull or DiscountNotValid. `now` is UTC without zone.

    With the booker's `email`, `unpaid_orders` counts the orders that are already held for them. An agreed price is that of an
    organisation of `user_id`, who is signed in, or of `organisation_id`, which only the office may name.
    """
    today = london_today(now)
    values = {"schedule_id": schedule_id, "code": code, "now": now, "london_day": today, "email": email}
    row = await (await db.execute(_QUOTE, values)).fetchone()
    # A date for one organisation's own people is the office's to book.
    if row is None or (row["in_house"] and not office):
        raise NotFound("There is no such date.", code="schedule_not_found")
    _require_bookable(row, seats, now)
    agreed = None
    # A look of its own: in the first one, whose parameters are mostly nobody, it would be planned anew for each order.
    if user_id is not None or organisation_id is not None:
        agreed = await find_agreed_price(db, row["course_id"], today, user_id=user_id, organisation_id=organisation_id)
    return Quote(
        schedule_id=row["schedule_id"],
        course_name=row["course_name"],
        venue_name=row["venue_name"],
        city=row["city"],
        starts_at=row["start_datetime"],
        ends_at=row["end_datetime"],
        seats_left=row["seat_limit"] - row["current_capacity"],
        price=price_seats(
            row["price"],
            seats,
            code=_require_code(row, seats, today) if code else None,
            offers=_offers_of(row, today),
            vat_rate=row["vat_rate"],
            agreed=agreed,
        ),
        policy=policy_from(row),
        unpaid_orders=row["unpaid_orders"],
    )


def policy_from(row: Row) -> Policy:
    """The policy in a row that carries its columns."""
    tiers = [Tier(tier["at_least_days"], Decimal(tier["percent"]), Decimal(tier["less"])) for tier in row["tiers"]]
    return Policy(row["policy_version"], tiers, row["minimum_age"], row["late_after_minutes"])


def _require_bookable(row: Row, seats: int, now: datetime) -> None:
    left = row["seat_limit"] - row["current_capacity"]
    if row["status"] not in ("published", "full") or not row["course_is_active"]:
        raise ScheduleNotOpen
    if row["start_datetime"] <= now:
        raise ScheduleBegun(
            f"This course began on {to_london(row['start_datetime']):%d %B %Y at %H:%M}. Please choose a later date."
        )
    if left <= 0:
        raise ScheduleFull(facts={"seats_left": 0})
    if seats > left:
        only = "Only 1 seat is" if left == 1 else f"Only {left} seats are"
        raise ScheduleFull(f"{only} left on this date.", facts={"seats_left": left}, errors={"seats": f"{only} left."})


def _require_code(row: Row, seats: int, today: date) -> DiscountCode:
    code = _code_of(row)
    if code is None or not is_valid_for(
        code, price=row["price"], seats=seats, course_type=row["course_type"], london_day=today
    ):
        raise DiscountNotValid(errors={"discount_code": DiscountNotValid.sentence})
    return code


def _offers_of(row: Row, today: date) -> list[Offer]:
    """Those that are for this date, whatever the number of seats."""
    first_day = london_today(row["start_datetime"])
    offers = [offer_from(offer) for offer in row["offers"] or []]
    return [offer for offer in offers if offer.is_for(row["course_id"], first_day=first_day, london_day=today)]


def _code_of(row: Row) -> DiscountCode | None:
    if row["code_id"] is None:
        return None
    return DiscountCode(
        id=row["code_id"],
        code=row["code"],
        discount_type=row["discount_type"],
        discount_value=row["discount_value"],
        min_purchase_amount=row["min_purchase_amount"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        usage_limit=row["usage_limit"],
        times_used=row["times_used"],
        course_type_restriction=row["course_type_restriction"],
        is_active=row["code_is_active"],
    )
