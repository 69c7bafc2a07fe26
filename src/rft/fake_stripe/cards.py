"""The test cards: numbers that belong to nobody, each with what happens when somebody pays with it."""

from dataclasses import dataclass, replace
from typing import Literal

Course = Literal["succeeds", "declined", "needs_authentication", "settles_later", "fails_later"]


@dataclass(frozen=True)
class Card:
    number: str
    meaning: str
    course: Course = "succeeds"
    decline_code: str | None = None
    code: str = "card_declined"
    message: str = "Your card was declined."
    refund: Literal["succeeds", "waits", "fails_later"] = "succeeds"
    disputed: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def spaced(self) -> str:
        return " ".join(self.number[place : place + 4] for place in range(0, len(self.number), 4))


CARDS = [
    Card("4242424242424242", "Pays at once"),
    Card("4000000000000002", "Declined", "declined", "generic_decline"),
    Card(
        "4000000000009995",
        "Declined: not enough money",
        "declined",
        "insufficient_funds",
        message="Your card has insufficient funds.",
    ),
    Card("4000002500003155", "The bank asks to confirm", "needs_authentication"),
    Card("4000000000000077", "Pays some seconds later", "settles_later"),
    Card("4000000000000093", "Looks paid, fails some seconds later", "fails_later", "generic_decline"),
    Card("4000000000007726", "Pays; a refund waits some seconds", refund="waits"),
    Card("4000000000005126", "Pays; a refund fails some seconds later", refund="fails_later"),
    Card("4000000000000259", "Pays; is disputed some seconds later", disputed=True),
]
DEFAULT_CARD = CARDS[0]
AUTHENTICATED_CARD = CARDS[3]
FAILING_LATER_CARD = CARDS[5]
UNKNOWN_CARD = Card(
    "",
    "Any other card",
    "declined",
    "test_mode_live_card",
    message="Your card was declined. This is a practice page: only the test cards listed below work here.",
)


def is_card_number(digits: str) -> bool:
    """Between 12 and 19 digits whose last one is the Luhn check digit."""
    if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def find_card(digits: str) -> Card:
    """The test card with this number; any other real-looking number is declined, as Stripe's test mode does."""
    for card in CARDS:
        if card.number == digits:
            return card
    return replace(UNKNOWN_CARD, number=digits[-4:])
