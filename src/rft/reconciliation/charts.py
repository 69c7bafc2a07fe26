"""Draws money by day: what came stands on the line, what went hangs below it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from rft.web.charts import Chart, Series, bar_chart


def chart_of(days: Sequence[tuple[date, Decimal, Decimal, Decimal | None]]) -> Chart:
    """Day, received, returned and, where they are known, Stripe's fees."""
    series = [
        Series("Received", [received for _, received, _, _ in days]),
        Series("Returned", [-returned for _, _, returned, _ in days]),
    ]
    if any(fees is not None for _, _, _, fees in days):
        series.append(Series("Stripe’s fees", [-(fees or Decimal(0)) for _, _, _, fees in days]))
    return bar_chart([f"{day.day} {day:%b}" for day, _, _, _ in days], series, stacked=True)
