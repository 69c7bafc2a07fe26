"""The sickness planner: proposes stand-ins that the rules allow, rehearses a choice of them, and carries it out in one act.

Nothing here knows a rule of its own: each proposal was carried out for a moment, in a savepoint, with every deferred rule looked at,
and taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from rft.audit.service import Actor, record
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.database.translate import refusal_from
from rft.errors import Refusal
from rft.instructors.schemas import AbsenceKind, AbsenceRequest
from rft.instructors.service import add_absence
from rft.kit.clock import day_in_words
from rft.planning.errors import PlanRefused
from rft.planning.fallen import Affected, Fallen, days_in_words, get_asked, list_affected, with_choice
from rft.planning.queries import find_alternatives
from rft.schedules.plans import get_planned
from rft.schedules.schemas import ScheduleRequest
from rft.schedules.service import change_schedule
from rft.venues.schemas import ClosureRequest
from rft.venues.service import close_venue

_STAND_INS = statement(__file__, "stand_ins.sql")
# Of each kind so many are looked for; whoever needs more changes the date by hand.
_MOST = 4
_MOST_ASKED = 20
LEAVE = "leave"
NOBODY = "instructor:0"
_INSTRUCTOR = "Instructor"


@dataclass(frozen=True, slots=True)
class Option:
    """One legal way on: what a form sends for it, in words, and what speaks for or against it."""

    value: str
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Proposal:
    affected: Affected
    options: list[Option]
    chosen: str


@dataclass(frozen=True, slots=True)
class Step:
    """One date of a plan before it is carried out: the changes in words (what, before, after), or why it cannot be."""

    affected: Affected
    choice: str
    seen: datetime
    changes: list[tuple[str, str, str]]
    refusal: Refusal | None

    @property
    def told(self) -> str:
        """How many of those who booked are told."""
        if self.affected.status == "draft":
            return "Nobody: a draft"
        return str(self.affected.taken) if any(what != _INSTRUCTOR for what, _, _ in self.changes) else "Who teaches"


async def propose(db: Connection, actor: Actor, fallen: Fallen, now: datetime) -> list[Proposal]:
    """For each date that is hit what could be done instead, best first; the first one is taken for granted further down the list."""
    proposals = []
    async with db.transaction(force_rollback=True):
        for affected in await list_affected(db, fallen, now):
            planned, hit = await get_asked(db, affected)
            legal: list[Option] = []
            for option in await _candidates(db, fallen, affected, planned.asked):
                asked = with_choice(planned.asked, [hold.start for hold in hit], option.value)
                if await _try(db, actor, affected.schedule_id, asked) is None:
                    legal.append(option)
            chosen = legal[0].value if legal else LEAVE
            if legal:
                best = with_choice(planned.asked, [hold.start for hold in hit], chosen)
                await change_schedule(db, actor, affected.schedule_id, best)
            proposals.append(Proposal(affected, [*legal, *_last_resorts(fallen, hit, planned.asked)], chosen))
    return proposals


async def rehearse(
    db: Connection, actor: Actor, fallen: Fallen, choices: Mapping[int, str], now: datetime, *,
    closure: ClosureRequest | None = None,
) -> tuple[list[Step], Refusal | None]:  # fmt: skip
    """What the choices would do, without doing it: one date after the other, in the order in which they would be carried out.

    With them why the venue could not be closed afterwards, if it is to be.
    """
    steps, unclosed = [], None
    async with db.transaction(force_rollback=True):
        for affected in sorted(await list_affected(db, fallen, now), key=lambda each: each.schedule_id):
            choice = choices.get(affected.schedule_id, LEAVE)
            if choice == LEAVE:
                continue
            planned, hit = await get_asked(db, affected)
            asked = with_choice(planned.asked, [hold.start for hold in hit], choice)
            refusal = await _try(db, actor, affected.schedule_id, asked, keep=True)
            changes = await _changes(db, planned.asked, asked)
            steps.append(Step(affected, choice, planned.updated_at, changes, refusal))
        if closure is not None:
            try:
                await close_venue(db, actor, fallen.id, closure)
            except Refusal as refusal:
                unclosed = refusal
    return sorted(steps, key=lambda step: step.affected.starts_at), unclosed


async def carry_out(
    db: Connection, actor: Actor, fallen: Fallen, choices: Mapping[int, str], now: datetime, *,
    seen: Mapping[int, datetime], absence: AbsenceKind | None = None, closure: ClosureRequest | None = None,
) -> int:  # fmt: skip
    """All of it, or nothing; answers how many dates were changed. `seen` is each date's updated_at as it was rehearsed.

    An instructor's `absence` is recorded first, a venue's `closure` when nothing is held there any more. Raises PlanRefused with the date
    that cannot be changed, NotValid for the absence, VenueClosed where a date stays.
    """
    if absence is not None:
        asked = AbsenceRequest.model_validate(
            {"kind": absence, "first": fallen.first.isoformat(), "last": fallen.last.isoformat()}
        )
        await add_absence(db, actor, fallen.id, asked)
    hit_dates = {each.schedule_id: each for each in await list_affected(db, fallen, now)}
    changed = sorted(schedule_id for schedule_id in choices.keys() & hit_dates.keys() if choices[schedule_id] != LEAVE)
    for schedule_id in changed:
        affected = hit_dates[schedule_id]
        planned, hit = await get_asked(db, affected)
        new = with_choice(planned.asked, [hold.start for hold in hit], choices[schedule_id])
        refusal = await _try(db, actor, schedule_id, new, keep=True, seen=seen.get(schedule_id))
        if refusal is not None:
            raise PlanRefused(
                f"{affected.named}: {refusal.detail} Nothing was changed.", facts=refusal.facts
            ) from refusal
    if closure is not None:
        await close_venue(db, actor, fallen.id, closure)
    told = {
        "first": fallen.first.isoformat(),
        "last": fallen.last.isoformat(),
        "reason": closure.reason if closure else absence,
        "count": len(changed),
    }
    await record(db, actor, "plan.carry_out", fallen.what, fallen.id, new=told)
    return len(changed)


async def _try(
    db: Connection, actor: Actor, schedule_id: int, asked: ScheduleRequest, *, keep: bool = False, seen: datetime | None = None
) -> Refusal | None:  # fmt: skip
    """Carries one change out and has every rule look at it; takes it back unless it is to be kept."""
    try:
        async with db.transaction(force_rollback=not keep):
            await change_schedule(db, actor, schedule_id, asked, seen=seen)
            await db.execute("set constraints all immediate")
            await db.execute("set constraints all deferred")
    except Refusal as refusal:
        return refusal
    except psycopg.IntegrityError as cause:
        said = refusal_from(cause)
        if not isinstance(said, Refusal):
            raise
        return said
    return None


async def list_free_people(db: Connection, schedule_id: int) -> list[Option]:
    """Who may teach the date and is free on all its days, best first; whoever teaches it now is not among them."""
    planned = await get_planned(db, schedule_id)
    starts, ends = [hold.start for hold in planned.asked.holds], [hold.end for hold in planned.asked.holds]
    values = {
        "starts": starts,
        "ends": ends,
        "schedule_id": schedule_id,
        "fallen_instructor": planned.asked.instructor_id or 0,
    }
    row = await (await db.execute(_STAND_INS, values | {"fallen_venue": 0, "taken": 1, "most": _MOST_ASKED})).fetchone()
    assert row is not None, "two lists are one row"
    return [Option(f"instructor:{one['id']}", one["name"], _about_person(one)) for one in row["people"]]


async def _candidates(db: Connection, fallen: Fallen, affected: Affected, asked: ScheduleRequest) -> list[Option]:
    hit = [hold for hold in asked.holds if hold.start in affected.hit]
    values = {
        "starts": [hold.start for hold in hit],
        "ends": [hold.end for hold in hit],
        "schedule_id": affected.schedule_id,
        "fallen_instructor": fallen.id if fallen.what == "instructor" else 0,
        "fallen_venue": fallen.id if fallen.what == "venue" else 0,
        "taken": max(affected.taken, 1),
        "most": _MOST,
    }
    row = await (await db.execute(_STAND_INS, values)).fetchone()
    assert row is not None, "two lists are one row"
    if fallen.what == "instructor":
        found = [Option(f"instructor:{one['id']}", one["name"], _about_person(one)) for one in row["people"]]
    else:
        found = [
            Option(f"venue:{one['id']}", f"{one['name']}, {one['town']}", _about_room(one)) for one in row["rooms"]
        ]
    later = await find_alternatives(
        db, asked, seats=max(affected.taken, 1), except_id=affected.schedule_id, after=fallen.last
    )
    return found + [
        Option(
            f"later:{days}", f"Later, from {day_in_words(day)}", "The same place and people; everybody booked is told."
        )
        for days, day in later.later
    ]


def _about_person(one: Mapping[str, object]) -> str:
    home = f"Lives in {one['town']}" if one["town"] else "Home town not known"
    usual = "" if one["is_usual"] else ", does not usually work then"
    return f"{home}, {one['hours']:g} hours that week{usual}"


def _about_room(one: Mapping[str, object]) -> str:
    town = "Same town" if one["is_near"] else "Another town"
    return f"{town}, {one['capacity']} places" + ("" if one["keeps_places"] else ": fewer than now")


def _last_resorts(fallen: Fallen, hit: Sequence[object], asked: ScheduleRequest) -> list[Option]:
    found = [Option(LEAVE, "Leave it as it is", "It stays on the list of what needs doing.")]
    if fallen.what == "instructor" and len(hit) == len(asked.holds):
        found.insert(0, Option(NOBODY, "Take the name off", "Nobody teaches it until somebody is found."))
    return found


async def _changes(db: Connection, before: ScheduleRequest, after: ScheduleRequest) -> list[tuple[str, str, str]]:
    rows = [("Days", "; ".join(days_in_words(before)), "; ".join(days_in_words(after)))]
    for label, column, query in (
        (_INSTRUCTOR, "instructor_id", "select name_of(%s) as name"),
        ("Venue", "venue_id", "select name || ', ' || city as name from venues where id = %s"),
    ):
        said = []
        for asked in (before, after):
            keys = dict.fromkeys(getattr(hold, column) for hold in asked.holds)
            names = [await (await db.execute(query, (key,))).fetchone() if key else None for key in keys]
            said.append(", ".join(name["name"] if name and name["name"] else "Nobody yet" for name in names))
        rows.append((label, said[0], said[1]))
    return [row for row in rows if row[1] != row[2]]
