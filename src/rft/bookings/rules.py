"""What an order costs and what a cancellation returns: pure arithmetic on what the database said."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rft.discounts.rules import AgreedPrice, DiscountCode, Offer, discount_for, offer_in_words
from rft.kit.money import NOTHING, in_words, percent_of, vat_within

# Stripe takes no card payment in pounds below this: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
LEAST_CARD_PAYMENT = Decimal("0.30")


@dataclass(frozen=True, slots=True)
class Price:
    """What each seat of an order costs and why. All seats cost the same, so that the sum always adds up.

    `gross` is the list price, or the one `agreed` in its place.
    """

    gross: Decimal
    discount: Decimal
    seats: int
    code: DiscountCode | None
    offer: Offer | None
    vat_rate: Decimal | None
    list_price: Decimal
    agreed: AgreedPrice | None = None

    @property
    def net(self) -> Decimal:
        return self.gross - self.discount

    @property
    def total(self) -> Decimal:
        return self.net * self.seats

    @property
    def vat(self) -> Decimal:
        """Contained in the total, worked out once on the whole order."""
        return vat_within(self.total, self.vat_rate)

    @property
    def price_reason(self) -> str | None:
        """Why a seat does not cost what the list says, in words; None where it does."""
        return self.agreed.in_words() if self.agreed is not None else None

    @property
    def reason(self) -> str | None:
        """What took something off, in words; None where nothing was."""
        if self.code is not None:
            return f"Code {self.code.code}"
        return offer_in_words(self.offer) if self.offer is not None else None


def price_seats(
    list_price: Decimal,
    seats: int,
    *,
    code: DiscountCode | None,
    offers: list[Offer],
    vat_rate: Decimal | None,
    agreed: AgreedPrice | None = None,
) -> Price:
    """The best of three, which never add up: the code, the best of the offers that are for this date, the price agreed.

    At a tie the agreed price before the offer before the code, so that no use is spent. `offers` still need their seats.
    """
    fitting = [offer for offer in offers if seats >= offer.at_least_seats]
    offer = max(fitting, key=lambda offer: offer.takes_off(list_price), default=None)
    by_offer = offer.takes_off(list_price) if offer is not None else NOTHING
    by_code = discount_for(code, list_price) if code is not None else NOTHING
    saved = list_price - agreed.price if agreed is not None else NOTHING
    if saved > 0 and saved >= max(by_offer, by_code):
        return Price(list_price - saved, NOTHING, seats, None, None, vat_rate, list_price, agreed)
    if by_code > by_offer:
        return Price(list_price, by_code, seats, code, None, vat_rate, list_price)
    return Price(list_price, by_offer, seats, None, offer if by_offer else None, vat_rate, list_price)


@dataclass(frozen=True, slots=True)
class Tier:
    """From `at_least_days` London days before the first session, `percent` of what was paid goes back, less an amount."""

    at_least_days: int
    percent: Decimal
    less: Decimal


@dataclass(frozen=True, slots=True)
class Policy:
    version: str
    tiers: list[Tier]
    minimum_age: int
    late_after_minutes: int


def refund_for(paid: Decimal, policy: Policy, *, first_day: date, on: date) -> Decimal:
    """What goes back of what was paid for a seat when it is cancelled on the London day `on`."""
    days = (first_day - on).days
    for tier in policy.tiers:
        if days >= tier.at_least_days:
            return max(percent_of(paid, tier.percent) - tier.less, NOTHING)
    return NOTHING


def policy_in_words(policy: Policy) -> list[str]:
    """The policy as sentences, the longest notice first."""
    sentences, below = [], None
    for tier in policy.tiers:
        when = (
            f"{tier.at_least_days} days or more before the course"
            if below is None
            else f"{tier.at_least_days} to {below} days before"
        )
        share = "everything" if tier.percent == 100 else f"{tier.percent.normalize():f} % of what you paid"
        less = f" less {in_words(tier.less)} a seat" if tier.less else ""
        sentences.append(f"Cancel {when}: you get back {share}{less}.")
        below = tier.at_least_days - 1
    if below is not None:
        sentences.append(f"Cancel with {below} days or fewer to go: nothing is returned.")
    sentences.append("You can give your seat to someone else, free, until the course starts.")
    return sentences
