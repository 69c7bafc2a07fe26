"""What follows from a course's own figures."""

import math
from decimal import Decimal

# Contact hours that one day holds: the eighteen of First Aid at Work take at least three days.
_HOURS_A_DAY = 6
_HALF_A_DAY = 4


def length_in_words(hours: Decimal) -> str:
    """`3 days, 18 hours`: contact hours, and the days that they take at least."""
    shown = f"{hours.normalize():f} {'hour' if hours == 1 else 'hours'}"
    if hours <= _HALF_A_DAY:
        return f"Half a day, {shown}"
    days = math.ceil(hours / _HOURS_A_DAY)
    return f"{days} {'day' if days == 1 else 'days'}, {shown}"
