"""The whole way, in a real browser: book, pay, get the mail, and the office sees it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from rft.database.commands import DEMO_PASSWORD
from tests.journeys.conftest import Visitor

Arrive = Callable[..., Visitor]
DECLINED = "4000 0000 0000 0002"


def open_date(visitor: Visitor) -> str:
    """The path of a date with places left, as somebody finds it who looks for one."""
    visitor.go("/dates")
    book = visitor.page.get_by_role("main").get_by_role("link", name=re.compile("^Book")).nth(3)
    return str(book.get_attribute("href")).replace("/book/", "/dates/")


def book_places(visitor: Visitor, email: str, *, code: str = "") -> None:
    """From a date to the review of the order."""
    visitor.go(open_date(visitor))
    visitor.follow("Book")
    visitor.page.get_by_label("2", exact=True).check()
    if code:
        visitor.page.get_by_text("I have a discount code").click()
        visitor.page.get_by_label("Discount code").fill(code)
    visitor.press("Continue")
    visitor.type(First_name="Amina", Last_name="Yusuf", **{"E-mail": email})
    visitor.press("Hold 2 places")
    visitor.press("Continue")


def sign_in(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    visitor.page.get_by_label(re.compile("E-mail")).fill("carol@demo.example")
    visitor.page.get_by_label(re.compile("^Password")).fill(DEMO_PASSWORD)
    visitor.press("Sign in")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_amina_books_and_pays_and_carol_sees_it(visitor: Arrive, width: int, dark: bool) -> None:
    amina, carol = visitor(width=width, dark=dark), visitor(width=width, dark=dark)
    email = f"amina.{width}@people.example"
    book_places(amina, email, code="WELCOME10")
    amina.press("Pay £")
    amina.page.get_by_role("button", name="Pay £").click()
    amina.page.wait_for_url("**/orders/ORD-*")
    amina.look()
    amina.reads("You are booked")
    reference = amina.page.url.rsplit("/", 1)[1].partition("?")[0]

    sign_in(carol)
    carol.go("/office")
    carol.go("/office/orders")
    carol.go(f"/office/orders/{reference}")
    carol.reads("Confirmed")
    carol.go("/office/bookings")
    carol.go("/office/activity")
    carol.go("/office/emails")
    expect_mail(carol, email)


def expect_mail(carol: Visitor, email: str) -> None:
    """The confirmation is written by a job: it is there soon, not at once."""
    carol.go("/office/outbox")
    for _ in range(60):
        if email in carol.page.inner_text("main"):
            break
        carol.page.wait_for_timeout(500)
        carol.page.reload()
    carol.page.get_by_role("main").get_by_role("row").filter(has_text=email).get_by_role("link").first.click()
    carol.page.wait_for_load_state()
    carol.reads("confirmed")


def test_a_declined_card_can_be_followed_by_a_good_one(visitor: Arrive) -> None:
    dev = visitor()
    book_places(dev, "dev@people.example")
    dev.press("Pay £")
    dev.page.get_by_label(re.compile("Card number")).fill(DECLINED)
    dev.page.get_by_role("button", name="Pay £").click()
    expect(dev.page.get_by_text("declined").first).to_be_visible()
    dev.page.get_by_label(re.compile("Card number")).fill("4242 4242 4242 4242")
    dev.page.get_by_role("button", name="Pay £").click()
    dev.page.wait_for_url("**/orders/ORD-*")
    dev.reads("You are booked")


def test_without_scripts_the_same_booking_works_on_the_smallest_screen(visitor: Arrive) -> None:
    ben = visitor(width=320, scripts=False)
    ben.look = lambda: None  # type: ignore[method-assign] # axe is a script itself
    book_places(ben, "ben.at.home@people.example")
    ben.press("Pay £")
    ben.page.get_by_role("button", name="Pay £").click()
    ben.page.wait_for_url("**/orders/ORD-*")
    ben.reads("You are booked")


@pytest.mark.parametrize("dark", [False, True])
def test_every_public_page_reads_well_at_320_pixels(visitor: Arrive, dark: bool) -> None:
    anybody = visitor(width=320, dark=dark)
    for path in (
        "/",
        "/courses",
        "/courses/1",
        "/dates",
        "/orders/find",
        "/sign-in",
        "/terms",
        "/privacy",
        "/accessibility",
    ):
        anybody.go(path)


def test_the_first_steps_need_no_mouse(visitor: Arrive) -> None:
    amina = visitor()
    amina.go(open_date(amina))
    amina.page.get_by_role("main").get_by_role("link", name="Book").first.focus()
    outline = amina.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    amina.page.keyboard.press("Enter")
    amina.page.wait_for_url("**/book/*")
    amina.page.get_by_role("button", name="Continue").focus()
    amina.page.keyboard.press("Enter")
    amina.page.wait_for_url("**/who?*")
    amina.look()
