"""Ben's register in a real browser: opened, marked with no signal, sent when there is one, merged with another phone, and closed."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from rft.kit.passwords import hash_password_now
from rft.kit.references import new_token
from tests.builders import Db, Row, reload
from tests.cast import ben
from tests.features.browser import PASSWORD
from tests.features.teaching import a_course_of, keys_of
from tests.journeys.conftest import wait_until_ready
from tests.journeys.visiting import Visitor

Come = Callable[[], Visitor]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The application as a process of its own, on the test's database."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    ours = {"DATABASE_URL": database_url, "RFT_BASE_URL": address, "RFT_DATA_DIR": str(tmp_path), "RFT_JOBS": "0"}
    ours["RFT_SECRET_KEY"] = new_token()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RFT_", "STRIPE_", "SMTP_"))}
    command = [sys.executable, "-m", "rft", "serve", "--port", str(port), "--workers", "1"]
    with (tmp_path / "log").open("w+") as log:
        server = subprocess.Popen(command, env=kept | ours, stdout=log, stderr=log)
        try:
            wait_until_ready(address, server, tmp_path / "log")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture
def phone(chromium: Browser, site: str) -> Iterator[Come]:
    """Opens a phone of Ben's that is signed in. At the end none has complained."""
    with ExitStack() as stack:
        visitors: list[Visitor] = []

        def come() -> Visitor:
            context = chromium.new_context(base_url=site, locale="en-GB", viewport={"width": 375, "height": 720})
            stack.callback(context.close)
            visitor = Visitor(context.new_page())
            visitors.append(visitor)
            visitor.go("/sign-in")
            visitor.write("E-mail", "ben@example.com")
            visitor.write("Password", PASSWORD)
            visitor.press("Sign in")
            visitor.is_on("Today")
            return visitor

        yield come
        assert [complaint for one in visitors for complaint in one.complaints] == []


def of(visitor: Visitor, booking: Row) -> Locator:
    return visitor.page.locator(f"#{booking['booking_reference']}")


def mark_all(visitor: Visitor, booking: Row) -> None:
    person = of(visitor, booking)
    person.get_by_label("Present", exact=True).check()
    person.get_by_text("Identity, signature, assessment, note").click()
    person.get_by_label("Identity seen").select_option("passport")
    for passed in person.get_by_label("Passed", exact=True).all():
        passed.check()
    pad = person.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box: Any = pad.bounding_box()
    visitor.page.mouse.move(box["x"] + 20, box["y"] + 20)
    visitor.page.mouse.down()
    visitor.page.mouse.move(box["x"] + 150, box["y"] + 60, steps=5)
    visitor.page.mouse.up()
    person.get_by_role("button", name="Keep signature").click()


def test_ben_keeps_the_register_without_a_signal_and_closes_the_course(phone: Come, db: Db) -> None:
    teacher = ben(db, password_hash=hash_password_now(PASSWORD))
    schedule, (amina, bilal) = a_course_of(db, teacher, "Amina", "Bilal")
    page = f"/instructor/register/{keys_of(db, schedule)[0]}"
    first = phone()
    first.look()
    first.go(page)
    status = first.page.locator("[data-status]")
    expect(status).to_contain_text("works without a signal")
    first.look()
    first.page.set_viewport_size({"width": 375, "height": 720})

    first.page.context.set_offline(True)
    mark_all(first, amina)
    expect(status).to_contain_text("8 marks kept on this phone")
    first.page.reload()
    expect(of(first, amina).locator("[data-shown]")).to_have_text("Present")
    expect(status).to_contain_text("8 marks kept on this phone")
    assert db.execute("select count(*) as marks from register_marks").fetchone() == {"marks": 0}

    second = phone()
    second.go(page)
    of(second, amina).get_by_label("Absent", exact=True).check()
    of(second, bilal).get_by_label("Absent", exact=True).check()
    expect(second.page.locator("[data-status]")).to_contain_text("All is saved")

    first.page.context.set_offline(False)
    expect(status).to_contain_text("All is saved")
    expect(of(first, bilal).locator("[data-shown]")).to_have_text("Absent")
    assert db.execute("select count(*) as marks from register_marks").fetchone() == {"marks": 10}
    expect(of(first, amina)).to_contain_text("Two devices differ")
    first.look()
    of(first, amina).get_by_role("button", name="Keep this: Present").click()
    expect(of(first, amina)).not_to_contain_text("Two devices differ")
    expect(status).to_contain_text("All is saved")

    first.follow("Close the course")
    first.reads("Ready")
    first.look()
    first.press("Close the course")
    first.reads("1 completed, 1 never came, 0 held")
    assert [reload(db, "bookings", one)["status"] for one in (amina, bilal)] == ["completed", "no_show"]
