"""The office's page on which a whole date is cancelled: what becomes of each place first, then how far it is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from rft.changes.dates import DateCancellation, begin_cancellation, decide_step, find_cancellation
from rft.changes.errors import DateCancellationRefused
from rft.changes.queries import list_seats_of_schedule, list_targets
from rft.changes.service import weigh
from rft.changes.sums import read_id
from rft.database.pool import Database
from rft.errors import NotFound, NotValid, Refusal
from rft.kit.clock import utc_now
from rft.kit.fields import LARGEST_ID
from rft.kit.money import NOTHING
from rft.schedules.office_queries import OfficeSchedule, get_office_schedule
from rft.web.dependencies import Admin, Db, require_role
from rft.web.paths import Id
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/schedules", dependencies=[Depends(require_role("admin"))])
Typed = Annotated[str, Form()]
_LONGEST_REASON = 200
_LOOK_AGAIN_SECONDS = 3


@router.get("/{schedule_id}/cancellation")
async def show(schedule_id: Id, request: Request, database: Db) -> Response:
    async with database.connection() as db:
        schedule = await get_office_schedule(db, schedule_id)
        act = await find_cancellation(db, schedule_id)
    if act is not None:
        return await _progress_page(request, database, schedule, act)
    return await _preview_page(request, database, schedule)


@router.post("/{schedule_id}/cancellation")
async def begin(schedule_id: Id, request: Request, database: Db, admin: Admin) -> Response:
    form = await request.form()
    typed = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    try:
        reason, moves = _read(typed)
        await database.run(
            lambda db: begin_cancellation(db, admin.actor, schedule_id, reason=reason, moves=moves, now=utc_now())
        )
    except NotFound:
        raise
    except Refusal as refusal:
        async with database.connection() as db:
            schedule = await get_office_schedule(db, schedule_id)
        return await _preview_page(request, database, schedule, refusal=refusal, typed=typed)
    return see_other(f"/office/schedules/{schedule_id}/cancellation")


@router.post("/{schedule_id}/cancellation/places/{reference}")
async def decide(
    schedule_id: Id, reference: str, request: Request, database: Db, admin: Admin, move_to: Typed = ""
) -> Response:
    """A place that could not be moved: another date, or everything goes back."""
    response = see_other(f"/office/schedules/{schedule_id}/cancellation")
    try:
        target = _target(move_to)
        await database.run(lambda db: decide_step(db, admin.actor, schedule_id, reference, move_to=target))
    except NotValid as refusal:
        flash(request, response, "danger", refusal.detail)
    return response


def _read(typed: dict[str, str]) -> tuple[str, dict[str, int]]:
    """The reason, and which place moves where. Raises NotValid."""
    reason = typed.get("reason", "")
    if not 0 < len(reason) <= _LONGEST_REASON:
        sentence = f"Say why, in at most {_LONGEST_REASON} characters: everybody who booked is told."
        raise NotValid(sentence, errors={"reason": sentence})
    chosen = {name.removeprefix("place_"): value for name, value in typed.items() if name.startswith("place_")}
    return reason, {reference: target for reference, value in chosen.items() if (target := _target(value)) is not None}


def _target(text: str) -> int | None:
    """The date chosen; None for `refund`. Raises NotValid."""
    if text == "refund":
        return None
    number = read_id(text)
    if number is None or not 0 < number <= LARGEST_ID:
        raise NotValid("Choose what becomes of each place.")
    return number


async def _preview_page(
    request: Request,
    database: Database,
    schedule: OfficeSchedule,
    *,
    refusal: Refusal | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    if schedule.status not in ("published", "full") and refusal is None:
        response = see_other(f"/office/schedules/{schedule.id}")
        flash(request, response, "warning", DateCancellationRefused.sentence)
        return response
    now = utc_now()
    async with database.connection() as db:
        givings = await weigh(db, await list_seats_of_schedule(db, schedule.id), now)
        targets = (
            await list_targets(db, course_id=givings[0].seat.course_id, except_id=schedule.id, now=now)
            if givings
            else []
        )
    return render(
        request,
        "office/changes/date.html",
        refusal.status if refusal else 200,
        schedule=schedule,
        givings=givings,
        targets=targets,
        everything=sum((giving.held for giving in givings), NOTHING),
        refusal=refusal,
        typed=typed or {},
    )


async def _progress_page(
    request: Request, database: Database, schedule: OfficeSchedule, act: DateCancellation
) -> Response:  # fmt: skip
    """Looks again by itself, also without a script, while places wait."""
    targets = []
    if act.in_state("stuck"):
        async with database.connection() as db:
            seats = await list_seats_of_schedule(db, schedule.id)
            if seats:
                targets = await list_targets(db, course_id=seats[0].course_id, except_id=schedule.id, now=utc_now())
    response = render(
        request, "office/changes/progress.html", schedule=schedule, act=act, targets=targets,
        waiting=len(act.in_state("waiting")), stuck=len(act.in_state("stuck")),
    )  # fmt: skip
    if act.in_state("waiting"):
        response.headers["refresh"] = str(_LOOK_AGAIN_SECONDS)
    return response
