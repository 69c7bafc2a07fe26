"""The days on which England is closed."""

from collections.abc import Iterable
from datetime import date
from functools import cache


def bank_holidays(days: Iterable[date]) -> dict[date, str]:
    """Day → the holiday's name, for those of the days that are one."""
    return {day: name for day in days if (name := _of_year(day.year).get(day))}


@cache
def _of_year(year: int) -> dict[date, str]:
    # A large library: loaded by the first page that asks.
    from holidays import country_holidays

    return dict(country_holidays("GB", subdiv="ENG", years=year))
