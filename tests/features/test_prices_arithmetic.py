"""Prices in pure arithmetic: whatever the price, the seats, the code, the offer and the rate, the pennies add up."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from rft.bookings.rules import price_seats
from rft.discounts.rules import AgreedPrice, DiscountCode, Offer, offer_in_words
from rft.kit.money import NOTHING, PENNY, shares

DAY = date(2027, 3, 1)


def pounds(least: str, most: str) -> some.SearchStrategy[Decimal]:
    return some.decimals(Decimal(least), Decimal(most), places=2)


def a_code(kind: str, value: Decimal) -> DiscountCode:
    return DiscountCode(1, "SPRING", kind, value, None, DAY, DAY, None, 0, None, is_active=True)


def an_offer(**terms: Any) -> Offer:
    defaults = {"id": 1, "name": "Offer", "kind": "seats", "at_least_seats": 1, "days_ahead": None, "percent": None,
                "amount": None, "course_id": None, "valid_from": None, "valid_until": None}  # fmt: skip
    return Offer(**{**defaults, **terms})


CODES = some.one_of(
    some.none(),
    some.builds(a_code, some.just("fixed"), pounds("0.01", "300.00")),
    some.builds(a_code, some.just("percentage"), pounds("0.01", "100.00")),
)
OFFERS = some.lists(
    some.one_of(
        some.builds(lambda percent, seats: an_offer(percent=percent, at_least_seats=seats), pounds("0.01", "100.00"), some.integers(1, 12)),
        some.builds(lambda amount: an_offer(amount=amount), pounds("0.01", "300.00")),
    ),
    max_size=3,
)  # fmt: skip
AGREED = some.one_of(some.none(), some.builds(AgreedPrice, some.just(1), some.just("Acme"), pounds("0.00", "300.00")))
RATES = some.one_of(some.none(), pounds("0.00", "100.00"))


@settings(max_examples=150, deadline=None)
@given(pounds("0.00", "300.00"), some.integers(1, 12), CODES, OFFERS, AGREED, RATES)
def test_the_best_one_counts_and_every_penny_adds_up(
    listed: Decimal,
    seats: int,
    code: DiscountCode | None,
    offers: list[Offer],
    agreed: AgreedPrice | None,
    rate: Decimal | None,
) -> None:
    price = price_seats(listed, seats, code=code, offers=offers, vat_rate=rate, agreed=agreed)
    assert sum([price.net] * seats, NOTHING) == price.total >= 0
    assert price.net == price.net.quantize(PENNY)
    alone = [price_seats(listed, seats, code=code, offers=[], vat_rate=None).net]
    alone += [price_seats(listed, seats, code=None, offers=[offer], vat_rate=None).net for offer in offers]
    assert price.net == min([listed, *alone, agreed.price if agreed else listed])
    assert sum(shares(price.vat, [price.net] * seats), NOTHING) == (price.vat if price.total else 0)
    assert 0 <= price.vat <= price.total
    assert sum(one is not None for one in (price.code, price.offer, price.agreed)) <= 1
    assert (price.reason is not None) == (price.discount > 0)


@settings(max_examples=80, deadline=None)
@given(pounds("0.00", "999.99"), some.lists(pounds("0.00", "99.99"), min_size=1, max_size=12).filter(sum))
def test_shares_add_up_and_none_is_a_penny_off(amount: Decimal, weights: list[Decimal]) -> None:
    found = shares(amount, weights)
    assert sum(found) == amount
    exact = [amount * weight / sum(weights) for weight in weights]
    assert all(abs(share - fair) < PENNY for share, fair in zip(found, exact, strict=True))


def test_the_penny_left_over_goes_to_the_first() -> None:
    assert shares(Decimal("10.00"), [Decimal(1)] * 3) == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]


def test_an_early_bird_counts_days_to_the_first_day_both_ends_included() -> None:
    bird = an_offer(kind="early_bird", days_ahead=30, percent=Decimal(15), valid_from=DAY, valid_until=DAY)
    assert bird.is_for(7, first_day=date(2027, 3, 31), london_day=DAY)
    assert not bird.is_for(7, first_day=date(2027, 3, 30), london_day=DAY)
    assert not bird.is_for(7, first_day=date(2027, 5, 1), london_day=date(2027, 3, 2))
    assert not an_offer(percent=Decimal(5), course_id=8).is_for(7, first_day=DAY, london_day=DAY)


def test_offers_in_words() -> None:
    assert offer_in_words(an_offer(percent=Decimal("10.00"), at_least_seats=5)) == "10% off for 5 places or more"
    bird = an_offer(kind="early_bird", days_ahead=30, amount=Decimal("15.00"))
    assert offer_in_words(bird) == "£15.00 off a place booked 30 days ahead or more"
