"""Planning's jobs."""

from rft import jobs
from rft.kit.clock import utc_now
from rft.planning.requests import expire


@jobs.task("planning.expire_requests", every="5 * * * *")
async def expire_requests(context: jobs.Context) -> None:
    async with context.database.transaction() as db:
        await expire(db, utc_now())
