"""The job that makes the certificates of a whole course."""

from rft import jobs
from rft.certificates.batches import make_batch as make
from rft.kit.clock import utc_now


@jobs.task("certificates.make_batch")
async def make_batch(context: jobs.Context, batch_id: int) -> None:
    await make(context.database, context.settings, batch_id, now=utc_now())
