"""What a venue offers, in words."""

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


def facilities_in_words(facilities: dict[str, Any]) -> list[str]:
    """A line for each, in the order above; what only this venue has follows."""
    lines = [_WORDS[name][0 if facilities[name] else 1] for name in _WORDS if name in facilities]
    for name, value in facilities.items():
        if name not in _WORDS and value:
            words = name.replace("_", " ").capitalize()
            lines.append(words if value is True else f"{words}: {value}")
    return [line for line in lines if line]
