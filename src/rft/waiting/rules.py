"""Who is offered places that have become free, for how long, and why somebody still waits: pure judgement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_LONGEST = timedelta(hours=24)
_LATE = timedelta(days=3)
_LONGEST_WHEN_LATE = timedelta(hours=4)
# Nobody is offered a place that they could not travel to, and an answer is never asked for in less time than this.
_LEAST = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry of a list, as far as the order of it goes."""

    id: int
    places: int


def offer_until(now: datetime, starts_at: datetime) -> datetime | None:
    """Until when an offer made now may be taken: a day, four hours in the last three days, and always two hours before the start.

    None where that leaves no time: no offer is made any more.
    """
    longest = _LONGEST if starts_at - now > _LATE else _LONGEST_WHEN_LATE
    until = min(now + longest, starts_at - _LEAST)
    return until if until - now >= _LEAST else None


def in_turn(queue: Sequence[Waiting], free: int) -> list[Waiting]:
    """Those who fit into the free places, in the order of joining. A group that does not fit is passed, and keeps its turn."""
    return [entry for entry in queue if entry.places <= free]


def why_waiting(place: int, places: int, free: int) -> str:
    """Why somebody who stands at this place of the queue (1 is the first) has no offer, in words."""
    if free <= 0:
        return "The date is full." if place == 1 else f"The date is full; {_ahead(place)}."
    if places > free:
        left = "1 place is free" if free == 1 else f"{free} places are free"
        return f"Needs {places} places together; {left}. The turn is kept."
    return "Is offered the free places next." if place == 1 else f"Fits; {_ahead(place)}."


def _ahead(place: int) -> str:
    return "1 entry is ahead" if place == 2 else f"{place - 1} entries are ahead"
