"""The jobs of evidence: making a pack, and making the results of each course that is over a task."""

from rft import jobs
from rft.evidence.service import make_pack as make
from rft.evidence.service import open_reports as open_all
from rft.kit.clock import utc_now


@jobs.task("evidence.make_pack")
async def make_pack(context: jobs.Context, pack_id: int) -> None:
    await make(context.database, context.settings, pack_id, now=utc_now())


@jobs.task("evidence.open_reports", every="20 * * * *")
async def open_reports(context: jobs.Context) -> None:
    await open_all(context.database, now=utc_now())
