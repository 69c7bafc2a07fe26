"""The arithmetic of reports: periods, what they are held against, shares, and where the month will end."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from rft.kit.money import to_penny

# The first and last London day that a report can begin or end with, and the longest that one can be.
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
MOST_DAYS = 3660
# Days are told one by one up to here; beyond, by month.
MOST_SINGLE_DAYS = 92
# How far back the habits of a week are looked for.
HABIT_DAYS = 28
_TENTH = Decimal("0.1")
# Brackets of days from booking to the date, each by its first; the database's lead_bracket has the same.
LEADS = (0, 1, 3, 7, 14, 28, 56, 112)


@dataclass(frozen=True, slots=True)
class Period:
    """London days, both ends inclusive."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def months(self) -> list[date]:
        """The first day of each month that the period touches."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return [add_months(self.first.replace(day=1), number) for number in range(count)]

    @property
    def is_short(self) -> bool:
        return self.days <= MOST_SINGLE_DAYS


@dataclass(frozen=True, slots=True)
class Spans:
    """A period as whole months, whose sums are kept, and the days before and after them."""

    first: date
    whole_from: date
    whole_to: date
    last: date


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last of that month where it has no such day."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_twelve_months(today: date) -> Period:
    """This month so far and the eleven before it."""
    return Period(add_months(today.replace(day=1), -11), today)


def previous(period: Period) -> Period:
    """As many months directly before where the period begins with a month, else as many days."""
    if period.first.day == 1:
        back = -len(period.months)
        is_whole = (period.last + timedelta(days=1)).day == 1
        last = period.first - timedelta(days=1) if is_whole else add_months(period.last, back)
        return Period(add_months(period.first, back), last)
    return Period(period.first - timedelta(days=period.days), period.first - timedelta(days=1))


def year_before(period: Period) -> Period:
    return Period(add_months(period.first, -12), add_months(period.last, -12))


def spans_of(period: Period, *, nothing_after: date | None = None) -> Spans:
    """`nothing_after`: a day after which there is nothing to count, so that a month that has begun may count as whole."""
    end = period.last + timedelta(days=1)
    first_month = period.first.replace(day=1)
    whole_from = period.first if period.first == first_month else add_months(first_month, 1)
    whole_to = end.replace(day=1)
    if nothing_after is not None and period.last >= nothing_after and end.day > 1:
        whole_to = add_months(whole_to, 1)
    if whole_from >= whole_to:
        return Spans(period.first, end, end, period.last)
    return Spans(period.first, whole_from, whole_to, period.last)


def share_of(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Percent to one place; None where there is nothing to be a share of."""
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_TENTH, ROUND_HALF_UP)


def change_from(before: Decimal | int, now: Decimal | int) -> Decimal | None:
    """By how many percent it grew or shrank; None where there was nothing before."""
    return share_of(Decimal(now) - Decimal(before), before) if before > 0 else None


def each(total: Decimal, number: int) -> Decimal | None:
    """The average, to the penny; None of nobody."""
    return to_penny(total / number) if number else None


def projected_month_end(so_far: Decimal, today: date, kept_by_day: Mapping[date, Decimal]) -> Decimal:
    """What this month will have brought: so far, and for each day to come what its weekday brought on average in the last
    four weeks. Today counts as it stands."""
    projected = so_far
    day = today + timedelta(days=1)
    while day.month == today.month:
        alike = [day - timedelta(weeks=weeks) for weeks in range(1, HABIT_DAYS // 7 + 2)]
        past = [one for one in alike if today - timedelta(days=HABIT_DAYS) <= one < today]
        projected += sum((kept_by_day.get(one, Decimal(0)) for one in past), Decimal(0)) / max(len(past), 1)
        day += timedelta(days=1)
    return to_penny(projected)


def lead_in_words(least: int) -> str:
    """`7 to 13 days` for the bracket that begins with 7."""
    position = LEADS.index(least)
    if position == len(LEADS) - 1:
        return f"{least} days or more"
    most = LEADS[position + 1] - 1
    if least == most:
        return "On the day" if least == 0 else f"{least} days"
    return f"{least} to {most} days"
