"""Forgets what need not be known any more."""

from datetime import timedelta

from rft import jobs
from rft.attendance.service import forget_access_needs
from rft.kit.clock import utc_now

# The trade's rule: access and health notes are gone a month after the course.
KEPT_AFTER_COURSE = timedelta(days=30)


@jobs.task("attendance.forget_access_needs", every="20 3 * * *")
async def forget(context: jobs.Context) -> None:
    async with context.database.transaction() as db:
        await forget_access_needs(db, before=utc_now() - KEPT_AFTER_COURSE)
