"""kill -9 in the middle of money's way, and everything comes right by itself. `python -m benchmarks.kills` does it at every step."""

from collections.abc import Iterator

import pytest
from benchmarks.cuts import CUTS, Victim
from benchmarks.kills import audited, kill_at
from benchmarks.plant import Plant, running_plant


@pytest.fixture(scope="module")
def plant() -> Iterator[Plant]:
    with running_plant() as running:
        yield running


@pytest.mark.parametrize(
    ("victim", "when"),
    [
        ("web", "the event is about to be kept"),
        ("database", "the seats are about to be confirmed"),
        ("worker", "Stripe has made the refund"),
    ],
)
def test_money_comes_right_by_itself_when_something_is_killed(plant: Plant, victim: Victim, when: str) -> None:
    [cut] = [cut for cut in CUTS if cut.name == when]
    with audited(plant):
        kill_at(plant, cut, victim, hurry=True)
