"""The office's planner for the day on which somebody is ill or a venue is lost: choose, look over, carry out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from rft.audit.service import Actor
from rft.database.pool import Connection, Database
from rft.errors import NotValid, Refusal
from rft.instructors.queries import list_absences
from rft.instructors.schemas import AbsenceKind
from rft.kit.clock import london_today, utc_now
from rft.planning.fallen import Fallen, read_fallen
from rft.planning.queries import list_options
from rft.planning.replacing import LEAVE, Proposal, Step, carry_out, propose, rehearse
from rft.planning.rules import DAY
from rft.schedules.plans import get_planned
from rft.venues.queries import list_closures
from rft.venues.schemas import ClosureRequest
from rft.web.dependencies import Admin, Db, require_role
from rft.web.editing import read_as
from rft.web.lists import Choice, address, read_number
from rft.web.security.flashes import flash
from rft.web.security.redirects import see_other
from rft.web.templates import render

router = APIRouter(prefix="/office/planning/replace", dependencies=[Depends(require_role("admin"))])
PATH = "/office/planning/replace"
_ABSENCES: dict[str, AbsenceKind] = {"sickness": "sickness", "leave": "leave"}
_CLOSED = "closed"
AsDay = Annotated[str, Query(max_length=10)]


@router.get("")
async def show(
    request: Request, database: Db, admin: Admin, schedule: Choice = "", what: Choice = "",
    first: Annotated[AsDay, Query(alias="from")] = "", last: Annotated[AsDay, Query(alias="to")] = "",
) -> Response:  # fmt: skip
    """Without `what` asks for it, filled in from a date where one is given; with it, proposes."""
    typed = {"what": what, "from": first, "to": last}
    if not what:
        return await _ask(request, database, typed, read_number(schedule))
    try:
        return await _propose(request, database, admin.actor, typed)
    except NotValid as refusal:
        return await _ask(request, database, typed, None, refusal)


@router.post("/preview")
async def preview(request: Request, database: Db, admin: Admin) -> Response:
    sent = await _sent(request)
    fallen = await _fallen(database, sent)
    choices, now = _choices(sent), utc_now()
    try:
        closure = _closure(fallen, sent)
        steps, unclosed = await database.run(
            lambda db: rehearse(db, admin.actor, fallen, choices, now, closure=closure)
        )
        if not steps and not sent.get("absence"):
            raise NotValid("Nothing is chosen yet: every date is left as it is.")
    except NotValid as refusal:
        return await _propose(request, database, admin.actor, sent, refusal)
    return _preview(request, fallen, steps, sent, closure, unclosed)


@router.post("")
async def apply(request: Request, database: Db, admin: Admin) -> Response:
    sent = await _sent(request)
    fallen = await _fallen(database, sent)
    choices, seen, now = _choices(sent), _seen(sent), utc_now()
    absence = _ABSENCES.get(sent.get("absence", "")) if fallen.what == "instructor" else None

    async def work(db: Connection) -> int:
        closure = _closure(fallen, sent)
        return await carry_out(db, admin.actor, fallen, choices, now, seen=seen, absence=absence, closure=closure)

    try:
        changed = await database.run(work)
    except Refusal as refusal:
        return await _propose(request, database, admin.actor, sent, refusal)
    back = f"/office/{fallen.what}s/{fallen.id}"
    response = see_other(back)
    dates = "1 date is" if changed == 1 else f"{changed} dates are"
    flash(request, response, "success", f"Done: {dates} changed, and everybody concerned is being told by e-mail.")
    return response


async def _ask(
    request: Request, database: Database, typed: dict[str, str], schedule_id: int | None, refusal: Refusal | None = None
) -> Response:
    async with database.connection() as db:
        options = await list_options(db)
        if schedule_id is not None:
            planned = await get_planned(db, schedule_id)
            held = planned.asked.holds
            typed |= {"from": london_today(held[0].start).isoformat(), "to": london_today(held[-1].end).isoformat()}
            fell = next((hold.instructor_id for hold in held if hold.instructor_id), None)
            typed["what"] = f"instructor:{fell}" if fell else f"venue:{held[0].venue_id}"
    today = london_today(utc_now())
    return render(
        request,
        "office/planning/ask.html",
        refusal.status if refusal else 200,
        typed=typed | {"from": typed["from"] or today.isoformat(), "to": typed["to"] or (today + DAY).isoformat()},
        things=[(f"instructor:{key}", name) for key, name in options.instructors]
        + [(f"venue:{key}", name) for key, name in options.venues],
        errors=refusal.errors if refusal else {},
        refusal=refusal,
    )


async def _propose(
    request: Request, database: Database, actor: Actor, sent: Mapping[str, str], refusal: Refusal | None = None
) -> Response:
    fallen, now = await _fallen(database, sent), utc_now()
    proposals: list[Proposal] = await database.run(lambda db: propose(db, actor, fallen, now))
    return render(
        request,
        "office/planning/replace.html",
        refusal.status if refusal else 200,
        fallen=fallen,
        proposals=proposals,
        chosen={
            each.affected.schedule_id: _choices(sent).get(each.affected.schedule_id, each.chosen) for each in proposals
        },
        is_recorded=await _is_recorded(database, fallen),
        absence=sent.get("absence", "sickness" if fallen.what == "instructor" else _CLOSED),
        reason=sent.get("reason", "It cannot be used."),
        refusal=refusal,
        errors=refusal.errors if refusal else {},
    )


def _preview(
    request: Request,
    fallen: Fallen,
    steps: list[Step],
    sent: Mapping[str, str],
    closure: ClosureRequest | None,
    unclosed: Refusal | None,
) -> Response:
    return render(
        request,
        "office/planning/preview.html",
        fallen=fallen,
        steps=steps,
        absence=_ABSENCES.get(sent.get("absence", ""), ""),
        closure=closure,
        unclosed=unclosed,
        refused=[step for step in steps if step.refusal],
        back=address(PATH, {"what": fallen.key, "from": fallen.first.isoformat(), "to": fallen.last.isoformat()}),
    )


async def _is_recorded(database: Database, fallen: Fallen) -> bool:
    """Whether some of the days are on record already, as an absence or as a closure."""
    starts, ends = fallen.borders
    async with database.connection() as db:
        known = await (list_closures if fallen.what == "venue" else list_absences)(db, fallen.id, starts)
    return any(one.starts_at < ends for one in known)


def _closure(fallen: Fallen, sent: Mapping[str, str]) -> ClosureRequest | None:
    """Raises NotValid without a reason."""
    if fallen.what != "venue" or sent.get("absence") != _CLOSED:
        return None
    days = {"first_day": fallen.first.isoformat(), "last_day": fallen.last.isoformat()}
    return read_as(ClosureRequest, {**days, "reason": sent.get("reason", "")})


async def _fallen(database: Database, sent: Mapping[str, str]) -> Fallen:
    async with database.connection() as db:
        return await read_fallen(db, sent.get("what", ""), sent.get("from", ""), sent.get("to", ""))


async def _sent(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _choices(sent: Mapping[str, str]) -> dict[int, str]:
    """`choice-7=instructor:5` → {7: "instructor:5"}. Raises NotValid for what is no number."""
    found = {
        read_number(name.removeprefix("choice-")): value for name, value in sent.items() if name.startswith("choice-")
    }
    return {number: value or LEAVE for number, value in found.items() if number is not None}


def _seen(sent: Mapping[str, str]) -> dict[int, datetime]:
    found = {}
    for name, value in sent.items():
        number = read_number(name.removeprefix("seen-")) if name.startswith("seen-") else None
        try:
            if number is not None:
                found[number] = datetime.fromisoformat(value)
        except ValueError as cause:
            raise NotValid("This page's address is not one of ours.") from cause
    return found
