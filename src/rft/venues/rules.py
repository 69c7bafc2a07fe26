"""What a venue offers, in words and as a form shows it."""

from collections.abc import Mapping
from typing import Any

# What is said where it is there, and where it is known to be missing.
_WORDS = {
    "step_free": ("Step-free access", "No step-free access: please tell us before you book if you need it"),
    "accessible_toilet": ("Accessible toilet", "No accessible toilet"),
    "hearing_loop": ("Hearing loop", ""),
    "refreshments": ("Tea, coffee and water", "No refreshments: bring what you need"),
    "wifi": ("Wi-Fi", ""),
    "parking": ("Parking", ""),
}
# Known or not, a form asks for each of these: there, missing, or nothing said.
ASKED = {name: words[0] for name, words in _WORDS.items()}
# How to get in and a map are shown beside the address, not among the ticks.
BESIDE = ("access", "map_url")


def facilities_in_words(facilities: Mapping[str, Any]) -> list[str]:
    """A line for each, in the order above; what only this venue has follows."""
    lines = [_WORDS[name][0 if facilities[name] else 1] for name in _WORDS if name in facilities]
    lines += further_in_words(facilities)
    return [line for line in lines if line]


def further_in_words(facilities: Mapping[str, Any]) -> list[str]:
    """What only this venue has: `Kitchen`, or `Lift: to the second floor`."""
    further = [(name, value) for name, value in facilities.items() if name not in (*_WORDS, *BESIDE) and value]
    words = [(name.replace("_", " ").capitalize(), value) for name, value in further]
    return [text if value is True else f"{text}: {value}" for text, value in words]


def read_further(text: str) -> dict[str, Any]:
    """The way back, a line each."""
    pairs = [line.strip().partition(":") for line in text.splitlines() if line.strip()]
    return {name.strip().lower().replace(" ", "_"): value.strip() or True for name, _, value in pairs if name.strip()}
