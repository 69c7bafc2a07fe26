"""The office's first page: figures, the work to do first, what was put off, and the next two weeks."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.kit.clock import day_in_words, london_today, utc_now
from rft.operations.today import ALL, FIRST_FEW, find_last_check, list_coming, list_takings, list_work, read_figures
from rft.operations.today_later import later_days, put_off, take_up
from rft.web.charts import sparkline
from rft.web.dependencies import Admin, Db, require_role
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(dependencies=[Depends(require_role("admin"))])
Kind = Annotated[str, Form(max_length=40)]
Place = Annotated[str, Form(max_length=40)]


@router.get("/office")
async def show(request: Request, database: Db, work: Literal["first", "all", "later"] = "first") -> Response:
    now = utc_now()
    async with database.connection() as db:
        figures = await read_figures(db, now)
        takings = await list_takings(db, now)
        to_do = await list_work(db, now, most=FIRST_FEW if work == "first" else ALL)
        coming = await list_coming(db, now)
        checked = await find_last_check(db)
    today = london_today(now)
    return render(
        request,
        "office/today/show.html",
        today=today,
        now=now,
        figures=figures,
        takings=sparkline(takings),
        to_do=to_do,
        days=[(day.isoformat(), day_in_words(day)) for day in later_days(today)],
        coming=coming,
        checked=checked,
        work=work,
    )


@router.post("/office/today/later")
async def later(
    request: Request, database: Db, admin: Admin, kind: Kind, until: Annotated[date, Form()], place: Place = ""
) -> Response:
    now = utc_now()
    await database.run(lambda db: put_off(db, admin.actor, kind, place, until=until, now=now), in_transaction=True)
    response = see_other("/office")
    flash(request, response, "success", f"Put off until {day_in_words(until)}.")
    return response


@router.post("/office/today/now")
async def back(request: Request, database: Db, admin: Admin, kind: Kind, place: Place = "") -> Response:
    await database.run(lambda db: take_up(db, admin.actor, kind, place), in_transaction=True)
    response = see_other("/office")
    flash(request, response, "success", "Back among what is to be done.")
    return response
