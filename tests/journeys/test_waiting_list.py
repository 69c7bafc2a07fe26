"""A date is full: Amina waits, Carol cancels somebody's place, and Amina is offered it and books, in a real browser."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.journeys.test_book_pay_mail_admin import pay_by, sign_in_as_carol
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]
EMAIL = "amina.waits@example.com"


def full_date(demo: str) -> dict[str, Any]:
    """The last date on the list that has no place left."""
    listed = httpx.get(f"{demo}/api/v1/schedules", params={"available": "false", "limit": 100}, trust_env=False)
    return next(date for date in reversed(listed.json()["items"]) if date["seats_left"] == 0)


def test_amina_waits_for_a_place_and_books_it(visitor: Come, demo: str) -> None:
    date, amina = full_date(demo), visitor()
    amina_joins(amina, date)
    carol = sign_in_as_carol(visitor)
    carol_cancels_a_place(carol, date)
    amina.go(the_link_in_her_mail(carol))
    amina.reads_soon("There is room for you")
    amina.look()
    amina.press_keys("button", "Take the offer")
    amina.is_on("Who is coming?")
    amina.press("Continue")
    amina.click(amina.page.get_by_role("button", name="Pay £"))
    pay_by(amina)
    amina.is_on("You are booked")
    carol.go(f"/office/schedules/{date['id']}/waiting")
    carol.reads("Booked")
    carol.look()


def amina_joins(amina: Visitor, date: dict[str, Any]) -> None:
    amina.go(f"/dates/{date['id']}")
    amina.click(amina.page.get_by_role("link", name="Join the waiting list"))
    amina.is_on("Join the waiting list")
    amina.look()
    for label, text in (("First name", "Amina"), ("Last name", "Khan"), ("E-mail", EMAIL)):
        amina.page.get_by_label(label).fill(text)
    amina.press_keys("button", "Join the waiting list")
    amina.is_on("You are on the waiting list")


def carol_cancels_a_place(carol: Visitor, date: dict[str, Any]) -> None:
    carol.go(f"/office/bookings?schedule={date['id']}&status=confirmed")
    carol.page.get_by_role("checkbox", name="RFT-").first.check()
    carol.page.get_by_label("With those chosen").select_option("cancel")
    carol.press("See what would happen")
    carol.is_on("Cancel bookings")
    carol.look()
    carol.page.get_by_label("Reason").fill("She is ill")
    carol.press_keys("button", "Cancel 1 booking")
    carol.is_on("Bookings")


def the_link_in_her_mail(carol: Visitor) -> str:
    carol.go("/office/outbox")
    carol.reads_soon("You are on the waiting list")
    carol.click(carol.page.get_by_role("row").filter(has_text=EMAIL).get_by_role("link"))
    # Of the two mails the newer may be the offer already; both lead to the same page.
    link = carol.page.frame_locator("iframe").locator("a[href*='/waiting/']")
    return "/" + str(link.get_attribute("href")).split("/", 3)[3]
