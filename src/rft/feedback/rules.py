"""The questions, and from how many answers on somebody who was in the room may see them."""

from dataclasses import dataclass
from decimal import Decimal

# Column → what is asked; 1 is "not at all", 5 is "very much".
QUESTIONS = {
    "confidence": "I could now help somebody in an emergency",
    "trainer": "The trainer explained things well",
    "practice": "There was enough time to practise",
    "venue": "The venue suited the course",
    "recommend": "I would recommend the course",
}
SCALE = (1, 2, 3, 4, 5)
# Of fewer the instructor, who knows the faces, would guess whose they are.
FEWEST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Result:
    """`averages` are in the order of the questions; `overall` is theirs."""

    name: str
    answers: int
    averages: tuple[Decimal, ...]

    @property
    def overall(self) -> Decimal:
        return (sum(self.averages, Decimal()) / len(self.averages)).quantize(Decimal("0.1"))


def shown_to_instructor(results: list[Result]) -> list[Result]:
    """Those of enough answers. No sum over all is shown beside them, from which the others could be worked out."""
    return [result for result in results if result.answers >= FEWEST_SHOWN]
