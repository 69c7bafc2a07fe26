"""The daily comparison with Stripe, and lines of the bank's statement that may be payouts."""

from datetime import date
from decimal import Decimal

from rft import jobs
from rft.kit.clock import utc_now
from rft.payments.gateway import Gateway
from rft.reconciliation.rules import is_due
from rft.reconciliation.service import match_payout, reconcile


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


@jobs.task("reconciliation.match_bank_line")
async def match_bank_line(context: jobs.Context, *, amount: str, day: str, reference: str) -> None:
    """For whoever reads a bank's statement: a line that came in, its day (2026-12-01), and what names the line for ever."""
    async with context.database.transaction() as db:
        await match_payout(db, amount=Decimal(amount), day=date.fromisoformat(day), bank_reference=reference)
