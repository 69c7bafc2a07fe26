"""The daily comparison with Stripe, and lines of the bank's statement that may be payouts."""

from rft import jobs
from rft.kit.clock import utc_now
from rft.payments.gateway import Gateway
from rft.reconciliation.rules import is_due
from rft.reconciliation.service import match_bank_lines, reconcile


# Five o'clock in London is one of these, in summer and in winter.
@jobs.task("reconciliation.begin_day", every="0 4,5 * * *")
async def begin_day(context: jobs.Context) -> None:
    """Leaves the comparison to a job that is tried again where Stripe cannot be asked."""
    if is_due(utc_now()):
        async with context.database.connection() as db:
            await jobs.enqueue(db, "reconciliation.compare", queueing_lock="reconciliation.compare")


@jobs.task("reconciliation.compare")
async def compare(context: jobs.Context) -> None:
    async with Gateway(context.settings) as gateway:
        await reconcile(context.database, gateway, now=utc_now())
    await context.database.run(match_bank_lines)


@jobs.task("reconciliation.match_bank_lines")
async def match_lines(context: jobs.Context) -> None:
    """A statement was read. Lines that come before their payouts are looked at again after every comparison."""
    await context.database.run(match_bank_lines)
