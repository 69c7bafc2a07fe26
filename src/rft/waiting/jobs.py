"""What the waiting list does in the background: offers places that have come free."""

from rft import jobs
from rft.kit.clock import utc_now
from rft.waiting.offers import make_offers


@jobs.task("waiting.offer_places", every="* * * * *")
async def offer_places(context: jobs.Context) -> None:
    await make_offers(context.database, now=utc_now())
