"""Reports about people: customers and what they are worth, visits to the site, and the way from a visit to a paid place."""

from datetime import date, timedelta
from decimal import Decimal

from rft.database.pool import Connection
from rft.reports.comparing import compared, points_apart
from rft.reports.figures import Column, Drawing, Figure, Report, Sheet, Tile
from rft.reports.queries import Cohort, get_revenue, list_cohorts, list_visits, list_visits_by
from rft.reports.rules import each, share_of, spans_of
from rft.reports.schemas import Asked
from rft.web.charts import Series, bar_chart, count, line_chart, ranks

_TOP = 10
# The funnel's steps as they are kept, in their order, and how they read.
STEPS = {"visit": "Came to the site", "date": "Looked at a date", "checkout": "Began to book", "booked": "Held a place",
         "paid": "Paid"}  # fmt: skip
_FACETS = {"source": "Sources", "page": "Pages", "search": "Searches", "device": "Devices", "browser": "Browsers"}
_CONSENT = "Only visits whose visitors agreed to be counted; addresses and searches for people are never kept."


async def customers(db: Connection, asked: Asked) -> Report:
    cohorts = {cohort.month: cohort for cohort in await list_cohorts(db, asked.period)}
    earlier = await list_cohorts(db, asked.before)
    money = await get_revenue(db, spans_of(asked.period, nothing_after=asked.today), asked)
    months = asked.period.months
    empty = Cohort(months[0], 0, 0, Decimal("0.00"), Decimal("0.00"), Decimal("0.00"))
    told = [cohorts.get(month, empty) for month in months]
    new, back = sum(one.customers for one in told), sum(one.came_back for one in told)
    worth = each(sum((one.received - one.returned for one in told), Decimal(0)), new)
    first_time = sum((one.received_first_day for one in told), Decimal("0.00"))
    new_before, back_before = sum(one.customers for one in earlier), sum(one.came_back for one in earlier)
    tiles = [
        compared(asked, "customers", "New customers", "count", new, new_before),
        points_apart(asked, "came_back", "Of them came back", share_of(back, new), share_of(back_before, new_before)),
        Tile("worth", "Worth of each so far", "money", worth, "what they have paid to this day, less what went back"),
        Tile("first_time", "Received of new customers", "money", first_time, "on their first day"),
        Tile("repeat", "Received of others", "money", money.total.received - first_time, "who had paid before"),
    ]
    rows: list[list[Figure]] = [
        [month, one.customers, one.came_back, share_of(one.came_back, one.customers), one.received, one.returned,
         each(one.received - one.returned, one.customers)]
        for month, one in zip(months, told, strict=True)
    ]  # fmt: skip
    columns = [
        Column("month", "First paid in", "month"), Column("customers", "Customers", "count"),
        Column("came_back", "Came back", "count"), Column("share", "Share", "percent"),
        Column("received", "Received to this day", "money"), Column("returned", "Returned", "money"),
        Column("worth", "Worth of each", "money"),
    ]  # fmt: skip
    series = [
        Series("New", [one.customers for one in told]),
        Series("Of them came back", [one.came_back for one in told]),
    ]
    return Report(
        "customers", "Customers", asked.period, "month", tiles,
        [Drawing("chart-customers", "New customers by month", "And how many of them have paid again on a later day.", "Month",
                 bar_chart([f"{month:%b %y}" for month in months], series, words=count))],
        Sheet(columns, rows),
        ("Somebody is a customer from the day of the first payment; the account that books is counted, not each attendee.",
         "Came back: paid again on a later day, to this day."),
    )  # fmt: skip


async def traffic(db: Connection, asked: Asked) -> Report:
    by = "day" if asked.group_by != "month" and asked.period.is_short else "month"
    visits = await list_visits(db, asked.period, by)
    before = sum(one for one, _ in (await list_visits(db, asked.before, "month")).values())
    steps = (
        asked.period.months
        if by == "month"
        else [asked.period.first + timedelta(days=number) for number in range(asked.period.days)]
    )
    labels = [f"{step:%b %y}" if by == "month" else f"{step.day} {step:%b}" for step in steps]
    seen = [visits.get(step, (0, 0)) for step in steps]
    total, pages = sum(one for one, _ in seen), sum(one for _, one in seen)
    drawings = [
        Drawing("chart-visits", f"Visits by {by}", _CONSENT, by.capitalize(),
                line_chart(labels, [Series("Visits", [one for one, _ in seen])], words=count))
    ]  # fmt: skip
    facets = {facet: await list_visits_by(db, asked.period, facet) for facet in _FACETS}
    drawings += [
        Drawing(f"ranks-{facet}", title, "", title[:-1], counted="Visits",
                ranks=ranks([(value, visits, None) for value, visits in facets[facet][:_TOP]], words=count))
        for facet, title in _FACETS.items() if facets[facet]
    ]  # fmt: skip
    sheet = _traffic_sheet(asked, by, steps, seen, facets)
    tiles = [
        compared(asked, "visits", "Visits", "count", total, before),
        Tile("events", "Pages seen", "count", pages),
        Tile("pages_a_visit", "Pages a visit", "text", str(each(Decimal(pages), total) or "–")),
    ]
    return Report("traffic", "Visits to the site", asked.period, asked.group_by or by, tiles, drawings, sheet,
                  (_CONSENT, "A visit ends after half an hour in which nothing is seen, and at midnight."))  # fmt: skip


def _traffic_sheet(
    asked: Asked, by: str, steps: list[date], seen: list[tuple[int, int]], facets: dict[str, list[tuple[str, int]]]
) -> Sheet:
    if asked.group_by in facets:
        columns = [
            Column(asked.group_by, _FACETS[asked.group_by][:-1], "text"), Column("visits", "Visits", "count"),
        ]  # fmt: skip
        return Sheet(columns, [list(row) for row in facets[asked.group_by]])
    first = Column("day", "Day", "day") if by == "day" else Column("month", "Month", "month")
    rows: list[list[Figure]] = [[step, visits, pages] for step, (visits, pages) in zip(steps, seen, strict=True)]
    return Sheet([first, Column("visits", "Visits", "count"), Column("events", "Pages seen", "count")], rows)


async def funnel(db: Connection, asked: Asked) -> Report:
    now = dict(await list_visits_by(db, asked.period, "step"))
    before = dict(await list_visits_by(db, asked.before, "step"))
    told = [(step, words, now.get(step, 0)) for step, words in STEPS.items()]
    start = now.get("visit", 0)
    rows: list[list[Figure]] = []
    last = start
    for _, words, visits in told:
        rows.append([words, visits, share_of(visits, start), share_of(visits, last)])
        last = visits
    share, earlier = share_of(now.get("paid", 0), start), share_of(before.get("paid", 0), before.get("visit", 0))
    return Report(
        "funnel", "From a visit to a paid place", asked.period, "step",
        [points_apart(asked, "conversion", "Visits that end in a paid place", share, earlier),
         compared(asked, "paid", "Paid", "count", now.get("paid", 0), before.get("paid", 0))],
        [Drawing("ranks-step", "How far visits come", "", "Step", counted="Visits",
                 ranks=ranks([(words, visits, None) for _, words, visits in told], words=count))],
        Sheet([Column("step", "Step", "text"), Column("visits", "Visits", "count"),
               Column("of_all", "Of all visits", "percent"), Column("of_before", "Of the step before", "percent")], rows),
        (_CONSENT, "Each visit counts once at each step that it reached."),
    )  # fmt: skip
