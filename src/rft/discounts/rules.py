"""What is taken off a price, and when, in pure arithmetic: for codes the same formula as rule 3's SQL, held together by a test."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from rft.kit.money import NOTHING, in_words, percent_of

CodeState = Literal["active", "scheduled", "used_up", "expired", "off"]


@dataclass(frozen=True, slots=True)
class DiscountCode:
    id: int
    code: str
    discount_type: str
    discount_value: Decimal
    min_purchase_amount: Decimal | None
    valid_from: date
    valid_until: date
    usage_limit: int | None
    times_used: int
    course_type_restriction: str | None
    is_active: bool
    description: str | None = None


def discount_for(code: DiscountCode, price: Decimal) -> Decimal:
    """What the code takes off one seat of this price: never more than the price, to the penny, half up."""
    if code.discount_type == "fixed":
        return min(code.discount_value, price)
    return percent_of(price, code.discount_value)


def is_valid_for(code: DiscountCode, *, price: Decimal, seats: int, course_type: str, london_day: date) -> bool:
    """Whether each of the seats may carry the code on that day. The database judges again when the seats are booked."""
    return (
        code.is_active
        and code.valid_from <= london_day <= code.valid_until
        and (code.usage_limit is None or code.times_used + seats <= code.usage_limit)
        and price >= (code.min_purchase_amount or NOTHING)
        and code.course_type_restriction in (None, course_type)
    )


def code_state(code: DiscountCode, london_day: date) -> CodeState:
    """What stops it first, as the office looks for it."""
    if not code.is_active:
        return "off"
    if london_day > code.valid_until:
        return "expired"
    if code.usage_limit is not None and code.times_used >= code.usage_limit:
        return "used_up"
    return "scheduled" if london_day < code.valid_from else "active"


def takes_off_in_words(code: DiscountCode) -> str:
    """`10% off`, `£15.00 off`."""
    if code.discount_type == "fixed":
        return f"{in_words(code.discount_value)} off"
    return f"{code.discount_value.normalize():f}% off"


@dataclass(frozen=True, slots=True)
class Offer:
    """Given without a code to every order that fits. `percent` or `amount` is set, `days_ahead` for early birds only."""

    id: int
    name: str
    kind: str
    at_least_seats: int
    days_ahead: int | None
    percent: Decimal | None
    amount: Decimal | None
    course_id: int | None
    valid_from: date | None
    valid_until: date | None
    is_active: bool = True

    def is_running(self, london_day: date) -> bool:
        return (
            self.is_active
            and (self.valid_from is None or self.valid_from <= london_day)
            and (self.valid_until is None or london_day <= self.valid_until)
        )

    def is_for(self, course_id: int, *, first_day: date, london_day: date) -> bool:
        """Whether an order made on that day for this date can have it, if it has the seats."""
        return (
            self.is_running(london_day)
            and self.course_id in (None, course_id)
            and (self.days_ahead is None or (first_day - london_day).days >= self.days_ahead)
        )

    def takes_off(self, price: Decimal) -> Decimal:
        """Off one seat of this price: never more than the price, to the penny, half up."""
        if self.percent is not None:
            return percent_of(price, self.percent)
        return min(self.amount or NOTHING, price)


def offer_in_words(offer: Offer) -> str:
    """`10% off for 5 places or more`, `£15.00 off a place booked 30 days ahead or more`; written on the order it is given to."""
    share = (
        f"{offer.percent.normalize():f}% off"
        if offer.percent is not None
        else f"{in_words(offer.amount or NOTHING)} off"
    )
    if offer.percent is None:
        share += " a place"
    conditions = []
    if offer.at_least_seats > 1:
        conditions.append(f"for {offer.at_least_seats} places or more")
    if offer.days_ahead is not None:
        conditions.append(
            "booked a day ahead or more" if offer.days_ahead == 1 else f"booked {offer.days_ahead} days ahead or more"
        )
    return " ".join([share, *conditions])


@dataclass(frozen=True, slots=True)
class AgreedPrice:
    """What an organisation pays for a seat of a course in place of the list price."""

    id: int
    organisation: str
    price: Decimal

    def in_words(self) -> str:
        """Written on the order it is given to."""
        return f"Price agreed with {self.organisation}"
