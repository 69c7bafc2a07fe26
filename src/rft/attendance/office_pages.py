"""A date's register for the office: how it stands, on paper, and opening it again."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.attendance.pages_courses import pdf_answer
from rft.attendance.paper import make_register
from rft.attendance.queries import find_last_closure, read_register
from rft.attendance.rules import mark_in_words
from rft.attendance.service import close_register, reopen_register
from rft.database.pool import Connection, Database
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.web.dependencies import Admin, Db, require_role
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/schedules/{schedule_id}", dependencies=[Depends(require_role("admin"))])


@router.get("/register")
async def show(schedule_id: Id, request: Request, database: Db) -> Response:
    return await _page(request, database, schedule_id)


@router.get("/register.pdf")
async def paper(schedule_id: Id, request: Request, database: Db) -> Response:
    async with database.connection() as db:
        register = await read_register(db, schedule_id)
    company = await request.app.state.company.get()
    return pdf_answer(await make_register(register, company, drawn_at=utc_now()), schedule_id)


@router.post("/register/close")
async def close(schedule_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    async def work(db: Connection) -> None:
        await close_register(db, admin.actor, schedule_id, now=utc_now())

    try:
        await database.run(work)
    except Refusal as refusal:
        return await _page(request, database, schedule_id, refusal=refusal)
    response = see_other(f"/office/schedules/{schedule_id}/register")
    flash(request, response, "success", "The register is closed.")
    return response


@router.post("/register/reopen")
async def reopen(
    schedule_id: Id, request: Request, database: Db, admin: Admin, because: Annotated[str, Form()] = ""
) -> Response:
    async def work(db: Connection) -> None:
        await reopen_register(db, admin.actor, schedule_id, because)

    try:
        await database.run(work)
    except Refusal as refusal:
        return await _page(request, database, schedule_id, refusal=refusal)
    response = see_other(f"/office/schedules/{schedule_id}/register")
    flash(request, response, "success", "The register is open again, with all that has come in.")
    return response


async def _page(request: Request, database: Database, schedule_id: int, *, refusal: Refusal | None = None) -> Response:
    async with database.connection() as db:
        register = await read_register(db, schedule_id)
        closure = await find_last_closure(db, schedule_id)
    return render(
        request,
        "office/schedules/register.html",
        refusal.status if refusal else 200,
        register=register,
        first=register.sessions[0],
        closure=closure,
        over=register.sessions[0].course_ends_at <= utc_now(),
        words=mark_in_words,
        refusal=refusal,
    )
