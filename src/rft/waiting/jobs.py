"""What the waiting list does in the background: offers places that have come free, and forgets who waited long ago."""

from datetime import timedelta

from rft import jobs
from rft.kit.clock import utc_now
from rft.waiting.offers import make_offers
from rft.waiting.service import forget_entries

# As long as somebody may still ask why they were offered nothing.
KEPT_AFTER_LAST_DATE = timedelta(days=90)


@jobs.task("waiting.offer_places", every="* * * * *")
async def offer_places(context: jobs.Context) -> None:
    await make_offers(context.database, now=utc_now())


@jobs.task("waiting.forget", every="35 3 * * *")
async def forget(context: jobs.Context) -> None:
    async with context.database.transaction() as db:
        await forget_entries(db, before=utc_now() - KEPT_AFTER_LAST_DATE)
