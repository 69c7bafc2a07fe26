"""The demonstration as a process of its own, and a real browser to visit it with: one of each for all journeys."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from psycopg.rows import dict_row

from rft.database.embedded import ensure_running
from tests.browser import OPTIONS, get_browser
from tests.conftest import Db
from tests.journeys.visiting import Visitor

READY_WITHIN = 120
# What a browser would ask the world for by itself.
QUIET = ["--disable-component-update", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's data."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="package")
def demo(folder: Path) -> Iterator[str]:
    """The address of `rft demo`, with nothing of this shell's settings. Each journey has people and dates of its own in it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RFT_", "STRIPE_", "DATABASE_", "SMTP_"))
    }
    command = [sys.executable, "-m", "rft", "demo", "--port", str(port), "--workers", "1"]
    with (folder / "log").open("w+") as log:
        server = subprocess.Popen(command, env={**kept, "RFT_DATA_DIR": str(folder)}, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(address, server, folder / "log")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            if httpx.get(f"{address}/readyz", timeout=2, trust_env=False).is_success:
                return
        except httpx.TransportError:
            assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@pytest.fixture(scope="package")
def demo_db(folder: Path, demo: str) -> Iterator[Db]:
    """The demonstration's own database: for what no page tells, such as that a week has passed."""
    server = ensure_running(folder)
    with psycopg.connect(server.url, autocommit=True, row_factory=dict_row, options="-c timezone=UTC") as session:
        yield session
    server.release()


# Not for the whole session: while Playwright's loop runs, no other test of this process could have one.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    executable = get_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*OPTIONS, *QUIET])
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium: Browser, demo: str) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser of somebody's own: `visitor()`, or `visitor(java_script_enabled=False)`. At the end none has complained."""
    with ExitStack() as stack:
        visitors: list[Visitor] = []

        def come(**options: Any) -> Visitor:
            context = chromium.new_context(base_url=demo, locale="en-GB", **options)
            stack.callback(context.close)
            visitors.append(Visitor(context.new_page()))
            return visitors[-1]

        yield come
        assert [complaint for one in visitors for complaint in one.complaints] == []
