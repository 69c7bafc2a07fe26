"""How a certificate stands for an employer, and whether a site has the cover that it needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["valid", "expiring", "expired", "none"]

EXPIRING_DAYS = 90
COURSE_TYPES = {"EFAW": "Emergency first aid", "FAW": "First aid at work", "Paediatric": "Paediatric first aid"}
# Who holds the longer course can do what the shorter one teaches.
COVERED_BY = {"EFAW": ("EFAW", "FAW"), "FAW": ("FAW",), "Paediatric": ("Paediatric",)}
_BEST_FIRST: Sequence[State] = ("valid", "expiring", "expired", "none")


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate that stands: of each course type the one that lasts longest."""

    number: str
    course_type: str
    course_name: str
    holder: str
    completed_on: date
    expires_on: date

    def state_on(self, day: date) -> State:
        if day > self.expires_on:
            return "expired"
        return "expiring" if (self.expires_on - day).days <= EXPIRING_DAYS else "valid"


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    first_name: str
    last_name: str
    email: str | None
    site_id: int | None
    site_name: str | None
    leaves_on: date | None
    certificates: tuple[Held, ...]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def works_on(self, day: date) -> bool:
        return self.leaves_on is None or day <= self.leaves_on

    def state_on(self, day: date) -> State:
        """That of the best certificate."""
        states = {held.state_on(day) for held in self.certificates} or {"none"}
        return next(state for state in _BEST_FIRST if state in states)

    def in_force_on(self, day: date) -> list[Held]:
        return [held for held in self.certificates if held.state_on(day) != "expired"]


@dataclass(frozen=True, slots=True)
class Cover:
    """So many people with a certificate of this type, a site needs."""

    site_id: int
    site_name: str
    course_type: str
    needed: int


@dataclass(frozen=True, slots=True)
class Gap:
    """`have` holds today; `soon_over` of them for at most 90 days more."""

    cover: Cover
    have: int
    soon_over: int

    @property
    def short(self) -> int:
        return max(0, self.cover.needed - self.have)


def weigh_cover(covers: Iterable[Cover], people: Sequence[Person], today: date) -> list[Gap]:
    """Each site's need beside who is there for it. People who have left count no more."""
    return [_weigh(cover, people, today) for cover in covers]


def _weigh(cover: Cover, people: Sequence[Person], today: date) -> Gap:
    states = [
        {held.state_on(today) for held in person.certificates if held.course_type in COVERED_BY[cover.course_type]}
        for person in people
        if person.site_id == cover.site_id and person.works_on(today)
    ]
    have = [found for found in states if found & {"valid", "expiring"}]
    return Gap(cover, len(have), sum("valid" not in found for found in have))
