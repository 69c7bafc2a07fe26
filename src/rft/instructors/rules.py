"""How a paper stands on a day, and the words for kinds of papers and days of the week."""

from datetime import date, timedelta
from typing import Literal

State = Literal["valid", "expiring", "expired", "withdrawn", "coming"]
KINDS = {
    "FAW": "First Aid at Work",
    "EFAW": "Emergency First Aid at Work",
    "Paediatric": "Paediatric First Aid",
    "teaching": "Teaching award",
    "assessing": "Assessing award",
}
# The first is the longest: whoever looks at a paper within it is warned.
REMIND_DAYS = (90, 30)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def paper_state(issued_on: date, expires_on: date | None, withdrawn_on: date | None, today: date) -> State:
    if withdrawn_on is not None and withdrawn_on <= today:
        return "withdrawn"
    if issued_on > today:
        return "coming"
    if expires_on is None:
        return "valid"
    if expires_on < today:
        return "expired"
    return "expiring" if expires_on <= today + timedelta(days=REMIND_DAYS[0]) else "valid"
