"""What a cancellation returns: the trade's terms to the penny, by London days, on both sides of both clock changes."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from rft.bookings.rules import Policy, Tier
from rft.changes.rules import is_moved_freely, price_moved, terms_before_payment, terms_of
from rft.kit.clock import from_london

TRADE = Policy(
    "1",
    [Tier(31, Decimal(100), Decimal("10.00")), Tier(15, Decimal(50), Decimal(0)), Tier(7, Decimal(25), Decimal(0))],
    minimum_age=16,
    late_after_minutes=15,
)
# Before, on, and so soon after a change of the clocks that the notice lies across it.
FIRST_DAYS = [
    date(2027, 3, 26),
    date(2027, 3, 28),
    date(2027, 4, 15),
    date(2027, 10, 29),
    date(2027, 10, 31),
    date(2027, 11, 20),
]
# More than 30 days ahead all but £10; 15 to 30 half; 7 to 14 a quarter; under 7 nothing.
RETURNED = {
    60: "65.00", 32: "65.00", 31: "65.00", 30: "37.50", 29: "37.50", 16: "37.50", 15: "37.50",
    14: "18.75", 13: "18.75", 8: "18.75", 7: "18.75", 6: "0.00", 1: "0.00", 0: "0.00",
}  # fmt: skip
PAID = Decimal("75.00")


def moments(days: int, first_day: date) -> tuple[datetime, datetime, datetime]:
    """The first and the last minute of the London day so many days ahead, and when the course begins."""
    day = first_day - timedelta(days=days)
    return from_london(day, time(0, 0)), from_london(day, time(23, 59)), from_london(first_day, time(9, 30))


@pytest.mark.parametrize("first_day", FIRST_DAYS, ids=str)
@pytest.mark.parametrize(("days", "returned"), RETURNED.items())
def test_the_terms_return_this_much_from_midnight_to_midnight(days: int, returned: str, first_day: date) -> None:
    earliest, latest, begins = moments(days, first_day)
    for now in (earliest, latest):
        terms = terms_of(PAID, PAID, TRADE, first_session=begins, now=now)
        assert (terms.days_ahead, str(terms.refund), terms.refund + terms.kept) == (days, returned, PAID)


@pytest.mark.parametrize(
    ("held", "returned"),
    [("0.00", "0.00"), ("9.99", "0.00"), ("10.01", "0.01"), ("40.00", "30.00"), ("90.00", "65.00")],
)
def test_what_is_held_counts_and_never_more_than_the_price(held: str, returned: str) -> None:
    now, _, begins = moments(40, FIRST_DAYS[0])
    terms = terms_of(Decimal(held), PAID, TRADE, first_session=begins, now=now)
    assert str(terms.refund) == returned


@pytest.mark.parametrize(("paid", "returned"), [("0.01", "0.01"), ("0.03", "0.02"), ("66.67", "33.34")])
def test_half_a_penny_is_rounded_up(paid: str, returned: str) -> None:
    now, _, begins = moments(20, FIRST_DAYS[2])
    assert str(terms_of(Decimal(paid), PAID, TRADE, first_session=begins, now=now).refund) == returned


@pytest.mark.parametrize(("days", "free"), [(31, True), (15, True), (14, False), (0, False)])
@pytest.mark.parametrize("first_day", FIRST_DAYS, ids=str)
def test_a_place_moves_freely_as_long_as_half_would_be_returned(days: int, free: bool, first_day: date) -> None:
    earliest, latest, begins = moments(days, first_day)
    assert [is_moved_freely(TRADE, first_session=begins, now=now) for now in (earliest, latest)] == [free, free]


@pytest.mark.parametrize(
    ("gross", "discount", "waived", "new", "waive", "net", "let_go"),
    [
        ("100", "0", "0", "70", False, "70.00", "0.00"),
        ("100", "10", "0", "70", False, "63.00", "0.00"),
        ("75", "0", "0", "100", False, "100.00", "0.00"),
        ("75", "0", "0", "100", True, "75.00", "25.00"),
        ("100", "25", "25", "75", False, "75.00", "0.00"),
        ("0", "0", "0", "60", False, "60.00", "0.00"),
    ],
)
def test_on_another_course_a_reduction_keeps_its_share(
    gross: str, discount: str, waived: str, new: str, waive: bool, net: str, let_go: str
) -> None:
    price = price_moved(
        gross=Decimal(gross), discount=Decimal(discount), waived=Decimal(waived), has_code=False, same_course=False,
        new_gross=Decimal(new), waive=waive,
    )  # fmt: skip
    assert (f"{price.net:.2f}", f"{price.waived:.2f}") == (net, let_go)


def test_what_came_for_a_place_that_was_never_paid_in_full_goes_back_whole_on_any_day() -> None:
    now, _, begins = moments(2, FIRST_DAYS[0])
    terms = terms_before_payment(Decimal("60.00"), first_session=begins, now=now)
    assert (str(terms.refund), str(terms.kept)) == ("60.00", "0.00")
    assert terms.in_words == "This place was never paid in full: all that came for it goes back."


def test_half_a_penny_of_a_reduction_that_moves_is_rounded_up() -> None:
    moved = price_moved(
        gross=Decimal(60), discount=Decimal(50), waived=Decimal(0), has_code=False, same_course=False,
        new_gross=Decimal("120.03"), waive=False,
    )  # fmt: skip
    assert str(moved.discount) == "100.03"
