"""Charts: round numbers on the axis, marks where the figures say, every figure in words too."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rft.web.charts import Series, bar_chart, count, line_chart, nice_ticks, pounds, ranks, sparkline

pence = st.integers(-10_000_000, 10_000_000).map(lambda number: Decimal(number) / 100)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1710, [0, 500, 1000, 1500, 2000]),
        (-390, 1710, [-500, 0, 500, 1000, 1500, 2000]),
        (0, 0, [0, 1]),
        (-40, -10, [-40, -30, -20, -10, 0]),
    ],
)
def test_an_axis_has_round_numbers_that_reach_over_the_figures(low: int, high: int, ticks: list[int]) -> None:
    assert nice_ticks(low, high) == ticks


def test_what_is_counted_has_no_half_steps() -> None:
    assert nice_ticks(0, 2, whole=True) == [0, 1, 2]


@settings(max_examples=60, deadline=None)
@given(pence, pence)
def test_ticks_are_few_even_and_hold_nought_and_every_figure(low: Decimal, high: Decimal) -> None:
    ticks = nice_ticks(min(low, high), max(low, high))
    assert len({after - before for before, after in pairwise(ticks)}) == 1
    assert ticks[0] <= min(low, high, 0)
    assert ticks[-1] >= max(low, high, 0)
    assert 0 in ticks
    assert 2 <= len(ticks) <= 8


def test_bars_of_one_stack_stand_on_one_another_and_what_went_back_hangs_below() -> None:
    chart = bar_chart(
        ["Monday"], [Series("Cards", [60]), Series("Cash", [40]), Series("Returned", [-50])], stacked=True
    )
    assert [(bar.y, bar.height) for bar in chart.bars] == [
        ("26.67%", "40.00%"),
        ("0.00%", "26.67%"),
        ("66.67%", "33.33%"),
    ]
    assert chart.base == "66.67%"
    assert chart.bars[2].words == "Monday, returned: −£50"


def test_bars_of_one_group_stand_side_by_side() -> None:
    chart = bar_chart(["EFAW", "FAW"], [Series("Now", [2, 1]), Series("Then", [1, 0])], words=count)
    assert [bar.x for bar in chart.bars] == ["7.00%", "25.00%", "57.00%"]
    assert chart.rows == [("EFAW", ["2", "1"]), ("FAW", ["1", "0"])]


def test_a_line_goes_through_every_point_and_of_many_labels_only_some_are_written() -> None:
    chart = line_chart([str(day) for day in range(30)], [Series("Sold", list(range(30)))], words=count)
    assert (len(chart.lines[0].points), len(chart.lines[0].segments)) == (30, 29)
    assert [tick.text for tick in chart.along] == ["0", "3", "6", "9", "12", "15", "18", "21", "24", "27"]
    assert [tick.often for tick in chart.along][:3] == [True, False, True]


def test_the_longest_rank_fills_the_width_and_nothing_divides_by_nought() -> None:
    assert [row.width for row in ranks([("FAW", 200, None), ("EFAW", 50, None)])] == ["100.00%", "25.00%"]
    assert ranks([("FAW", 0, None)])[0].width == "0.00%"
    assert sparkline([]).words == "nothing yet"
    assert sparkline([5, 5], words=count).words == "from 5 to 5"
    assert bar_chart([], []).bars == []


def test_pounds_leave_out_pence_that_are_not_there() -> None:
    assert [pounds(value) for value in (1200, Decimal("0.50"), -3)] == ["£1,200", "£0.50", "−£3"]
