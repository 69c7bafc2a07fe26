"""The jobs of evidence: making a pack, and making the results of each course that is over a task."""

from rft import jobs
from rft.evidence.service import give_up
from rft.evidence.service import make_pack as make
from rft.evidence.service import open_reports as open_all
from rft.kit.clock import utc_now


@jobs.task("evidence.make_pack", tries=4)
async def make_pack(context: jobs.Context, pack_id: int) -> None:
    """One that cannot be made says so in the end, so that it can be asked for again."""
    try:
        await make(context.database, context.settings, pack_id, now=utc_now())
    except Exception:
        if context.is_last_attempt:
            await give_up(context.database, pack_id, now=utc_now())
        raise


@jobs.task("evidence.open_reports", every="20 * * * *")
async def open_reports(context: jobs.Context) -> None:
    await open_all(context.database, now=utc_now())
