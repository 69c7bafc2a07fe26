"""Working days in England: Monday to Friday without the bank holidays."""

from datetime import date, datetime, timedelta
from functools import cache

from rft.kit.clock import london_today

_SATURDAY = 5


def is_working_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in _bank_holidays(day.year)


def after_working_days(utc: datetime, number: int) -> datetime:
    """So many working days later at the same moment of the day; what comes on a day off counts from the next working day."""
    day, left = london_today(utc), number
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return utc + timedelta(days=(day - london_today(utc)).days)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    import holidays  # takes a tenth of a second, and is needed seldom

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
