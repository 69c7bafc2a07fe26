"""The office's first page."""

from typing import Literal

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from rft.kit.clock import london_today, utc_now
from rft.operations.today import ALL, FIRST_FEW, find_last_check, list_coming, list_work, read_figures
from rft.web.dependencies import Db, require_role
from rft.web.templates import render

router = APIRouter(dependencies=[Depends(require_role("admin"))])


@router.get("/office")
async def show(request: Request, database: Db, work: Literal["first", "all"] = "first") -> Response:
    now = utc_now()
    async with database.connection() as db:
        figures = await read_figures(db, now)
        to_do = await list_work(db, now, most=ALL if work == "all" else FIRST_FEW)
        coming = await list_coming(db, now)
        checked = await find_last_check(db)
    return render(
        request,
        "office/today/show.html",
        today=london_today(now),
        now=now,
        figures=figures,
        to_do=to_do,
        coming=coming,
        checked=checked,
        shows_all=work == "all",
    )
