"""Pounds and pence, in Decimal from end to end."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

PENNY = Decimal("0.01")
NOTHING = Decimal("0.00")


def to_penny(amount: Decimal) -> Decimal:
    """Rounded half up, as an invoice is and as PostgreSQL's round() does."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """The share, to the penny."""
    return to_penny(amount * percent / 100)


def vat_within(gross: Decimal, rate: Decimal | None) -> Decimal:
    """The VAT contained in a price that includes it at `rate` percent; nothing where the company is not registered (None)."""
    if rate is None:
        return NOTHING
    return to_penny(gross * rate / (100 + rate))


def shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """The amount shared out by weight in whole pennies that add up to it again: each share is rounded down, and the pennies left
    over go to the largest remainders, the first one at a tie. Weights may be negative (a line that takes something off); where they
    come to nothing, nothing can be shared out: all shares are 0.
    """
    whole = sum(weights, NOTHING)
    if not whole:
        return [NOTHING for _ in weights]
    exact = [amount * weight / whole for weight in weights]
    found = [share.quantize(PENNY, ROUND_FLOOR) for share in exact]
    left = to_pence(amount - sum(found, NOTHING))
    by_remainder = sorted(range(len(exact)), key=lambda place: found[place] - exact[place])
    for place in by_remainder[:left]:
        found[place] += PENNY
    return found


def to_pence(amount: Decimal) -> int:
    """Whole pence, as Stripe counts. Raises ValueError where the amount has fractions of a penny."""
    pence = amount * 100
    if pence != pence.to_integral_value():
        raise ValueError("an amount of money has no fractions of a penny")
    return int(pence)


def from_pence(pence: int) -> Decimal:
    return (Decimal(pence) / 100).quantize(PENNY)


def in_words(amount: Decimal) -> str:
    """`£1,234.50`; with a minus sign in front of the pound where it is negative."""
    return f"{'−' if amount < 0 else ''}£{abs(amount):,.2f}"
