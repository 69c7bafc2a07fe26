"""The page that shows every part of the design, in each frame; on demonstration systems only."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.errors import NotFound
from rft.web.dependencies import CurrentSettings
from rft.web.templates import render

router = APIRouter()

_START = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
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
)
_FRAMES = {"public": "layouts/public.html", "office": "layouts/office.html", "plain": "layouts/plain.html"}


@router.get("/design")
async def show(
    request: Request, settings: CurrentSettings, layout: Literal["public", "office", "plain"] = "public"
) -> Response:
    if not settings.demo:
        raise NotFound
    return render(request, "design/index.html", layout=_FRAMES[layout], sample=SAMPLE)
