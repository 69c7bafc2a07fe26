"""Where a chart's marks stand, as shares of its width and height; the macros of charts.html draw them.

Shares, so that a chart fits every screen while its words keep their size. Values are Decimal or int, never floats.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from rft.kit.money import in_words

Value = Decimal | int
Words = Callable[[Value], str]

_TICKS = 5
# As many labels as stand side by side on a desk; on a phone every other one goes.
_LABELS = 10
_LABELS_ON_A_PHONE = 4
# Of the room that a group of bars has, this much stays empty between it and the next.
_GAP = Decimal("0.28")
_HAIR = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Series:
    """`values` has one for each label of the chart."""

    name: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart (or a label below it) and what it says; `often` labels stay on a phone."""

    at: str
    text: str
    often: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    series: int
    x: str
    y: str
    width: str
    height: str
    words: str


@dataclass(frozen=True, slots=True)
class Point:
    x: str
    y: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """`segments` are x1, y1, x2, y2."""

    series: int
    points: list[Point]
    segments: list[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """`rows` are the same figures in words: a label, then one for each series."""

    names: list[str]
    across: list[Tick]
    along: list[Tick]
    base: str
    bars: list[Bar]
    lines: list[Line]
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Rank:
    """One row of horizontal bars; `width` is its share of the longest."""

    label: str
    href: str | None
    words: str
    width: str


@dataclass(frozen=True, slots=True)
class Sparkline:
    segments: list[tuple[str, str, str, str]]
    last: Point | None
    words: str


@dataclass(frozen=True, slots=True)
class _Scale:
    low: Decimal
    high: Decimal

    def at(self, value: Value) -> Decimal:
        """Percent from the top."""
        return (self.high - value) * 100 / (self.high - self.low)


def pounds(value: Value) -> str:
    """`£1,200` where there are no pence, else `£1,200.50`."""
    return in_words(Decimal(value)).removesuffix(".00")


def count(value: Value) -> str:
    return f"{'−' if value < 0 else ''}{abs(int(value)):,}"


def nice_ticks(low: Value, high: Value, *, whole: bool = False) -> list[Decimal]:
    """Round numbers in even steps that reach over `low` and `high`, nought among them; `whole` for what is counted."""
    bottom, top = min(Decimal(low), Decimal(0)), max(Decimal(high), Decimal(0))
    if bottom == top:
        return [Decimal(0), Decimal(1)]
    step = _nice_step((top - bottom) / _TICKS)
    if whole:
        step = max(step, Decimal(1))
    first = (bottom / step).to_integral_value(ROUND_FLOOR)
    last = (top / step).to_integral_value(ROUND_CEILING)
    return [step * number for number in range(int(first), int(last) + 1)]


def _nice_step(least: Decimal) -> Decimal:
    """The smallest of 1, 2, 5 and their tens that is not below `least`."""
    ten = Decimal(1).scaleb(least.adjusted())
    return next(ten * part for part in (1, 2, 5, 10) if ten * part >= least)


def bar_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    words: Words = pounds,
    stacked: bool = False,
    every: int | None = None,
) -> Chart:
    """Upright bars, beside one another or, `stacked`, one on the other; what is negative hangs below the line of nought.

    `every` so many labels are written below; without it as many as there is room for.
    """
    scale, across = _scale(_extremes(series, stacked=stacked), words)
    room = Decimal(100) / max(len(labels), 1)
    bars = []
    for position, label in enumerate(labels):
        left = room * (position + _GAP / 2)
        width = room * (1 - _GAP) / (1 if stacked else max(len(series), 1))
        up = down = Decimal(0)
        for number, one in enumerate(series):
            value = Decimal(one.values[position])
            if not value:
                continue
            start = (up if value > 0 else down) if stacked else Decimal(0)
            if value > 0:
                up += value
            else:
                down += value
            x = left if stacked else left + width * number
            bars.append(_bar(number, x, width, (scale.at(start), scale.at(start + value)),
                             f"{label}, {one.name.lower()}: {words(value)}"))  # fmt: skip
    return Chart([one.name for one in series], across, _labels(labels, every), _share(scale.at(0)), bars, [],
                 _rows(labels, series, words))  # fmt: skip


def line_chart(
    labels: Sequence[str], series: Sequence[Series], *, words: Words = pounds, every: int | None = None
) -> Chart:
    scale, across = _scale(_extremes(series, stacked=False), words)
    room = Decimal(100) / max(len(labels), 1)
    lines = []
    for number, one in enumerate(series):
        points = [
            Point(_share(room * (position + Decimal("0.5"))), _share(scale.at(value)),
                  f"{label}, {one.name.lower()}: {words(value)}")
            for position, (label, value) in enumerate(zip(labels, one.values, strict=True))
        ]  # fmt: skip
        lines.append(Line(number, points, _segments(points)))
    return Chart([one.name for one in series], across, _labels(labels, every), _share(scale.at(0)), [], lines,
                 _rows(labels, series, words))  # fmt: skip


def ranks(rows: Sequence[tuple[str, Value, str | None]], *, words: Words = pounds) -> list[Rank]:
    """Horizontal bars, the longest as wide as there is room: label, value (not negative), and where it leads."""
    longest = max((Decimal(value) for _, value, _ in rows), default=Decimal(0)) or Decimal(1)
    return [Rank(label, href, words(value), _share(Decimal(value) * 100 / longest)) for label, value, href in rows]


def sparkline(values: Sequence[Value], *, words: Words = pounds) -> Sparkline:
    """A line without axes, from the first value to the last; its words say both."""
    if not values:
        return Sparkline([], None, "nothing yet")
    low, high = min(values), max(values)
    scale = _Scale(Decimal(low), Decimal(high if high != low else low + 1))
    step = Decimal(92) / max(len(values) - 1, 1)
    # A mark at the very edge would be cut in half.
    points = [
        Point(_share(4 + step * number), _share(8 + scale.at(value) * Decimal("0.84")), words(value))
        for number, value in enumerate(values)
    ]
    return Sparkline(_segments(points), points[-1], f"from {words(values[0])} to {words(values[-1])}")


def _scale(extremes: tuple[Value, Value], words: Words) -> tuple[_Scale, list[Tick]]:
    ticks = nice_ticks(*extremes, whole=words is count)
    scale = _Scale(ticks[0], ticks[-1])
    return scale, [Tick(_share(scale.at(tick)), words(tick)) for tick in ticks]


def _extremes(series: Sequence[Series], *, stacked: bool) -> tuple[Value, Value]:
    if not stacked:
        values = [value for one in series for value in one.values]
        return min(values, default=0), max(values, default=0)
    columns = list(zip(*(one.values for one in series), strict=True))
    lows = [sum((value for value in column if value < 0), Decimal(0)) for column in columns]
    highs = [sum((value for value in column if value > 0), Decimal(0)) for column in columns]
    return min(lows, default=0), max(highs, default=0)


def _bar(series: int, x: Decimal, width: Decimal, ends: tuple[Decimal, Decimal], words: str) -> Bar:
    top, bottom = min(ends), max(ends)
    # What is not nothing is seen, however little it is.
    return Bar(series, _share(x), _share(top), _share(width), _share(max(bottom - top, _HAIR * 5)), words)


def _labels(labels: Sequence[str], every: int | None) -> list[Tick]:
    room = Decimal(100) / max(len(labels), 1)
    step = every or -(-len(labels) // _LABELS) or 1
    shown = [(position, label) for position, label in enumerate(labels) if position % step == 0]
    return [
        Tick(
            _share(room * (position + Decimal("0.5"))), label, often=number % 2 == 0 or len(shown) <= _LABELS_ON_A_PHONE
        )
        for number, (position, label) in enumerate(shown)
    ]


def _segments(points: Sequence[Point]) -> list[tuple[str, str, str, str]]:
    return [(one.x, one.y, two.x, two.y) for one, two in pairwise(points)]


def _rows(labels: Sequence[str], series: Sequence[Series], words: Words) -> list[tuple[str, list[str]]]:
    return [(label, [words(one.values[position]) for one in series]) for position, label in enumerate(labels)]


def _share(percent: Decimal) -> str:
    return f"{percent:.2f}%"
