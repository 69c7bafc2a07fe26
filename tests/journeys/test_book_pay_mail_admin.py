"""One order from the home page to the office, in a real browser: booked, declined, paid, mailed, and seen by Carol."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import expect

from rft.database.commands import DEMO_PASSWORD
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]
DECLINED = "4000 0000 0000 0002"
EMAIL = "amina.khan@example.com"


def roomy_date(demo: str, *, places: int = 4) -> dict[str, Any]:
    """The first date on the list with so many places left."""
    listed = httpx.get(f"{demo}/api/v1/schedules", params={"available": "true"}, trust_env=False).json()["items"]
    return next(date for date in listed if date["seats_left"] >= places)


def say_who(visitor: Visitor, email: str) -> None:
    visitor.write("First name", "Amina")
    visitor.write("Last name", "Khan")
    visitor.write("E-mail", email)


def pay_by(visitor: Visitor, card: str | None = None) -> None:
    """On the practice payment page; a card that pays is filled in there."""
    if card is not None:
        visitor.write("Card number", card)
    visitor.click(visitor.page.get_by_role("button", name="Pay £"))


def references(visitor: Visitor) -> list[str]:
    """Of the places of the order shown."""
    return visitor.page.locator(".seat-list").get_by_text("RFT-").all_inner_texts()


def sign_in_as_carol(come: Come) -> Visitor:
    carol = come()
    carol.go("/office")
    carol.is_on("Sign in")
    carol.write("E-mail", "carol@demo.example")
    carol.write("Password", DEMO_PASSWORD)
    carol.press("Sign in")
    return carol


def test_amina_books_two_places_and_the_office_sees_them_paid(visitor: Come, demo: str, tmp_path: Path) -> None:
    amina, date = visitor(), roomy_date(demo)
    order = amina_books(amina, date)
    amina_pays(amina, order, tmp_path)
    carol = sign_in_as_carol(visitor)
    carol_sees(carol, order, references(amina))


def amina_books(amina: Visitor, date: dict[str, Any]) -> str:
    amina.go("/")
    amina.look()
    amina.press("Show dates")
    amina.look()
    amina.click(amina.page.locator(f"a[href='/dates/{date['id']}']"))
    amina.look()
    amina.click(amina.page.locator(f"a[href='/book/{date['id']}']"))
    amina.is_on(f"Book {date['course']['name']}")
    amina.page.get_by_label("2", exact=True).check()
    amina.page.get_by_text("I have a discount code").click()
    amina.page.get_by_label("Discount code").fill("welcome10")
    amina.press("Update the price")
    amina.reads("Code WELCOME10")
    amina.look()
    amina.press("Continue")
    amina.is_on("Who is booking?")
    say_who(amina, EMAIL)
    amina.page.get_by_label("One of the places is for me").check()
    amina.look()
    amina.press("Hold 2 places")
    amina.is_on("Who is coming?")
    amina.page.get_by_label("First name").nth(1).fill("Bilal")
    amina.page.get_by_label("Last name").nth(1).fill("Khan")
    amina.look()
    amina.press("Continue")
    amina.is_on("Check and pay")
    for text in ("Amina Khan", "Bilal Khan", EMAIL, "By paying or reserving you accept our terms"):
        amina.reads(text)
    amina.look()
    return amina.page.url.split("/")[-2]


def amina_pays(amina: Visitor, order: str, folder: Path) -> None:
    amina.click(amina.page.get_by_role("button", name="Pay £"))
    expect(amina.page.get_by_role("heading", level=1)).to_contain_text("Pay £")
    pay_by(amina, DECLINED)
    amina.reads("You have not paid.")
    amina.reads("Your card was declined.")
    pay_by(amina, "4242 4242 4242 4242")
    amina.is_on("You are booked")
    assert amina.page.url.endswith(f"/orders/{order}")
    assert len(set(references(amina))) == 2
    amina.look()
    with amina.page.expect_download() as download:
        amina.page.get_by_role("link", name="Add to my calendar").click()
    calendar = folder / "course.ics"
    download.value.save_as(calendar)
    assert calendar.read_text("utf-8").startswith("BEGIN:VCALENDAR")


def carol_sees(carol: Visitor, order: str, seats: list[str]) -> None:
    expect(carol.page).to_have_title("Today – React Fast Training")
    carol.look()
    carol.follow("Orders")
    carol.is_on("Orders")
    carol.reads("Amina Khan")
    carol.look()
    carol.follow(order)
    # In Stripe's words, or, where it was asked only after the second card had paid, in ours.
    carol.reads_soon("card was declined.")
    for reference in seats:
        carol.reads(reference)
    carol.look()
    carol.follow("Outbox")
    carol.is_on("Outbox")
    carol.reads_soon(EMAIL)
    carol.look()
    carol.click(carol.page.get_by_role("row").filter(has_text=EMAIL).get_by_role("link"))
    mail = carol.page.frame_locator("iframe")
    for reference in seats:
        expect(mail.locator("body")).to_contain_text(reference)
    carol.look()


def test_the_first_steps_need_no_mouse(visitor: Come, demo: str) -> None:
    amina, date = visitor(viewport={"width": 1280, "height": 800}), roomy_date(demo)
    page = amina.page
    amina.go("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    amina.tab_to(page.get_by_role("button", name="Show dates"))
    amina.strike("Enter")
    amina.tab_to(page.locator(f"a[href='/dates/{date['id']}']").first, most=120)
    amina.strike("Enter")
    amina.tab_to(page.locator(f"a[href='/book/{date['id']}']").first)
    amina.strike("Enter")
    amina.is_on(f"Book {date['course']['name']}")
    amina.tab_to(page.get_by_label("1", exact=True))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("2", exact=True)).to_be_checked()
    amina.tab_to(page.get_by_role("button", name="Continue"))
    amina.strike("Enter")
    amina.is_on("Who is booking?")
    for label, text in (("First name", "Amina"), ("Last name", "Khan"), ("E-mail", "keys@example.com")):
        amina.tab_to(page.get_by_label(label, exact=True))
        page.keyboard.type(text)
    amina.tab_to(page.get_by_role("button", name="Hold 2 places"))
    amina.strike("Enter")
    amina.is_on("Who is coming?")


def test_without_a_script_the_same_booking_works(visitor: Come, demo: str) -> None:
    amina, date = visitor(java_script_enabled=False), roomy_date(demo)
    amina.go("/")
    amina.press("Show dates")
    amina.click(amina.page.locator(f"a[href='/dates/{date['id']}']"))
    amina.click(amina.page.locator(f"a[href='/book/{date['id']}']"))
    amina.press("Continue")
    say_who(amina, "no-script@example.com")
    amina.press("Hold 1 place")
    amina.is_on("Who is coming?")
    amina.press("Continue")
    amina.click(amina.page.get_by_role("button", name="Pay £"))
    pay_by(amina)
    amina.is_on("You are booked")
    assert len(references(amina)) == 1


def test_a_hold_counts_down_and_gives_its_place_back(visitor: Come, demo: str) -> None:
    amina, date = visitor(), roomy_date(demo)
    amina.go(f"/book/{date['id']}")
    amina.press("Continue")
    say_who(amina, "changed-her-mind@example.com")
    amina.press("Hold 1 place")
    left = amina.page.locator("[data-hold-left]")
    expect(left).to_have_text(re.compile(r"(30|29):\d\d"))
    shown = left.inner_text()
    expect(left).not_to_have_text(shown)
    amina.press("Give the place back")
    amina.is_on(date["course"]["name"])
    expect(amina.page.get_by_text("You have given the places back. You have not been charged.")).to_be_visible()
