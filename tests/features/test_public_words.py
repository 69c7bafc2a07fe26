"""Terms, offers and lengths as customers read them."""

from datetime import date, timedelta
from decimal import Decimal

from rft.bookings.rules import Policy, Tier, refund_for
from rft.bookings.words import dated_terms, general_terms, in_places
from rft.courses.rules import length_in_words
from rft.venues.rules import facilities_in_words

POLICY = Policy(
    "1",
    [
        Tier(31, Decimal(100), Decimal("10.00")),
        Tier(15, Decimal(50), Decimal("0.00")),
        Tier(7, Decimal(25), Decimal("0.00")),
    ],
    16,
    15,
)
FIRST_DAY = date(2027, 3, 20)


def terms_on(today: date) -> list[tuple[str, str]]:
    return dated_terms(POLICY, first_day=FIRST_DAY, today=today)


def test_well_before_the_course_all_the_terms_are_given_with_their_days() -> None:
    assert terms_on(date(2027, 1, 4)) == [
        ("Cancel by 17 February 2027", "Everything, less £10.00 a place"),
        ("18 February to 5 March 2027", "50% of what you paid"),
        ("6 to 13 March 2027", "25% of what you paid"),
        ("From 14 March 2027", "Nothing is returned"),
    ]


def test_what_is_over_is_left_out() -> None:
    later = [when for when, _ in terms_on(date(2027, 2, 18))]
    assert later == ["Cancel by 5 March 2027", "6 to 13 March 2027", "From 14 March 2027"]
    assert terms_on(date(2027, 3, 13))[0] == ("Cancel by 13 March 2027", "25% of what you paid")
    assert terms_on(date(2027, 3, 14)) == [("From now on", "Nothing is returned")]


def test_the_days_in_words_are_the_days_that_are_counted() -> None:
    """The two copies of the policy agree on each day's side of each border."""
    for days in range(40):
        on = FIRST_DAY - timedelta(days=days)
        returned = refund_for(Decimal("100.00"), POLICY, first_day=FIRST_DAY, on=on)
        shown = terms_on(on)[0][1]
        expected = {"E": Decimal("90.00"), "5": Decimal("50.00"), "2": Decimal("25.00"), "N": Decimal("0.00")}
        assert expected[shown[0]] == returned, days


def test_years_are_written_where_they_differ() -> None:
    rows = dated_terms(POLICY, first_day=date(2027, 1, 18), today=date(2026, 11, 1))
    assert rows[1][0] == "19 December 2026 to 3 January 2027"


def test_general_terms_count_in_days() -> None:
    assert [when for when, _ in general_terms(POLICY)] == [
        "31 days or more before the first day",
        "15 to 30 days before the first day",
        "7 to 14 days before the first day",
        "6 days or fewer before the first day",
    ]


def test_customers_read_of_places() -> None:
    assert in_places("Only 2 seats are left on this date.") == "Only 2 places are left on this date."


def test_lengths() -> None:
    lengths = {"4": "Half a day, 4 hours", "6": "1 day, 6 hours", "12": "2 days, 12 hours", "18": "3 days, 18 hours"}
    assert {hours: length_in_words(Decimal(f"{hours}.00")) for hours in lengths} == lengths
    assert length_in_words(Decimal("6.50")) == "2 days, 6.5 hours"
    assert length_in_words(Decimal("10.00")) == "2 days, 10 hours"


def test_facilities_say_what_is_there_and_what_is_known_to_be_missing() -> None:
    assert facilities_in_words({"wifi": True, "step_free": True}) == ["Step-free access", "Wi-Fi"]
    assert facilities_in_words({"refreshments": False, "hearing_loop": False}) == [
        "No refreshments: bring what you need"
    ]
    assert facilities_in_words({"lift": "to the second floor"}) == ["Lift: to the second floor"]
