"""A shop for each test: its own database and site, and the practice Stripe that all of them share, emptied."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from starlette.applications import Starlette

from rft.app import create_app
from rft.database.pool import Database
from rft.fake_stripe.app import create_app as create_stripe
from rft.fake_stripe.serve import serving
from rft.payments.gateway import Gateway
from tests.builders import Db
from tests.features.mailing import see_jobs
from tests.features.payments.paying import SECRET, SIGNING, WEBHOOK, Shop, shop_settings


@pytest.fixture(scope="session")
def practice_stripe() -> Iterator[tuple[Starlette, str]]:
    stripe = create_stripe(
        database=None, secret_key=SECRET, webhook_secret=SIGNING, webhook_url=None, controls=True, backoff=[0.05] * 40
    )
    with serving(stripe) as address:
        yield stripe, address


@pytest.fixture
async def shop(practice_stripe: tuple[Starlette, str], database: Database, db: Db) -> AsyncIterator[Shop]:
    """At the end of each test the audit is silent and the money is the same on both sides."""
    stripe, stripe_address = practice_stripe
    stripe.state.ledger.reset()
    see_jobs(db)
    settings = shop_settings(database.url, stripe_address)
    with serving(create_app(settings)) as address:
        stripe.state.ledger.set_webhook(f"{address}{WEBHOOK}")
        async with (
            Gateway(settings) as gateway,
            httpx.AsyncClient(base_url=address, trust_env=False) as http,
        ):
            shop = Shop(settings, database, gateway, db, stripe, stripe_address, http)
            yield shop
            shop.ledger.clear_faults()
            await shop.post()
            shop.ledger.set_webhook(None)
            await shop.require_true_books()
