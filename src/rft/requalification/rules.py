"""When a certificate is renewed, with which course, and how many of those that run out come back."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

# What is known of few is worth little: so many imagined holders, who renew at the rate of all, stand beside the real ones.
_IMAGINED = 5
# Before anything has run out, half are taken to come back.
_UNKNOWN = Decimal("0.5")
# Who comes back later than this began anew: it was no renewal.
LATE_DAYS = 90
# With so many expected, a date is worth adding.
WORTH_A_DATE = 4

Way = Literal["requalification", "whole course"]


def way_on(day: date, *, expires: date, grace_days: int) -> Way:
    """A requalification begins on the last day of validity, or so many days of grace later, at the latest."""
    return "requalification" if day <= expires + timedelta(days=grace_days) else "whole course"


@dataclass(frozen=True, slots=True)
class Past:
    """Of the certificates that ran out, how many were renewed."""

    expired: int
    renewed: int


def renewal_rate(course: Past, everything: Past) -> Decimal:
    """The share to expect, from 0 to 1: that of the course, drawn towards that of all courses where few have run out yet."""
    overall = Decimal(everything.renewed) / everything.expired if everything.expired else _UNKNOWN
    return (course.renewed + _IMAGINED * overall) / (course.expired + _IMAGINED)


def first_monday_before(month: date, *, today: date) -> date:
    """Where a date for those who run out in a month is proposed: early in the month before, and never in the past."""
    begins = (month - timedelta(days=1)).replace(day=1)
    earliest = max(begins, today + timedelta(days=1))
    return earliest + timedelta(days=-earliest.weekday() % 7)
