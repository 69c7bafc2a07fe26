"""Amina books, pays and cancels: she sees the sum first, the practice Stripe sends it back, and the mail says so."""

import re
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.journeys.test_book_pay_mail_admin import pay_by, references, say_who, sign_in_as_carol
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]
EMAIL = "amina.cancels@example.com"


def far_date(demo: str) -> dict[str, Any]:
    """The last date on the list's first page: so far ahead that money goes back."""
    listed = httpx.get(f"{demo}/api/v1/schedules", params={"available": "true", "limit": 100}, trust_env=False).json()
    return next(date for date in reversed(listed["items"]) if date["seats_left"] >= 2)


def test_amina_cancels_and_gets_what_she_was_shown(visitor: Come, demo: str) -> None:
    amina, date = visitor(), far_date(demo)
    amina.go(f"/book/{date['id']}")
    amina.press("Continue")
    say_who(amina, EMAIL)
    amina.press("Hold 1 place")
    amina.press("Continue")
    amina.click(amina.page.get_by_role("button", name="Pay £"))
    pay_by(amina, "4242 4242 4242 4242")
    amina.is_on("You are booked")
    (seat,) = references(amina)
    amina.follow("Move to another date")
    amina.look()
    amina.follow("Back to your booking")
    amina.follow("Cancel the place")
    amina.is_on("Cancel this place?")
    amina.look()
    button = amina.page.get_by_role("button", name=re.compile("Cancel and get £"))
    shown = button.inner_text().split("£")[1].split(" ")[0]
    amina.click(button)
    amina.is_on("This booking is cancelled")
    amina.reads(f"£{shown} goes back")
    amina.look()
    carol = sign_in_as_carol(visitor)
    carol.go(f"/office/bookings/{seat}")
    carol.reads("Cancelled")
    # The ledger's row is written when Stripe has said that it has sent the money back.
    carol.reads_soon(f"−£{shown}")
    carol.look()
    carol.follow("Outbox")
    carol.reads_soon("Your cancellation")
    carol.click(carol.page.get_by_role("row").filter(has_text="Your cancellation").get_by_role("link"))
    expect(carol.page.frame_locator("iframe").locator("body")).to_contain_text(f"£{shown} to your card")


def test_carol_sees_what_cancelling_a_date_would_do(visitor: Come, demo: str) -> None:
    carol, date = sign_in_as_carol(visitor), far_date(demo)
    carol.go(f"/office/schedules/{date['id']}/cancellation")
    carol.is_on("Cancel this date")
    carol.look()
