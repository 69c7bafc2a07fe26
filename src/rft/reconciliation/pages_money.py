"""The office's first page about money: what came, what went, what is owed, and whether the books agree."""

from datetime import timedelta

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.kit.clock import london_today, utc_now
from rft.receivables.queries import get_owing
from rft.reconciliation.charts import chart_of
from rft.reconciliation.office_pages import DAYS_DRAWN
from rft.reconciliation.overview import get_overview, list_days, list_methods
from rft.reconciliation.queries import find_last_run, get_sums
from rft.web.charts import ranks
from rft.web.dependencies import Db, require_role
from rft.web.templates import render

router = APIRouter(prefix="/office/money", dependencies=[Depends(require_role("admin"))])


@router.get("")
async def index(request: Request, database: Db) -> Response:
    now = utc_now()
    today = london_today(now)
    async with database.connection() as db:
        overview = await get_overview(db, now)
        owing = await get_owing(db, today)
        days = await list_days(db, today - timedelta(days=DAYS_DRAWN - 1), today)
        methods = await list_methods(db, today.replace(day=1))
        run = await find_last_run(db)
        sums = await get_sums(db)
    return render(
        request,
        "office/payments/overview.html",
        today=today,
        overview=overview,
        owing=owing,
        chart=chart_of([(day.day, day.received, day.returned, None) for day in days]),
        methods=ranks([(name, amount, None) for name, amount in methods]),
        run=run,
        sums=sums,
    )
