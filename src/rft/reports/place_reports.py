"""Reports about places: bookings and what became of them, how full the dates are, how early people book."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from rft.database.pool import Connection
from rft.reports.comparing import compared, points_apart
from rft.reports.figures import Column, Drawing, Figure, Report, Sheet, Tile
from rft.reports.queries import Occupancy, Places, find_names, get_occupancy, list_booking_changes, list_leads
from rft.reports.rules import LEADS, Period, lead_in_words, share_of, spans_of
from rft.reports.schemas import Asked
from rft.web.charts import Series, bar_chart, count, line_chart, ranks

_TOP = 8
_NOTHING = Places()
_BECAME = {"made": "Made", "confirmed": "Confirmed", "cancelled": "Cancelled", "completed": "Completed",
           "no_show": "Not attended"}  # fmt: skip
_DIMENSIONS = {"course": "Course", "venue": "Venue", "instructor": "Instructor"}


async def bookings(db: Connection, asked: Asked) -> Report:
    by = "day" if asked.group_by == "day" or (not asked.group_by and asked.period.is_short) else "month"
    now = _by_what_became(await list_booking_changes(db, asked.period, by))
    before = _by_what_became(await list_booking_changes(db, asked.before, "month"))
    steps = asked.period.months if by == "month" else _days(asked.period)
    labels = [f"{step:%b %y}" if by == "month" else f"{step.day} {step:%b}" for step in steps]
    series = [Series(_BECAME[name], [now[name].get(step, 0) for step in steps]) for name in list(_BECAME)[:3]]
    rows: list[list[Figure]] = [[step, *(now[name].get(step, 0) for name in _BECAME)] for step in steps]
    first = Column("month", "Month", "month") if by == "month" else Column("day", "Day", "day")
    tiles = [
        compared(asked, name, label, "count", sum(now[name].values()), sum(before[name].values()),
                 more_is="bad" if name in ("cancelled", "no_show") else "good")
        for name, label in _BECAME.items()
    ]  # fmt: skip
    return Report(
        "bookings", "Bookings", asked.period, by, tiles,
        [Drawing("chart-bookings", f"Bookings by {by}", "Places, not orders: one for each person.", by.capitalize(),
                 bar_chart(labels, series, words=count))],
        Sheet([first, *(Column(name, label, "count") for name, label in _BECAME.items())], rows),
        ("Each booking counts when it was made, and again on the day on which it became something else.",),
    )  # fmt: skip


def _by_what_became(changes: list[tuple[date, str, str, int]]) -> dict[str, dict[date, int]]:
    found: dict[str, dict[date, int]] = {name: {} for name in _BECAME}
    for starts, was, became, bookings in changes:
        for name in ("" if was else "made", became):
            if name in found:
                found[name][starts] = found[name].get(starts, 0) + bookings
    return found


def _days(period: Period) -> list[date]:
    return [period.first + timedelta(days=number) for number in range(period.days)]


async def occupancy(db: Connection, asked: Asked) -> Report:
    now = await get_occupancy(db, spans_of(asked.period), asked)
    before = await get_occupancy(db, spans_of(asked.before), asked)
    names = {name: await find_names(db, name, getattr(now, name)) for name in _DIMENSIONS}
    months = asked.period.months
    series = [
        Series("Places", [now.month.get(month, _NOTHING).seats for month in months]),
        Series("Taken", [now.month.get(month, _NOTHING).taken for month in months]),
    ]
    drawings = [Drawing("chart-occupancy", "Places and how many were taken", "By the month in which the date begins.",
                        "Month", line_chart([f"{month:%b %y}" for month in months], series, words=count))]  # fmt: skip
    drawings += [_fullest(name, getattr(now, name), names[name]) for name in _DIMENSIONS if getattr(now, name)]
    by = asked.group_by if asked.group_by in _DIMENSIONS else "month"
    tiles = [
        points_apart(asked, "occupancy", "Taken of all places", _share(now.total), _share(before.total)),
        compared(asked, "taken", "Places taken", "count", now.total.taken, before.total.taken),
        compared(asked, "seats", "Places in all", "count", now.total.seats, before.total.seats, more_is="neither"),
        compared(asked, "dates", "Dates", "count", now.total.dates, before.total.dates, more_is="neither"),
    ]
    return Report(
        "occupancy", "Occupancy", asked.period, by, tiles, drawings, _occupancy_sheet(by, asked, now, names),
        ("Dates that are published or full; a date has as many places as its course and its venue both allow today.",
         "Taken: booked and not cancelled."),
    )  # fmt: skip


def _fullest(name: str, by: Mapping[int, Places], names: Mapping[int, str]) -> Drawing:
    best = sorted(by.items(), key=lambda one: (-one[1].taken, one[0]))[:_TOP]
    rows = [(names.get(number, f"No. {number}"), places.taken, None) for number, places in best]
    return Drawing(f"ranks-{name}", f"Places taken by {name}", "", _DIMENSIONS[name], ranks=ranks(rows, words=count),
                   counted="Taken")  # fmt: skip


def _occupancy_sheet(by: str, asked: Asked, now: Occupancy, names: Mapping[str, Mapping[int, str]]) -> Sheet:
    told: list[tuple[Figure, Places]]
    if by == "month":
        first = Column("month", "Month", "month")
        told = [(month, now.month.get(month, _NOTHING)) for month in asked.period.months]
    else:
        first = Column(by, _DIMENSIONS[by], "text")
        told = [(names[by].get(number, f"No. {number}"), places) for number, places in getattr(now, by).items()]
        told.sort(key=lambda one: (-one[1].taken, str(one[0])))
    rows: list[list[Figure]] = [[name, one.dates, one.seats, one.taken, _share(one)] for name, one in told]
    return Sheet(
        [first, Column("dates", "Dates", "count"), Column("seats", "Places", "count"),
         Column("taken", "Taken", "count"), Column("occupancy", "Taken of all", "percent")], rows,
    )  # fmt: skip


def _share(places: Places) -> Decimal | None:
    return share_of(places.taken, places.seats)


async def lead_time(db: Connection, asked: Asked) -> Report:
    now, before = _brackets(await list_leads(db, asked.period)), _brackets(await list_leads(db, asked.before))
    total = sum(now.values())
    rows: list[list[Figure]] = [[lead_in_words(least), now[least], share_of(now[least], total)] for least in LEADS]
    late = share_of(sum(now[least] for least in LEADS if least < 7), total)
    late_before = share_of(sum(before[least] for least in LEADS if least < 7), sum(before.values()))
    return Report(
        "lead-time", "Lead time", asked.period, "lead",
        [compared(asked, "made", "Bookings made", "count", total, sum(before.values())),
         Tile("late", "Within the last week", "percent", late,
              f"{late_before} % in {asked.against_in_words}" if late_before is not None else "")],
        [Drawing("chart-lead", "How long before the date people book", "By days before the date, each bar from its number to the next.",
                 "Days, from",
                 bar_chart([str(least) for least in LEADS], [Series("Bookings", [now[least] for least in LEADS])],
                           words=count, every=1))],
        Sheet([Column("lead", "Before the date", "text"), Column("bookings", "Bookings", "count"),
               Column("share", "Share", "percent")], rows),
        ("Days from the day of booking to the day on which the date begins, as it stood when the booking was made.",
         "What was booked after the beginning counts with what was booked on the day."),
    )  # fmt: skip


def _brackets(leads: list[tuple[int, int]]) -> dict[int, int]:
    return dict.fromkeys(LEADS, 0) | dict(leads)
