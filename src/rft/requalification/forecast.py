"""What renewals will ask for in the months to come, and where a date is worth adding."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

from rft.database.pool import Connection
from rft.kit.clock import london_today
from rft.planning.rules import months_later
from rft.requalification.queries import Demand, list_demand, read_past
from rft.requalification.rules import WORTH_A_DATE, Past, first_monday_before, renewal_rate
from rft.web.charts import Chart, Series, bar_chart, count

MONTHS_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Expected:
    """`people` is how many more will come: those who run out and have not booked yet, times the rate of the past."""

    demand: Demand
    rate: Decimal
    people: int
    add_href: str | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """`suggested` are the rows that are worth a date and have none."""

    rows: list[Expected]
    chart: Chart
    past: Past

    @property
    def suggested(self) -> list[Expected]:
        return [row for row in self.rows if row.add_href]


async def read_forecast(db: Connection, now: datetime) -> Forecast:
    """From this month on."""
    today = london_today(now)
    first = today.replace(day=1)
    by_course = await read_past(db, today)
    everything = Past(
        sum(past.expired for past in by_course.values()), sum(past.renewed for past in by_course.values())
    )
    rows = [
        _expect(demand, renewal_rate(by_course.get(demand.course_id, Past(0, 0)), everything), today)
        for demand in await list_demand(db, first, months_later(first, MONTHS_AHEAD), now)
    ]
    return Forecast(rows, _chart(rows, [months_later(first, number) for number in range(MONTHS_AHEAD)]), everything)


def _expect(demand: Demand, rate: Decimal, today: date) -> Expected:
    people = int(((demand.expiring - demand.renewed) * rate).to_integral_value(ROUND_HALF_UP))
    wanted = people >= WORTH_A_DATE and not demand.dates
    return Expected(demand, rate, people, _add_href(demand, today) if wanted else None)


def _add_href(demand: Demand, today: date) -> str:
    on = first_monday_before(demand.month, today=today)
    return "/office/series/new?" + urlencode(
        {"course": demand.course_id, "venue": demand.venue_id, "on": on.isoformat()}
    )


def _chart(rows: list[Expected], months: list[date]) -> Chart:
    def sums(value: str) -> list[int]:
        return [
            sum(row.people if value == "people" else row.demand.renewed for row in rows if row.demand.month == month)
            for month in months
        ]

    series = [Series("Booked already", sums("renewed")), Series("Expected", sums("people"))]
    return bar_chart([f"{month:%b} {month.year}" for month in months], series, words=count, stacked=True)
