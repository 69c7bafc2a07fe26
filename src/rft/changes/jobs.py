"""What changes do in the background: see to the places of a date that is cancelled."""

from rft import jobs
from rft.changes.dates import finish_cancellation
from rft.kit.clock import utc_now
from rft.payments.gateway import Gateway


@jobs.task("changes.finish_cancellation")
async def finish(context: jobs.Context, *, schedule_id: int) -> None:
    async with Gateway(context.settings) as gateway:
        await finish_cancellation(context.database, gateway, schedule_id, now=utc_now())
