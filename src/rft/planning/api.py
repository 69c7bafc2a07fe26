"""Dates over JSON for the office: added, listed, changed; what is refused comes with what would be free instead."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Request, Response

from rft.database.pool import Connection, Database
from rft.errors import NotValid
from rft.instructors.errors import InstructorAway, InstructorNotQualified
from rft.kit.clock import utc_now
from rft.planning.queries import Alternatives, find_alternatives
from rft.schedules.api import body
from rft.schedules.cursors import read_cursor, write_cursor
from rft.schedules.errors import InstructorTaken, VenueTaken
from rft.schedules.plans import Planned, get_planned
from rft.schedules.queries import ALL, Filter, get_schedule, list_schedules
from rft.schedules.schemas import ScheduleRequest
from rft.schedules.service import change_schedule, create_schedule
from rft.web.changes import Changes
from rft.web.dependencies import ApiAdmin, Db
from rft.web.idempotency import answer_once
from rft.web.paging import Limit
from rft.web.paths import Id
from rft.web.problems import PROBLEMS

router = APIRouter(prefix="/admin/schedules", tags=["Office"], responses=PROBLEMS)
Status = Literal["draft", "published", "full", "cancelled"]
# What another choice of place, person or day may mend.
_IN_THE_WAY = (VenueTaken, InstructorTaken, InstructorAway, InstructorNotQualified)
T = TypeVar("T")


@router.get("", summary="Dates to come, also drafts and in-house ones")
async def index(
    database: Db, _: ApiAdmin, status: Status | None = None, limit: Limit = 50,
    cursor: Annotated[str | None, Query(max_length=60)] = None,
) -> dict[str, Any]:  # fmt: skip
    wanted = Filter(
        starts_from=utc_now(),
        statuses=f"'{status}'" if status else ALL,
        after=read_cursor(cursor),
        limit=limit + 1,
        for_office=True,
    )
    async with database.connection() as db:
        found = await list_schedules(db, wanted)
    shown = found[:limit]
    more = write_cursor(shown[-1]) if len(found) > limit else None
    return {"items": [body(schedule) for schedule in shown], "next": more}


@router.post("", status_code=201, summary="Adds a draft")
async def create(asked: ScheduleRequest, request: Request, database: Db, admin: ApiAdmin) -> Response:
    async def work(db: Connection) -> dict[str, Any]:
        return await _office_body(db, await create_schedule(db, admin.actor, asked))

    return await _helped(
        database, asked, lambda: answer_once(database, request, f"admin {admin.user_id}", work), seats=1
    )


@router.get("/{schedule_id}", summary="One date, also a draft")
async def show(schedule_id: Id, database: Db, _: ApiAdmin) -> dict[str, Any]:
    async with database.connection() as db:
        return await _office_body(db, schedule_id)


@router.patch("/{schedule_id}", summary="Changes or moves a date; everybody booked is told of a move")
async def change(schedule_id: Id, changes: Changes, database: Db, admin: ApiAdmin) -> dict[str, Any]:
    """With the `updated_at` that was read, the change is refused where somebody else changed the date since then."""
    seen = _read_seen(changes)
    async with database.connection() as db:
        planned = await get_planned(db, schedule_id)
    asked = _merged(planned, {name: value for name, value in changes.items() if name != "updated_at"})

    async def work(db: Connection) -> dict[str, Any]:
        # Upon what was read above: whoever was quicker is not overwritten unseen.
        await change_schedule(db, admin.actor, schedule_id, asked, seen=seen or planned.updated_at)
        return await _office_body(db, schedule_id)

    return await _helped(
        database, asked, lambda: database.run(work), seats=max(planned.taken, 1), except_id=schedule_id
    )


async def _office_body(db: Connection, schedule_id: int) -> dict[str, Any]:
    """The public's view of the date, and what only the office knows of it."""
    planned = await get_planned(db, schedule_id)
    asked = planned.asked
    return body(await get_schedule(db, schedule_id, drafts=True)) | {
        "instructor_id": asked.instructor_id,
        "notes": asked.notes,
        "plan": asked.plan.model_dump(mode="json") if asked.plan else None,
        "updated_at": planned.updated_at.isoformat() + "+00:00",
    }


def _merged(planned: Planned, changes: dict[str, Any]) -> ScheduleRequest:
    """What the date would be. Raises NotValid for a field that is not there, pydantic's ValidationError for a wrong one."""
    unknown = changes.keys() - ScheduleRequest.model_fields.keys()
    if unknown:
        raise NotValid(errors=dict.fromkeys(sorted(unknown), "There is no such field, or it cannot be changed."))
    current = planned.said
    if isinstance(changes.get("plan"), dict):
        changes = changes | {"plan": (current["plan"] or {}) | changes["plan"]}
    return ScheduleRequest.model_validate(current | changes)


def _read_seen(changes: dict[str, Any]) -> datetime | None:
    if "updated_at" not in changes:
        return None
    try:
        return datetime.fromisoformat(str(changes["updated_at"])).replace(tzinfo=None)
    except ValueError as cause:
        raise NotValid(errors={"updated_at": "Give the time that was read with the date."}) from cause


async def _helped(
    database: Database, asked: ScheduleRequest, act: Callable[[], Awaitable[T]], *, seats: int, except_id: int = 0
) -> T:
    """A refusal that something is taken also says what is free."""
    try:
        return await act()
    except _IN_THE_WAY as refusal:
        async with database.connection() as db:
            found = await find_alternatives(db, asked, seats=seats, except_id=except_id)
        facts = refusal.facts | {"alternatives": _alternatives(found)}
        raise type(refusal)(refusal.detail, code=refusal.code, facts=facts) from refusal


def _alternatives(found: Alternatives) -> dict[str, Any]:
    return {
        "venues": found.venues,
        "instructors": [{"id": person["id"], "name": person["name"]} for person in found.instructors],
        "later": [{"days": days, "first_day": day.isoformat()} for days, day in found.later],
    }
