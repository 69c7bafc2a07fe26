"""An instructor's own pages besides the register: today, the dates to come, and closing a course."""

from datetime import time

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.attendance.paper import make_register
from rft.attendance.queries import Session, find_last_closure, list_sessions, list_taught, list_unclosed, read_register
from rft.attendance.service import close_register, completion_of, require_teaches
from rft.database.pool import Connection, Database
from rft.errors import NotFound, Refusal
from rft.kit.clock import from_london, london_today, utc_now
from rft.web.dependencies import Caller, Db, Teacher
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/instructor")


@router.get("")
async def today(request: Request, database: Db, teacher: Teacher) -> Response:
    now = utc_now()
    day = london_today(now)
    async with database.connection() as db:
        taught = await list_taught(db, teacher.user_id, ends_after=from_london(day, time.min))
        unclosed = await list_unclosed(db, teacher.user_id, now=now)
    return render(
        request,
        "instructor/today.html",
        day=day,
        today=[session for session in taught if london_today(session.starts_at) == day],
        coming=[session for session in taught if london_today(session.starts_at) > day],
        unclosed=unclosed,
    )


@router.get("/courses/{schedule_id}/close")
async def show_closing(schedule_id: Id, request: Request, database: Db, teacher: Teacher) -> Response:
    return await _closing_page(request, database, teacher, schedule_id)


@router.post("/courses/{schedule_id}/close")
async def close(schedule_id: Id, request: Request, database: Db, teacher: Teacher) -> Response:
    async def work(db: Connection) -> str:
        await _own_sessions(db, teacher, schedule_id)
        closed = await close_register(db, teacher.actor, schedule_id, now=utc_now())
        return f"The register is closed: {len(closed.completed)} completed, {len(closed.no_show)} never came, {len(closed.held)} held."

    try:
        done = await database.run(work)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _closing_page(request, database, teacher, schedule_id, refusal=refusal)
    response = see_other(f"/instructor/courses/{schedule_id}/close")
    flash(request, response, "success", done)
    return response


@router.get("/courses/{schedule_id}/register.pdf")
async def paper(schedule_id: Id, request: Request, database: Db, teacher: Teacher) -> Response:
    async with database.connection() as db:
        await _own_sessions(db, teacher, schedule_id)
        register = await read_register(db, schedule_id)
    company = await request.app.state.company.get()
    return pdf_answer(await make_register(register, company, drawn_at=utc_now()), schedule_id)


def pdf_answer(pdf: bytes, schedule_id: int) -> Response:
    headers = {
        "content-disposition": f'inline; filename="register-{schedule_id}.pdf"',
        "cache-control": "private, no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


async def _own_sessions(db: Connection, teacher: Caller, schedule_id: int) -> list[Session]:
    sessions = await list_sessions(db, schedule_id)
    require_teaches(sessions, teacher.user_id, teacher.role)
    return sessions


async def _closing_page(
    request: Request, database: Database, teacher: Caller, schedule_id: int, *, refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        sessions = await _own_sessions(db, teacher, schedule_id)
        register = await read_register(db, schedule_id)
        closure = await find_last_closure(db, schedule_id)
    mine = [session for session in sessions if teacher.role == "admin" or session.instructor_id == teacher.user_id]
    return render(
        request,
        "instructor/close.html",
        refusal.status if refusal else 200,
        sessions=sessions,
        mine=mine,
        register=register,
        completion=completion_of(register),
        closure=closure,
        over=sessions[0].course_ends_at <= utc_now(),
        refusal=refusal,
    )
