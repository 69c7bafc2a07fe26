"""What happens by the clock: reminders of what is overdue, and seats given back on which nobody decided in time."""

import structlog

from rft import jobs
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.payments.gateway import Gateway
from rft.receivables.approving import decline_order
from rft.receivables.queries import list_undecided
from rft.receivables.service import chase_due

log = structlog.get_logger()


@jobs.task("receivables.chase_due", every="30 8 * * *")
async def chase_all_due(context: jobs.Context) -> None:
    now = utc_now()
    await context.database.run(lambda db: chase_due(db, now))


@jobs.task("receivables.give_up_waiting", every="*/10 * * * *")
async def give_up_waiting(context: jobs.Context) -> None:
    """One order that cannot be given up (somebody is paying it by card just now) keeps no other from it."""
    async with context.database.connection() as db:
        undecided = await list_undecided(db, utc_now())
    if not undecided:
        return
    async with Gateway(context.settings) as gateway:
        for reference in undecided:
            try:
                await decline_order(context.database, gateway, reference, actor=None)
            except Refusal as refusal:
                log.warning("approval_not_given_up", order=reference, because=refusal.code)
