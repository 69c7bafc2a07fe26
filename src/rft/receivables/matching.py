"""Which order a line of a bank statement pays: guesses with their reasons, for a person to confirm."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

# Banks cut references at 18 characters: the beginning of one is worth nearly as much as the whole.
_LEAST_OF_A_REFERENCE = 8
_SHORTEST_PURCHASE_ORDER = 3
_SURE, _LIKELY, _WORTH_TELLING = 70, 40, 25
_MOST_TOLD = 3
# What says nothing about whose name it is.
_EMPTY_WORDS = frozenset(
    {"LTD", "LIMITED", "PLC", "LLP", "THE", "AND", "OF", "CO", "UK", "MR", "MRS", "MS", "DR", "INC"}
)


@dataclass(frozen=True, slots=True)
class Owed:
    """An order that waits for money."""

    reference: str
    purchase_order: str | None
    debtor: str
    booker_name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    owed: Owed
    score: int
    reasons: list[str]

    @property
    def is_sure(self) -> bool:
        return self.score >= _SURE

    @property
    def confidence(self) -> str:
        if self.is_sure:
            return "Very likely"
        return "Likely" if self.score >= _LIKELY else "Possible"


def propose(text: str, amount: Decimal, orders: Sequence[Owed]) -> list[Proposal]:
    """At most three, the best first; only the sure ones where there are such.

    `text` is all that the line says, `amount` what is left of it.
    """
    run, words = _run_together(text), _words(text)
    found = []
    for owed in orders:
        reasons = list(_reasons(run, words, amount, owed))
        score = sum(points for points, _ in reasons)
        if score >= _WORTH_TELLING:
            found.append(Proposal(owed, score, [reason for _, reason in reasons]))
    sure = [proposal for proposal in found if proposal.is_sure]
    return sorted(sure or found, key=lambda proposal: -proposal.score)[:_MOST_TOLD]


def _reasons(run: str, words: frozenset[str], amount: Decimal, owed: Owed) -> Iterator[tuple[int, str]]:
    own = _run_together(owed.reference.partition("-")[2])
    if own and own in run:
        yield 60, "the order’s reference"
    elif len(own) > _LEAST_OF_A_REFERENCE and own[:_LEAST_OF_A_REFERENCE] in run:
        yield 45, "the beginning of the order’s reference"
    if _names_purchase_order(run, owed.purchase_order):
        yield 30, f"purchase order {owed.purchase_order}"
    if amount == owed.amount:
        yield 25, "exactly what is owed"
    names = [name for name in (_words(owed.debtor), _words(owed.booker_name)) if name]
    if any(name <= words for name in names):
        yield 20, "the name"
    elif any(len(name & words) * 2 >= len(name) for name in names):
        yield 10, "part of the name"


def _names_purchase_order(run: str, purchase_order: str | None) -> bool:
    number = _run_together(purchase_order or "")
    return len(number) >= _SHORTEST_PURCHASE_ORDER and any(map(str.isdigit, number)) and number in run


def _run_together(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[A-Z0-9]{2,}", text.upper()) if word not in _EMPTY_WORDS)
