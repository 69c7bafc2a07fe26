"""From the mail to the register: Dev opens his link, says who he is and what he needs, and the office sees that it is complete."""

from collections.abc import Callable

from tests.journeys.test_book_pay_mail_admin import pay_by, references, roomy_date, say_who, sign_in_as_carol
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]
EMAIL = "dev.shah@example.com"


def test_an_attendee_completes_their_details(visitor: Come, demo: str) -> None:
    amina = visitor()
    (booking,) = amina_books_for_dev(amina, roomy_date(demo)["id"])
    carol = sign_in_as_carol(visitor)
    link = carol_sends_the_link(carol, booking)
    dev = visitor()
    dev_tells(dev, link)
    carol.go(f"/office/bookings/{booking}/details")
    carol.is_on("Devdan Shah")
    carol.reads("Details complete")
    carol.look()


def amina_books_for_dev(amina: Visitor, date_id: int) -> list[str]:
    amina.go(f"/book/{date_id}")
    amina.press("Continue")
    say_who(amina, "amina.books@example.com")
    amina.press("Hold 1 place")
    amina.write("First name", "Dev")
    amina.write("Last name", "Shah")
    amina.page.get_by_label("E-mail").fill(EMAIL)
    amina.press("Continue")
    amina.click(amina.page.get_by_role("button", name="Pay £"))
    pay_by(amina, "4242 4242 4242 4242")
    amina.is_on("You are booked")
    return references(amina)


def carol_sends_the_link(carol: Visitor, booking: str) -> str:
    """The address in the mail."""
    carol.go(f"/office/bookings/{booking}")
    carol.click(carol.page.get_by_role("link", name="What they told us"))
    carol.is_on("Dev Shah")
    carol.press("Send a new link")
    carol.reads(f"A new link goes to {EMAIL}")
    carol.go("/office/outbox")
    carol.reads_soon(EMAIL)
    carol.click(carol.page.get_by_role("row").filter(has_text=EMAIL).get_by_role("link"))
    mail = carol.page.frame_locator("iframe")
    return mail.get_by_role("link", name="Complete my details").get_attribute("href") or ""


def dev_tells(dev: Visitor, link: str) -> None:
    dev.go(link)
    dev.is_on("Your place, Dev")
    assert "token" not in dev.page.url
    dev.look()
    dev.write("First name", "Devdan")
    dev.page.get_by_label("Date of birth").fill("1990-02-03")
    dev.page.get_by_label("What do you need to take part?").fill("A chair with arms")
    dev.press("Save my details")
    dev.reads("Details complete")
    dev.page.get_by_text("I cannot come").click()
    dev.look()
