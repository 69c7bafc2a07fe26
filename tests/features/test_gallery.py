"""The page that shows the design: on demonstration systems, in three frames."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from rft.app import create_app
from rft.database.pool import Database
from rft.settings import Settings
from tests.features.browser import HERE, Browser


@pytest.fixture
async def demo(settings: Settings, database: Database) -> AsyncIterator[Browser]:
    app = create_app(replace(settings, demo=True), database)
    async with Browser(transport=httpx.ASGITransport(app=app), base_url=HERE) as browser:
        yield browser


@pytest.mark.parametrize("layout", ["public", "office", "plain"])
async def test_a_demonstration_shows_the_design_in_each_frame(layout: str, demo: Browser) -> None:
    answer = await demo.get(f"/design?layout={layout}")
    assert answer.status_code == 200
    assert "Every part the pages are built from" in answer.text


@pytest.mark.parametrize("layout", ["../../etc/passwd", "office.html", "errors/refused"])
async def test_no_other_template_can_be_asked_for(layout: str, demo: Browser) -> None:
    assert (await demo.get("/design", params={"layout": layout})).status_code == 422


async def test_a_system_in_earnest_has_no_such_page(browser: Browser) -> None:
    assert (await browser.get("/design")).status_code == 404
