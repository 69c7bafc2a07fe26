"""What may be asked of a report: a period, a grouping, what to hold it against, and one course, venue or instructor."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Query

from rft.errors import NotValid
from rft.kit.clock import london_today, utc_now
from rft.reports.rules import EARLIEST, LATEST, MOST_DAYS, Period, last_twelve_months, previous, year_before
from rft.web.lists import Choice, read_number

Typed = Annotated[str, Query(max_length=20)]
AGAINST = {"previous": "the period before", "year": "a year before"}


@dataclass(frozen=True, slots=True)
class Asked:
    period: Period
    before: Period
    against: str
    today: date
    group_by: str = ""
    course_id: int | None = None
    venue_id: int | None = None
    instructor_id: int | None = None

    @property
    def against_in_words(self) -> str:
        return AGAINST[self.against]


class Filters:
    """The form of a report as typed; `asked` is what it means where `errors` is empty. Without a period, twelve months are meant."""

    def __init__(
        self,
        first: Annotated[Typed, Query(alias="from")] = "",
        last: Annotated[Typed, Query(alias="to")] = "",
        group_by: Choice = "",
        against: Choice = "",
        course: Choice = "",
        venue: Choice = "",
        instructor: Choice = "",
    ) -> None:
        self.today = london_today(utc_now())
        self.chosen = {"course": course, "venue": venue, "instructor": instructor}
        self.group_by = group_by
        self.against = against if against in AGAINST else "previous"
        usual = last_twelve_months(self.today)
        self.errors: dict[str, str] = {}
        period = Period(
            self._read("from", first, usual.first), self._read("to", last, max(usual.last, _day(first) or usual.last))
        )
        if not self.errors and period.last < period.first:
            self.errors["to"] = "The last day is not before the first day."
        if not self.errors and period.days > MOST_DAYS:
            self.errors["to"] = "A report is of ten years at most."
        self.period = period
        self.typed = {"from": first or period.first.isoformat(), "to": last or period.last.isoformat(),
                      "group_by": group_by, "against": self.against, **self.chosen}  # fmt: skip

    def asked(self) -> Asked:
        """Raises NotValid."""
        if self.errors:
            raise NotValid(errors=self.errors)
        ids = {f"{name}_id": read_number(text) for name, text in self.chosen.items()}
        before = previous(self.period) if self.against == "previous" else year_before(self.period)
        return Asked(self.period, before, self.against, self.today, self.group_by, **ids)

    def _read(self, name: str, text: str, otherwise: date) -> date:
        day = _day(text) if text else otherwise
        if day is None:
            self.errors[name] = "Enter a date, such as 2026-12-01."
        return day or otherwise


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None
