"""Cancels a whole date: one act with a step for each place (moved, or refunded in full), which goes on where it was interrupted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from psycopg.rows import class_row

from rft import jobs
from rft.audit.service import Actor, record
from rft.bookings.errors import TransitionRefused
from rft.changes.errors import DateCancellationRefused
from rft.changes.moves import move_place
from rft.changes.queries import Seat, list_seats, list_seats_of_schedule
from rft.changes.rules import CANCELLABLE
from rft.changes.schemas import MoveRequest
from rft.changes.service import Wish, cancel_places, close_pages, lock_places
from rft.database.pool import Connection, Database
from rft.database.sql import statement
from rft.errors import Busy, NotFound, NotValid, Refusal
from rft.payments.gateway import Gateway

_STEPS = statement(__file__, "steps.sql")


@dataclass(frozen=True, slots=True)
class Step:
    booking_id: int
    reference: str
    state: str
    why: str | None
    move_to: int | None
    target_starts_at: datetime | None
    order_id: int | None
    order_reference: str | None
    who: str
    refund: Decimal | None


@dataclass(frozen=True, slots=True)
class DateCancellation:
    """The act as it stands. `waiting` places are still to be seen to, `stuck` ones wait for a person."""

    schedule_id: int
    reason: str
    actor_id: int
    steps: list[Step]

    def in_state(self, state: str) -> list[Step]:
        return [step for step in self.steps if step.state == state]


async def find_cancellation(db: Connection, schedule_id: int) -> DateCancellation | None:
    cursor = await db.execute(
        "select reason, requested_by from schedule_cancellations where course_schedule_id = %s", (schedule_id,)
    )
    act = await cursor.fetchone()
    if act is None:
        return None
    async with db.cursor(row_factory=class_row(Step)) as steps:
        await steps.execute(_STEPS, {"schedule_id": schedule_id})
        return DateCancellation(schedule_id, act["reason"], act["requested_by"], await steps.fetchall())


async def begin_cancellation(
    db: Connection, actor: Actor, schedule_id: int, *, reason: str, moves: Mapping[str, int], now: datetime
) -> None:
    """Closes the date to everybody and writes down what becomes of each place; a job does it. A second time changes nothing.

    `moves` says which bookings, by reference, move to which date; every other place is refunded in full. Raises NotFound,
    NotValid for a move of a place that is not here, HistoryKept once the date was held.
    """
    await db.execute("select pg_advisory_xact_lock(7301, %s)", (schedule_id,))
    status = await _status(db, schedule_id)
    if await find_cancellation(db, schedule_id) is not None:
        return
    if status not in ("published", "full"):
        raise DateCancellationRefused("Only a date that is open for booking has places to see to.")
    seats = await list_seats_of_schedule(db, schedule_id)
    unknown = sorted(moves.keys() - {seat.reference for seat in seats})
    if unknown:
        sentence = f"Not a place on this date: {', '.join(unknown)}."
        raise NotValid(sentence, errors={"moves": sentence})
    await db.execute(
        "insert into schedule_cancellations (course_schedule_id, reason, requested_by, requested_at) values (%s, %s, %s, %s)",
        (schedule_id, reason, actor.user_id, now),
    )
    await _write_steps(db, schedule_id, seats, moves)
    await db.execute("update course_schedules set status = 'cancelled' where id = %s", (schedule_id,))
    new = {"status": "cancelled", "reason": reason, "seats": len(seats)}
    await record(db, actor, "schedule.cancel", "schedule", schedule_id, old={"status": status}, new=new)
    await _enqueue(db, schedule_id)


async def decide_step(
    db: Connection, actor: Actor, schedule_id: int, reference: str, *, move_to: int | None
) -> None:  # fmt: skip
    """Has a stuck place tried again in another way. Raises NotFound where no such place is stuck."""
    cursor = await db.execute(
        """
        update schedule_cancellation_steps as step
           set state = 'waiting', why = null, move_to = %(move_to)s
          from bookings as booking
         where booking.id = step.booking_id and booking.booking_reference = %(reference)s
           and step.course_schedule_id = %(schedule_id)s and step.state = 'stuck'
        returning booking.id
        """,
        {"move_to": move_to, "reference": reference, "schedule_id": schedule_id},
    )
    found = await cursor.fetchone()
    if found is None:
        raise NotFound("There is no such place to decide about.")
    new = {"state": "waiting", "reference": reference}
    await record(db, actor, "schedule.decide", "schedule", schedule_id, old={"state": "stuck"}, new=new)
    await _enqueue(db, schedule_id)


async def finish_cancellation(database: Database, gateway: Gateway, schedule_id: int, *, now: datetime) -> None:
    """Sees to every place that waits, an order at a time. Safe to repeat, and to run twice at once.

    Raises Busy where some have to wait (somebody is paying at this moment): what could be done is done.
    """
    async with database.connection() as db:
        act = await find_cancellation(db, schedule_id)
    if act is None:
        return
    left = 0
    for _, steps in groupby(act.in_state("waiting"), key=lambda step: step.order_id or -step.booking_id):
        group = list(steps)
        try:
            await _see_to(database, gateway, act, group, now)
        except TransitionRefused:
            left += len(group)
    if left:
        raise Busy(f"{left} places of date {schedule_id} are still being paid for.")


async def _see_to(
    database: Database, gateway: Gateway, act: DateCancellation, steps: Sequence[Step], now: datetime
) -> None:
    refunded = [step for step in steps if step.move_to is None]
    if refunded:
        async with database.connection() as db:
            seats = await list_seats(db, [step.booking_id for step in refunded])
        await close_pages(database, gateway, seats)
        await database.run(lambda db: _refund(db, act, refunded, now))
    for step in steps:
        if step.move_to is not None:
            await _move(database, act, step, step.move_to, now)


async def _refund(db: Connection, act: DateCancellation, steps: Sequence[Step], now: datetime) -> None:
    order_id, ids = steps[0].order_id, [step.booking_id for step in steps]
    live = await _lock_live(db, act, order_id, ids)
    if live:
        wish = Wish("date", Actor(act.actor_id), act.reason)
        await cancel_places(db, order_id, live, wish, now=now)
        await _mark(db, act, live, "cancelled")


async def _move(database: Database, act: DateCancellation, step: Step, target: int, now: datetime) -> None:
    async def work(db: Connection) -> None:
        await lock_places(db, step.order_id, [step.booking_id], also=[target])
        if await _lock_live(db, act, step.order_id, [step.booking_id]):
            (seat,) = await list_seats(db, [step.booking_id])
            await move_place(
                db, seat, MoveRequest(schedule_id=target, reason=act.reason), actor=Actor(act.actor_id), now=now
            )
            await _mark(db, act, [step.booking_id], "moved")

    try:
        await database.run(work)
    except Busy:
        raise
    except Refusal as refusal:
        why = refusal.detail
        await database.run(lambda db: _mark(db, act, [step.booking_id], "stuck", why))


async def _lock_live(
    db: Connection, act: DateCancellation, order_id: int | None, booking_ids: Sequence[int]
) -> list[int]:
    """Under the locks: those that wait and are still here. The others were given up or moved meanwhile, and are marked so."""
    await lock_places(db, order_id, booking_ids)
    cursor = await db.execute(
        """
        select booking_id from schedule_cancellation_steps
         where course_schedule_id = %s and booking_id = any (%s) and state = 'waiting'
        """,
        (act.schedule_id, list(booking_ids)),
    )
    waiting = {row["booking_id"] for row in await cursor.fetchall()}
    seats = await list_seats(db, sorted(waiting))
    live = [seat.id for seat in seats if seat.status in CANCELLABLE and seat.schedule_id == act.schedule_id]
    await _mark(db, act, sorted(waiting - set(live)), "gone")
    return live


async def _mark(
    db: Connection, act: DateCancellation, booking_ids: Sequence[int], state: str, why: str | None = None
) -> None:
    await db.execute(
        """
        update schedule_cancellation_steps set state = %s, why = %s
         where course_schedule_id = %s and booking_id = any (%s) and state = 'waiting'
        """,
        (state, why, act.schedule_id, list(booking_ids)),
    )


async def _write_steps(db: Connection, schedule_id: int, seats: Sequence[Seat], moves: Mapping[str, int]) -> None:
    await db.execute(
        """
        insert into schedule_cancellation_steps (course_schedule_id, booking_id, move_to)
        select %(schedule_id)s, step.booking_id, step.move_to
          from unnest(%(booking_ids)s::integer[], %(moves)s::integer[]) as step (booking_id, move_to)
        """,
        {
            "schedule_id": schedule_id,
            "booking_ids": [seat.id for seat in seats],
            "moves": [moves.get(seat.reference) for seat in seats],
        },
    )


async def _status(db: Connection, schedule_id: int) -> str:
    cursor = await db.execute("select status from course_schedules where id = %s for no key update", (schedule_id,))
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such date.", code="schedule_not_found")
    return str(row["status"])


async def _enqueue(db: Connection, schedule_id: int) -> None:
    await jobs.enqueue(db, "changes.finish_cancellation", lock=f"date-{schedule_id}", schedule_id=schedule_id)
