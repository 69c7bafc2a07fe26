"""What a discount takes off, in pure arithmetic: the same formula as rule 3's SQL, held together by a test."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rft.kit.money import NOTHING, percent_of


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
