"""The reports by name, and what each of them can be grouped by and narrowed to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from rft.database.pool import Connection
from rft.errors import NotFound, NotValid
from rft.reports.figures import Report
from rft.reports.money_reports import cancellations, outstanding, revenue
from rft.reports.people_reports import customers, funnel, traffic
from rft.reports.place_reports import bookings, lead_time, occupancy
from rft.reports.schemas import Asked

GROUPS = {"day": "Day", "month": "Month", "course": "Course", "venue": "Venue", "instructor": "Instructor",
          "source": "Source", "page": "Page", "device": "Device", "browser": "Browser", "search": "Search"}  # fmt: skip
_PLACE = ("course", "venue", "instructor")


@dataclass(frozen=True, slots=True)
class Kind:
    """`groups`: by what its rows can be told, its own way first; `narrows`: to one of what."""

    title: str
    about: str
    make: Callable[[Connection, Asked], Awaitable[Report]]
    groups: tuple[str, ...] = ()
    narrows: tuple[str, ...] = ()


REPORTS: dict[str, Kind] = {
    "revenue": Kind("Revenue", "What came and what went back, by course, venue and instructor, and where the month will end.",
                    revenue, ("month", "day", *_PLACE), _PLACE),
    "bookings": Kind("Bookings", "How many were made, confirmed, cancelled and completed.", bookings, ("month", "day")),
    "occupancy": Kind("Occupancy", "How full the dates are.", occupancy, ("month", *_PLACE), _PLACE),
    "lead-time": Kind("Lead time", "How long before the date people book.", lead_time),
    "cancellations": Kind("Cancellations and refunds", "What was cancelled, what was given up, what went back.", cancellations),
    "outstanding": Kind("Outstanding", "What is booked and not paid yet, the oldest first.", outstanding),
    "customers": Kind("Customers", "New ones, those who came back, and what they are worth.", customers),
    "traffic": Kind("Visits to the site", "Where visitors come from, what they see and on what.", traffic,
                    ("month", "day", "source", "page", "search", "device", "browser")),
    "funnel": Kind("From a visit to a paid place", "How far visits come: a date, the checkout, a paid place.", funnel),
}  # fmt: skip


def get_kind(name: str) -> Kind:
    """Raises NotFound."""
    if name not in REPORTS:
        raise NotFound
    return REPORTS[name]


async def make_report(db: Connection, name: str, asked: Asked) -> Report:
    """Raises NotFound for a report, NotValid for a grouping that there is not."""
    kind = get_kind(name)
    if asked.group_by and asked.group_by not in kind.groups:
        raise NotValid(errors={"group_by": "This report cannot be grouped by that."})
    if asked.group_by == "day" and not asked.period.is_short:
        raise NotValid(
            errors={"group_by": "Days are told one by one for three months at most: choose a shorter period."}
        )
    return await kind.make(db, asked)
