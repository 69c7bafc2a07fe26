"""Registers over JSON, for those who teach: their days, and the register of one of them."""

from typing import Any

from fastapi import APIRouter

from rft.attendance.queries import get_session, list_taught, read_register
from rft.attendance.schemas import RegisterRequest
from rft.attendance.service import keep_marks, require_teaches
from rft.attendance.views import register_body, session_body
from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.web.dependencies import ApiTeacher, Db
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/instructor", tags=["Teaching"], responses=PROBLEMS)


@router.get("/schedules", summary="The days you teach, from today on")
async def schedules(database: Db, teacher: ApiTeacher) -> dict[str, Any]:
    async with database.connection() as db:
        taught = await list_taught(db, teacher.user_id, ends_after=utc_now())
    return {"items": [session_body(session) for session in taught]}


@router.get("/sessions/{session_id}/register", summary="Who is there on one of your days")
async def show(session_id: str, database: Db, teacher: ApiTeacher) -> dict[str, Any]:
    """`session_id` is the `id` of `/instructor/schedules`."""
    async with database.connection() as db:
        session = await get_session(db, session_id)
        require_teaches([session], teacher.user_id, teacher.role)
        return register_body(await read_register(db, session.schedule_id), session)


@router.put("/sessions/{session_id}/register", summary="Send marks; answers the register as it then is")
async def keep(session_id: str, asked: RegisterRequest, database: Db, teacher: ApiTeacher) -> dict[str, Any]:
    """A mark that was sent before changes nothing. `refused` says of each mark that could not be taken why; the others are kept."""

    async def work(db: Connection) -> dict[str, Any]:
        session = await get_session(db, session_id)
        require_teaches([session], teacher.user_id, teacher.role)
        refused = await keep_marks(db, teacher.actor, session, asked.marks, now=utc_now())
        return {**register_body(await read_register(db, session.schedule_id), session), "refused": refused}

    return await database.run(work)
