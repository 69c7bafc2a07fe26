"""Prices, terms and offers as customers read them: they say place where the office says seat."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from rft.bookings.queries import Booking, Order
from rft.bookings.rules import Policy, Price, Tier
from rft.kit.clock import day_in_words
from rft.kit.money import in_words

# What a price box draws: words, amount, and whether it is taken off.
PriceLine = tuple[str, Decimal, str]


def in_places(sentence: str) -> str:
    """A sentence of the office's for a customer."""
    return sentence.replace("seat", "place").replace("Seat", "Place")


def price_lines(price: Price) -> list[PriceLine]:
    return _lines(price.seats, price.list_price, price.gross, price.discount, price.price_reason, price.reason)


def order_lines(order: Order, bookings: Sequence[Booking]) -> list[PriceLine]:
    """The same for an order that was placed: what was frozen then."""
    price, off_each = order.unit_price, order.unit_discount
    if price is not None and off_each is not None and order.list_price is not None:
        now = [(booking.payment_amount, booking.discount_applied) for booking in bookings]
        if now == [(price - off_each, off_each)] * order.seats:
            return _lines(order.seats, order.list_price, price, off_each, order.price_reason, order.discount_reason)
    # Places were moved to dates of another price since, or the order is older than its frozen price.
    prices = Counter(booking.payment_amount + booking.discount_applied for booking in bookings)
    lines = [(f"{_places(places)} at {in_words(gross)}", gross * places, "") for gross, places in prices.items()]
    off = sum((booking.discount_applied for booking in bookings), Decimal(0))
    if off:
        code = bookings[0].discount_code
        lines.append((f"Code {code}" if code else "Group discount", -off, "off"))
    return lines


def _lines(
    seats: int, list_price: Decimal, price: Decimal, discount: Decimal, price_reason: str | None, reason: str | None
) -> list[PriceLine]:
    """The list price, then what makes it less (or more), each with its reason."""
    lines = [(f"{_places(seats)} at {in_words(list_price)}", list_price * seats, "")]
    if price_reason is not None:
        lines.append((price_reason, (price - list_price) * seats, "off"))
    if discount:
        lines.append((reason or "Discount", -discount * seats, "off"))
    return lines


def dated_terms(policy: Policy, *, first_day: date, today: date) -> list[tuple[str, str]]:
    """When a cancellation returns how much, for a course that begins on `first_day`. What is over is left out."""
    rows: list[tuple[str, str]] = []
    begins: date | None = None
    for tier in policy.tiers:
        ends = first_day - timedelta(days=tier.at_least_days)
        if ends >= today:
            rows.append((_period(begins if begins and begins > today else None, ends), _returned(tier)))
        begins = ends + timedelta(days=1)
    if begins is not None:
        rows.append((f"From {_day(begins)}" if begins > today else "From now on", "Nothing is returned"))
    return rows


def general_terms(policy: Policy) -> list[tuple[str, str]]:
    """The same for any date."""
    rows: list[tuple[str, str]] = []
    below: int | None = None
    for tier in policy.tiers:
        when = f"{tier.at_least_days} days or more" if below is None else f"{tier.at_least_days} to {below} days"
        rows.append((f"{when} before the first day", _returned(tier)))
        below = tier.at_least_days - 1
    if below is not None:
        rows.append((f"{below} days or fewer before the first day", "Nothing is returned"))
    return rows


def _period(begins: date | None, ends: date) -> str:
    if begins is None:
        return f"Cancel by {_day(ends)}"
    if begins == ends:
        return f"On {_day(ends)}"
    return f"{_day(begins, ends)} to {_day(ends)}"


def _returned(tier: Tier) -> str:
    share = "Everything" if tier.percent == 100 else f"{tier.percent.normalize():f}% of what you paid"
    return f"{share}, less {in_words(tier.less)} a place" if tier.less else share


def _day(day: date, until: date | None = None) -> str:
    """`3 March 2027`; without the year, or the month, where the day that follows names the same."""
    number, month, year = day_in_words(day).split(" ")[1:]
    if until is None or until.year != day.year:
        return f"{number} {month} {year}"
    return number if until.month == day.month else f"{number} {month}"


def _places(number: int) -> str:
    return "1 place" if number == 1 else f"{number} places"
