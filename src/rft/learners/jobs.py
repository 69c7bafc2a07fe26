"""The job that sees to it that every attendee has a link."""

from rft import jobs
from rft.kit.clock import utc_now
from rft.learners.service import invite_the_uninvited


@jobs.task("learners.invite", every="*/5 * * * *")
async def invite(context: jobs.Context) -> None:
    async with context.database.transaction() as db:
        await invite_the_uninvited(db, utc_now())
