"""The job that reminds of certificates that run out."""

from rft import jobs
from rft.kit.clock import utc_now
from rft.requalification.service import remind_all


@jobs.task("requalification.remind", every="30 8 * * *")
async def remind(context: jobs.Context) -> None:
    """In the morning, the same London day all the year."""
    await remind_all(context.database, context.settings, now=utc_now())
