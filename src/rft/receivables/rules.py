"""When an unpaid order is reminded of, and how old a debt is."""

from collections.abc import Collection
from datetime import date

# Days after the due day on which a reminder goes; each goes once.
CHASED_AFTER = (1, 14, 28)
# A week before, where the organisation wants to be told.
BEFORE_DUE = -7
NOT_DUE, MONTH, TWO_MONTHS, OLDER = "Not due yet", "1 to 30 days", "31 to 60 days", "More than 60 days"
AGES = (NOT_DUE, MONTH, TWO_MONTHS, OLDER)


def days_overdue(due_on: date, today: date) -> int:
    """Negative before it is due; the due day itself is in time."""
    return (today - due_on).days


def age_of(overdue: int) -> str:
    if overdue <= 0:
        return NOT_DUE
    if overdue <= 30:
        return MONTH
    return TWO_MONTHS if overdue <= 60 else OLDER


def next_chase(overdue: int, chased: Collection[int], *, reminds_before: bool) -> int | None:
    """Which reminder is to go today. Those that were missed are not made up for: only the latest goes."""
    reached = [days for days in CHASED_AFTER if days <= overdue]
    if reached:
        return reached[-1] if all(days < reached[-1] for days in chased) else None
    is_near = BEFORE_DUE <= overdue <= 0
    return BEFORE_DUE if reminds_before and is_near and not chased else None
