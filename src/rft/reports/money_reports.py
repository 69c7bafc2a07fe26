"""Reports about money: what came and went, what is cancelled and given back, what is owed."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rft.database.pool import Connection
from rft.kit.clock import london_today
from rft.reports.comparing import compared
from rft.reports.figures import Column, Drawing, Figure, Report, Sheet, Tile
from rft.reports.queries import (
    Money,
    Revenue,
    find_names,
    get_revenue,
    list_booking_changes,
    list_owed,
    list_revenue_days,
)
from rft.reports.rules import HABIT_DAYS, Period, projected_month_end, share_of, spans_of
from rft.reports.schemas import Asked
from rft.web.charts import Series, bar_chart, count, ranks

_MOST_OWED = 1000
_TOP = 8
_NOTHING = Money()
_MONEY = (
    Column("received", "Received", "money"), Column("returned", "Returned", "money"), Column("kept", "Kept", "money"),
    Column("payments", "Payments", "count"), Column("refunds", "Refunds", "count"),
)  # fmt: skip
_HOW_PROJECTED = (
    "This month will bring what it has kept so far and, for each day to come, "
    f"what that weekday kept on average in the last {HABIT_DAYS} days."
)
_DIMENSIONS = {"course": "Course", "venue": "Venue", "instructor": "Instructor"}
_WAYS = {"invoice": "On a purchase order", "card": "By card, held for a while", "free": "Free", "": "Outside the shop"}


async def revenue(db: Connection, asked: Asked) -> Report:
    now = await get_revenue(db, spans_of(asked.period, nothing_after=asked.today), asked)
    before = await get_revenue(db, spans_of(asked.before, nothing_after=asked.today), asked)
    days = await list_revenue_days(db, asked.period, asked) if asked.period.is_short else {}
    projected = await _projected(db, asked)
    names = {name: await find_names(db, name, getattr(now, name)) for name in _DIMENSIONS}
    tiles = [
        compared(asked, "received", "Received", "money", now.total.received, before.total.received),
        compared(asked, "returned", "Returned", "money", now.total.returned, before.total.returned, more_is="bad"),
        compared(asked, "kept", "Kept", "money", now.total.kept, before.total.kept),
        Tile("projected", "This month will bring", "money", projected, "at the pace of the last four weeks"),
    ]
    drawings = [_money_over_time(asked, now, days)]
    drawings += [_top(name, getattr(now, name), names[name]) for name in _DIMENSIONS if getattr(now, name)]
    return Report(
        "revenue", "Revenue", asked.period, asked.group_by or "month", tiles, drawings,
        Sheet(*_money_rows(asked, now, days, names)),
        (
            "Money counts on the London day on which it came or went back, whatever day the course is on.",
            "It is told of the course, venue and instructor that the date has now.",
            _HOW_PROJECTED,
        ),
    )  # fmt: skip


async def _projected(db: Connection, asked: Asked) -> Decimal:
    month = asked.today.replace(day=1)
    since = min(month, asked.today - timedelta(days=HABIT_DAYS))
    days = await list_revenue_days(db, Period(since, asked.today), asked)
    kept = {day: money.kept for day, money in days.items()}
    so_far = sum((amount for day, amount in kept.items() if day >= month), Decimal("0.00"))
    return projected_month_end(so_far, asked.today, kept)


def _money_over_time(asked: Asked, now: Revenue, days: Mapping[date, Money]) -> Drawing:
    if days:
        steps = [asked.period.first + timedelta(days=number) for number in range(asked.period.days)]
        labels, moneys = [f"{day.day} {day:%b}" for day in steps], [days.get(day, _NOTHING) for day in steps]
    else:
        months = asked.period.months
        labels, moneys = [f"{month:%b %y}" for month in months], [now.month.get(month, _NOTHING) for month in months]
    series = [
        Series("Received", [money.received for money in moneys]),
        Series("Returned", [-money.returned for money in moneys]),
    ]
    what = "Day" if days else "Month"
    return Drawing("chart-revenue", f"Money by {what.lower()}", "What went back hangs below the line.", what,
                   bar_chart(labels, series, stacked=True))  # fmt: skip


def _top(name: str, by: Mapping[int, Money], names: Mapping[int, str]) -> Drawing:
    best = sorted(by.items(), key=lambda one: (-one[1].kept, one[0]))[:_TOP]
    rows = [(names.get(number, f"No. {number}"), max(money.kept, Decimal(0)), None) for number, money in best]
    title = f"By {name}" if len(by) <= _TOP else f"By {name}, the first {_TOP} of {len(by):,}"
    return Drawing(f"ranks-{name}", title, "", _DIMENSIONS[name], ranks=ranks(rows), counted="Kept")


def _money_rows(
    asked: Asked, now: Revenue, days: Mapping[date, Money], names: Mapping[str, Mapping[int, str]]
) -> tuple[list[Column], list[list[Figure]]]:
    by = asked.group_by or "month"
    told: list[tuple[Figure, Money]]
    if by in _DIMENSIONS:
        first = Column(by, _DIMENSIONS[by], "text")
        told = [(names[by].get(number, f"No. {number}"), money) for number, money in getattr(now, by).items()]
        told.sort(key=lambda one: (-one[1].kept, str(one[0])))
    elif by == "day":
        first = Column("day", "Day", "day")
        told = sorted(days.items())
    else:
        first = Column("month", "Month", "month")
        told = [(month, now.month.get(month, _NOTHING)) for month in asked.period.months]
    rows: list[list[Figure]] = [
        [name, money.received, money.returned, money.kept, money.payments, money.refunds] for name, money in told
    ]
    return [first, *_MONEY], rows


async def cancellations(db: Connection, asked: Asked) -> Report:
    changes = await list_booking_changes(db, asked.period, "month")
    earlier = await list_booking_changes(db, asked.before, "month")
    money = await get_revenue(db, spans_of(asked.period, nothing_after=asked.today), asked)
    before = await get_revenue(db, spans_of(asked.before, nothing_after=asked.today), asked)
    lost, let_go, confirmed = (_counted(changes, rule) for rule in (_is_lost, _is_let_go, _is_confirmed))
    lost_before = sum(_counted(earlier, _is_lost).values())
    share = share_of(sum(lost.values()), sum(confirmed.values()))
    months = asked.period.months
    series = [
        Series("Confirmed, then cancelled", [lost.get(month, 0) for month in months]),
        Series("Given up before paying", [let_go.get(month, 0) for month in months]),
    ]
    rows: list[list[Figure]] = [
        [month, lost.get(month, 0), let_go.get(month, 0), confirmed.get(month, 0),
         money.month.get(month, _NOTHING).refunds, money.month.get(month, _NOTHING).returned]
        for month in months
    ]  # fmt: skip
    columns = [
        Column("month", "Month", "month"), Column("cancelled", "Confirmed, then cancelled", "count"),
        Column("given_up", "Given up before paying", "count"), Column("confirmed", "Confirmed", "count"),
        Column("refunds", "Refunds", "count"), Column("returned", "Returned", "money"),
    ]  # fmt: skip
    return Report(
        "cancellations", "Cancellations and refunds", asked.period, "month",
        [
            compared(asked, "cancelled", "Confirmed, then cancelled", "count", sum(lost.values()), lost_before, more_is="bad"),
            Tile("share", "Of those confirmed", "percent", share),
            compared(asked, "returned", "Returned", "money", money.total.returned, before.total.returned, more_is="bad"),
            Tile("given_up", "Given up before paying", "count", sum(let_go.values())),
        ],
        [Drawing("chart-cancelled", "Bookings cancelled by month", "Places, not orders.", "Month",
                 bar_chart([f"{month:%b %y}" for month in months], series, words=count, stacked=True))],
        Sheet(columns, rows),
        ("A booking counts in the month in which it was cancelled, whenever it was made.",
         "Given up before paying: a hold that ran out, or that somebody gave back."),
    )  # fmt: skip


def _counted(changes: list[tuple[date, str, str, int]], rule: Callable[[str, str], bool]) -> dict[date, int]:
    found: dict[date, int] = {}
    for month, was, became, bookings in changes:
        if rule(was, became):
            found[month] = found.get(month, 0) + bookings
    return found


def _is_lost(was: str, became: str) -> bool:
    return was == "confirmed" and became == "cancelled"


def _is_let_go(was: str, became: str) -> bool:
    return was == "pending" and became == "cancelled"


def _is_confirmed(was: str, became: str) -> bool:
    return became == "confirmed" and was != "confirmed"


async def outstanding(db: Connection, asked: Asked) -> Report:
    owed = await list_owed(db, _MOST_OWED)
    total = sum((one.amount for one in owed), Decimal("0.00"))
    by_way: dict[str, Decimal] = {}
    ages = {"Up to 30 days": Decimal(0), "31 to 60 days": Decimal(0), "61 to 90 days": Decimal(0), "More": Decimal(0)}
    rows: list[list[Any]] = []
    for one in owed:
        age = (asked.today - london_today(one.since)).days
        ages[list(ages)[min(max(age - 1, 0) // 30, 3)]] += one.amount
        by_way[one.way] = by_way.get(one.way, Decimal(0)) + one.amount
        rows.append([one.reference, one.customer, one.purchase_order, _WAYS.get(one.way, one.way),
                     london_today(one.since), age, one.places, one.amount])  # fmt: skip
    columns = [
        Column("reference", "Reference", "text"), Column("customer", "Customer", "text"),
        Column("purchase_order", "Purchase order", "text"), Column("way", "To be paid", "text"),
        Column("since", "Since", "day"), Column("days", "Days", "count"), Column("places", "Places", "count"),
        Column("amount", "Owed", "money"),
    ]  # fmt: skip
    late = total - ages["Up to 30 days"]
    return Report(
        "outstanding", "Outstanding", Period(asked.today, asked.today), "order",
        [
            Tile("amount", "Owed in all", "money", total, f"{len(owed):,} orders"),
            Tile("invoice", "On purchase orders", "money", by_way.get("invoice", Decimal("0.00"))),
            Tile("late", "Older than 30 days", "money", late, "", "warning" if late else "good"),
        ],
        [Drawing("ranks-age", "By age", "", "Age", ranks=ranks([(age, amount, None) for age, amount in ages.items()]),
                 counted="Owed")] if owed else [],
        Sheet(columns, rows),
        ("What is owed at this moment, whatever period is asked for; the oldest first, a thousand at most.",
         "What was received in part is taken off."),
    )  # fmt: skip
