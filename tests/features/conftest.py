"""The real application on a real database, and browsers to visit it with."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rft.app import create_app
from rft.database.pool import Database
from rft.kit.passwords import hash_password_now
from rft.kit.references import new_token
from rft.settings import Settings
from tests.builders import Db, Row
from tests.cast import carol
from tests.features.api import API, Api, a_token, bearer
from tests.features.browser import HERE, PASSWORD, Browser


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {
            "DATABASE_URL": database_url,
            "RFT_BASE_URL": HERE,
            "RFT_SECRET_KEY": new_token(),
            "RFT_JOBS": "0",
            "RFT_DATA_DIR": str(tmp_path),
        }
    )


@pytest.fixture
def app(settings: Settings, database: Database) -> FastAPI:
    return create_app(settings, database)


@pytest.fixture
async def new_browser(app: FastAPI) -> AsyncIterator[Callable[..., Browser]]:
    """Opens browsers: `new_browser()`, or `new_browser(address="203.0.113.9")`."""
    opened: list[Browser] = []

    def open_browser(address: str = "198.51.100.7", **options: Any) -> Browser:
        transport = httpx.ASGITransport(app=app, client=(address, 50000))
        opened.append(Browser(transport=transport, base_url=HERE, **options))
        return opened[-1]

    yield open_browser
    for browser in opened:
        await browser.aclose()


@pytest.fixture
def browser(new_browser: Callable[..., Browser]) -> Browser:
    return new_browser()


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Everybody's. Made once: that it takes its time is the purpose of a hash."""
    return hash_password_now(PASSWORD)


@pytest.fixture
def admin(db: Db, password_hash: str) -> Row:
    return carol(db, password_hash=password_hash)


@pytest.fixture
async def office(new_browser: Callable[..., Browser], admin: Row) -> Browser:
    """Carol's browser, signed in."""
    browser = new_browser()
    assert (await browser.sign_in(admin["email"])).status_code == 303
    return browser


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[Api]:
    """A program of this machine's that calls the API."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=("127.0.0.1", 50000))
    async with app.router.lifespan_context(app), Api(transport=transport, base_url=API) as client:
        yield client


@pytest.fixture
def till(api: Api, db: Db) -> Api:
    """The same program with the token of Carol's, who administers."""
    api.headers.update(bearer(a_token(db, carol(db))))
    return api
