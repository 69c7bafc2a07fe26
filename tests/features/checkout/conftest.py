"""A shop with a practice Stripe behind it, and the people who visit it."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rft.app import create_app
from rft.database.pool import Database
from rft.fake_stripe.app import create_app as create_stripe
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.serve import serving
from rft.kit.clock import utc_now
from rft.kit.references import new_token
from rft.settings import Settings
from tests.builders import Db, Row, a_course, a_schedule, a_venue
from tests.features.browser import HERE
from tests.features.checkout.shopping import Shopper, Stripe

KEY, SIGNING = "sk_test_checkout", "whsec_checkout"


@pytest.fixture(scope="module")
def stripe_server() -> Iterator[tuple[str, Ledger]]:
    app = create_stripe(database=None, secret_key=KEY, webhook_secret=SIGNING, webhook_url=None)
    with serving(app) as address:
        yield address, app.state.ledger


@pytest.fixture
def settings(database_url: str, stripe_server: tuple[str, Ledger]) -> Settings:
    return Settings.from_environment(
        {
            "DATABASE_URL": database_url,
            "RFT_BASE_URL": HERE,
            "RFT_SECRET_KEY": new_token(),
            "RFT_JOBS": "0",
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": SIGNING,
            "STRIPE_API_BASE": stripe_server[0],
        }
    )


@pytest.fixture
async def app(settings: Settings, database: Database) -> AsyncIterator[FastAPI]:
    app = create_app(settings, database)
    async with app.state.gateway:
        yield app


@pytest.fixture
def stripe(stripe_server: tuple[str, Ledger], db: Db) -> Iterator[Stripe]:
    address, ledger = stripe_server
    yield Stripe(ledger, db, address)
    ledger.clear_faults()


@pytest.fixture
async def new_shopper(app: FastAPI) -> AsyncIterator[Callable[..., Shopper]]:
    opened: list[Shopper] = []

    def open_browser(address: str = "198.51.100.7", **options: Any) -> Shopper:
        transport = httpx.ASGITransport(app=app, client=(address, 50000))
        opened.append(Shopper(transport=transport, base_url=HERE, follow_redirects=True, **options))
        return opened[-1]

    yield open_browser
    for browser in opened:
        await browser.aclose()


@pytest.fixture
def amina(new_shopper: Callable[..., Shopper]) -> Shopper:
    """Amina's browser. She has no account."""
    return new_shopper()


@pytest.fixture
def dev(new_shopper: Callable[..., Shopper]) -> Shopper:
    """A stranger's browser."""
    return new_shopper("203.0.113.9")


@pytest.fixture
def begins() -> datetime:
    """A hundred days ahead, in the morning."""
    return (utc_now() + timedelta(days=100)).replace(hour=9, minute=30, second=0, microsecond=0)


@pytest.fixture
def schedule(db: Db, begins: datetime) -> Row:
    """Emergency First Aid at Work in Leeds at £75, six places."""
    venue = a_venue(db, capacity=6, facilities='{"step_free": true}', parking_info="Behind the building.")
    return a_schedule(db, course=a_course(db), venue=venue, start_datetime=begins)
