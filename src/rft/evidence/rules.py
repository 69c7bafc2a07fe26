"""By when results are sent, and the hours and the ratio of a course as it was held."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from rft.kit.clock import from_london, london_today
from rft.kit.working_days import after_working_days

WORKING_DAYS = 10


def results_due_on(ended: datetime) -> date:
    """Ten working days after the London day on which the course ended."""
    # From its noon, since a late hour would slip over midnight where the clocks change in between.
    noon = from_london(london_today(ended), time(12))
    return london_today(after_working_days(noon, WORKING_DAYS))


@dataclass(frozen=True, slots=True)
class Held:
    """One day as it was held. `present` are those who were there, late or not."""

    starts_at: datetime
    ends_at: datetime
    trainer: str
    present: int


@dataclass(frozen=True, slots=True)
class Demanded:
    """What the course's qualification demands; None where it leads to none."""

    contact_hours: Decimal | None
    maximum_learners: int | None
    breaks_minutes: int


def contact_hours(days: list[Held], breaks_minutes: int) -> Decimal:
    """Without the breaks of each day."""
    minutes = sum(int((day.ends_at - day.starts_at).total_seconds()) // 60 - breaks_minutes for day in days)
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def hours_in_words(held: Decimal, demanded: Decimal | None) -> str:
    said = f"{held.normalize():f} hours without breaks"
    if demanded is None:
        return said
    return f"{said}; the qualification demands {demanded.normalize():f}{'' if held >= demanded else ': too few'}"


def ratio_in_words(days: list[Held], most: int | None) -> str:
    """The fullest day's."""
    present = max((day.present for day in days), default=0)
    said = f"At most {present} {'learner' if present == 1 else 'learners'} to a trainer"
    if most is None:
        return said
    return f"{said}; the qualification allows {most}{'' if present <= most else ': too many'}"
