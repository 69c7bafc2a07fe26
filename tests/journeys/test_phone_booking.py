"""A call: Carol books for Amina, moves her to another date, and cancels, in a real browser; from page to page with the keys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.journeys.test_book_pay_mail_admin import sign_in_as_carol
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]


def far_dates(demo: str) -> list[dict[str, Any]]:
    """Dates with room, more than a month away, the soonest first."""
    from_day = (datetime.now(UTC) + timedelta(days=35)).isoformat()
    listed = httpx.get(f"{demo}/api/v1/schedules", params={"available": "true", "limit": 100}, trust_env=False).json()[
        "items"
    ]
    return [date for date in listed if date["seats_left"] >= 2 and date["start"] > from_day]


def test_carol_books_moves_and_cancels_on_the_telephone(visitor: Come, demo: str) -> None:
    first = far_dates(demo)[0]
    carol = sign_in_as_carol(visitor)
    carol_books(carol, first)
    carol.click(carol.page.get_by_role("link", name="Amina Khan"))
    booking = carol.page.url
    carol_moves(carol)
    carol.go(booking)
    carol_cancels(carol)
    carol.reads("Cancelled")
    carol.look()


def carol_books(carol: Visitor, date: dict[str, Any]) -> None:
    carol.go("/office/bookings")
    carol.look()
    carol.click(carol.page.get_by_role("link", name="Book by telephone"))
    carol.is_on("Book by telephone")
    carol.look()
    carol.go(f"/office/bookings/new/{date['id']}")
    carol.look()
    carol.write("First name", "Amina")
    carol.write("Last name", "Khan")
    carol.write("E-mail", "amina.calls@example.com")
    carol.page.get_by_label("The caller takes one of the places").check()
    carol.page.get_by_label("Cash, now").check()
    carol.press_keys("button", "Book")
    carol.reads("The places are paid and confirmed.")
    carol.reads("Taken on the telephone")


def carol_moves(carol: Visitor) -> None:
    carol.press_keys("link", "Move")
    carol.look()
    carol.page.get_by_label("To", exact=True).select_option(index=1)
    carol.page.get_by_label("If it costs more").select_option("waive")
    carol.page.get_by_label("Reason").fill("She asked on the telephone")
    carol.press_keys("button", "Move the place")
    carol.reads("The place is moved.")


def carol_cancels(carol: Visitor) -> None:
    carol.press_keys("link", "Cancel")
    carol.look()
    carol.page.locator("input[name='who'][value='customer']").check()
    carol.page.locator("[name='reason']").fill("She is ill")
    carol.click(carol.page.locator("main form button[type='submit']"))
    expect(carol.page.locator("main")).to_contain_text("The place is cancelled")
