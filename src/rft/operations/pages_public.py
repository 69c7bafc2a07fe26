"""What every visitor may want to know of us: terms, privacy, accessibility."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from rft.bookings.policies import get_policy_in_force
from rft.bookings.words import general_terms
from rft.discounts.offers import list_running_offers
from rft.discounts.rules import offer_in_words
from rft.kit.clock import london_today, utc_now
from rft.web.dependencies import CurrentSettings, Db
from rft.web.templates import render

router = APIRouter()


@router.get("/terms")
async def terms(request: Request, database: Db, settings: CurrentSettings) -> Response:
    now = utc_now()
    async with database.connection() as db:
        policy = await get_policy_in_force(db, now)
        offers = await list_running_offers(db, london_today(now))
    return render(
        request,
        "policies/terms.html",
        canonical=f"{settings.base_url}/terms",
        policy=policy,
        terms=general_terms(policy),
        offers=[offer_in_words(offer) for offer in offers],
        hold_minutes=settings.hold_minutes,
    )


@router.get("/privacy")
async def privacy(request: Request, settings: CurrentSettings) -> Response:
    return render(request, "policies/privacy.html", canonical=f"{settings.base_url}/privacy")


@router.get("/accessibility")
async def accessibility(request: Request, settings: CurrentSettings) -> Response:
    return render(request, "policies/accessibility.html", canonical=f"{settings.base_url}/accessibility")
