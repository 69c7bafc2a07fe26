"""The page that shows every part of the design, in each frame; on demonstration systems only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import NotFound
from rft.web import charts
from rft.web.dependencies import CurrentSettings
from rft.web.templates import render

router = APIRouter()

_START = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
_DAYS = [f"{day} Nov" for day in range(1, 13)]
_RECEIVED = [Decimal(pounds) for pounds in (300, 1240, 0, 480, 900, 1710, 660, 0, 220, 1450, 840, 1100)]
_RETURNED = [Decimal(-pounds) for pounds in (0, 100, 0, 0, 240, 0, 0, 60, 0, 0, 390, 0)]
_FEES = [-(amount * Decimal("0.015")).quantize(Decimal("0.01")) for amount in _RECEIVED]
_SOLD = [4, 7, 6, 11, 9, 14, 13, 18, 16, 21, 19, 24]
_LAST_YEAR = [6, 6, 8, 8, 9, 11, 10, 12, 14, 13, 15, 16]
# The dates and amounts that the parts are shown with.
SAMPLE = SimpleNamespace(
    start=_START,
    end=_START + timedelta(hours=7),
    last_day=_START + timedelta(days=2),
    last_day_end=_START + timedelta(days=2, hours=7),
    price=Decimal("100.00"),
    gross=Decimal("200.00"),
    discount=Decimal("-20.00"),
    total=Decimal("180.00"),
    now=_START,
    hold_until=_START + timedelta(minutes=24),
    hold_nearly_over=_START + timedelta(minutes=4),
    money_chart=charts.bar_chart(
        _DAYS,
        [charts.Series("Received", _RECEIVED), charts.Series("Returned", _RETURNED), charts.Series("Fees", _FEES)],
        stacked=True,
    ),
    grouped_chart=charts.bar_chart(
        ["EFAW", "FAW", "Paediatric"],
        [charts.Series("This month", [24, 11, 7]), charts.Series("Last month", [18, 14, 9])],
        words=charts.count,
    ),
    sold_chart=charts.line_chart(
        _DAYS, [charts.Series("This year", _SOLD), charts.Series("Last year", _LAST_YEAR)], words=charts.count
    ),
    ranks=charts.ranks(
        [
            ("Emergency First Aid at Work", Decimal("4310.00"), "#charts"),
            ("First Aid at Work", Decimal("2600.00"), None),
            ("Paediatric First Aid", Decimal("480.00"), None),
        ]
    ),
    sparkline=charts.sparkline(_SOLD, words=charts.count),
)
_FRAMES = {"public": "layouts/public.html", "office": "layouts/office.html", "plain": "layouts/plain.html"}


@router.get("/design")
async def show(
    request: Request, settings: CurrentSettings, layout: Literal["public", "office", "plain"] = "public"
) -> Response:
    if not settings.demo:
        raise NotFound
    return render(request, "design/index.html", layout=_FRAMES[layout], sample=SAMPLE)
