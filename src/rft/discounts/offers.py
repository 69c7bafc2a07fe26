"""Reads the offers: what is taken off without a code."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from rft.database.pool import Connection
from rft.discounts.rules import Offer

_OFFERS = """
select id, name, kind, at_least_seats, days_ahead, percent, amount, course_id, valid_from, valid_until, is_active from offers
"""


async def list_running_offers(db: Connection, london_day: date) -> list[Offer]:
    """Those that a booking made on that day can have, the smallest order first."""
    cursor = await db.execute(f"{_OFFERS} where is_active order by at_least_seats, days_ahead nulls first, percent, id")
    offers = [Offer(**row) for row in await cursor.fetchall()]
    return [offer for offer in offers if offer.is_running(london_day)]


def offer_from(described: Mapping[str, Any]) -> Offer:
    """An offer that is in force, as JSON describes it: money and days as text."""

    def day(name: str) -> date | None:
        return date.fromisoformat(described[name]) if described[name] else None

    def number(name: str) -> Decimal | None:
        return Decimal(described[name]) if described[name] else None

    return Offer(
        id=described["id"],
        name=described["name"],
        kind=described["kind"],
        at_least_seats=described["at_least_seats"],
        days_ahead=described["days_ahead"],
        percent=number("percent"),
        amount=number("amount"),
        course_id=described["course_id"],
        valid_from=day("valid_from"),
        valid_until=day("valid_until"),
    )
