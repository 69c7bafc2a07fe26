"""What settling did, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """In words for the inbox. `wrong` asks for a person."""

    words: str
    wrong: bool = False
