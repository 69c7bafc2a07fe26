"""Puts the practice Stripe together: API, pay page, courier and, for tests, the controls."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from rft.fake_stripe.api import Api
from rft.fake_stripe.control import control_routes
from rft.fake_stripe.courier import BACKOFF_SECONDS, Courier
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.pages import Pages

STATIC = Path(__file__).with_name("static")
METHODS = ["GET", "POST", "DELETE"]


def create_app(
    *,
    database: Path | None,
    secret_key: str,
    webhook_secret: str,
    webhook_url: str | None,
    publishable_key: str = "pk_test_practice",
    public_url: str | None = None,
    controls: bool = False,
    backoff: Sequence[float] = BACKOFF_SECONDS,
) -> Starlette:
    """`database` None keeps all in memory; `public_url` is where browsers reach it, if not where the API is called.

    `app.state.ledger` and `app.state.courier` are the same acts in process. A live key is refused: no money moves here.
    """
    if not secret_key or not webhook_secret:
        raise ValueError("The practice Stripe needs a secret key and a webhook secret.")
    if "_live_" in secret_key:
        raise ValueError("The practice Stripe refuses a live key: payments made here are not real.")
    ledger = Ledger(database)
    if webhook_url is not None:
        ledger.set_webhook(webhook_url)
    courier = Courier(ledger, webhook_secret, backoff)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        rounds = asyncio.create_task(courier.run())
        yield
        rounds.cancel()
        with suppress(asyncio.CancelledError):
            await rounds
        ledger.close()

    routes: list[Route | Mount] = [
        Route("/v1/{path:path}", Api(ledger, secret_key, publishable_key, public_url).__call__, methods=METHODS),
        *Pages(ledger).routes(),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    if controls:
        routes += control_routes(ledger, courier, secret_key)
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.ledger = ledger
    app.state.courier = courier
    return app
