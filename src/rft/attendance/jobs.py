"""Completes whom a made-up day completes, and forgets what need not be known any more."""

from datetime import timedelta

from rft import jobs
from rft.attendance.make_ups import complete_made_up
from rft.attendance.service import forget_access_needs
from rft.audit.service import Actor
from rft.kit.clock import utc_now

# The trade's rule: access and health notes are gone a month after the course.
KEPT_AFTER_COURSE = timedelta(days=30)


@jobs.task("attendance.forget_access_needs", every="20 3 * * *")
async def forget(context: jobs.Context) -> None:
    async with context.database.transaction() as db:
        await forget_access_needs(db, before=utc_now() - KEPT_AFTER_COURSE)


@jobs.task("attendance.complete_made_up")
async def complete(context: jobs.Context, in_booking_id: int, closed_by: int) -> None:
    await context.database.run(lambda db: complete_made_up(db, Actor(closed_by), in_booking_id))
