"""The real thing for the journeys: `rft demo` as a process of its own, and a real browser that reads every page with axe."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser import OPTIONS, get_browser

# Parts of the specification, as axe tags them: WCAG 2.0 to 2.2, levels A and AA.
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "RFT_DATA_DIR": str(tmp_path_factory.mktemp("demo"))}
    for name in ("DATABASE_URL", "RFT_BASE_URL", "STRIPE_API_BASE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "rft", "demo", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/readyz", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=60)


def wait_until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError("the demonstration did not become ready")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=get_browser(), args=OPTIONS)
        yield browser
        browser.close()


class Visitor:
    """Somebody at a browser. Every page they come to is read with axe, and must say nothing in the console."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.page: Page = context.new_page()
        self.site = site
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)
        self.look()

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button).first.click()
        self.page.wait_for_load_state()
        self.look()

    def follow(self, link: str) -> None:
        self.page.get_by_role("main").get_by_role("link", name=link).first.click()
        self.page.wait_for_load_state()
        self.look()

    def type(self, **fields: str) -> None:
        for label, text in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(text)

    def look(self) -> None:
        """Nothing wider than the screen, nothing in the console, nothing that axe finds."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px wider than the screen"
        assert self.said == [], self.page.url
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": STANDARD}})
        assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"

    def reads(self, text: str) -> None:
        assert text in " ".join(self.page.inner_text("main").split()), self.page.url


@pytest.fixture
def visitor(site: str, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """`visitor(width=390, dark=True)`: a visitor with a browser of their own."""
    contexts: list[BrowserContext] = []

    def arrive(*, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Visitor(context, site)

    yield arrive
    for context in contexts:
        context.close()
