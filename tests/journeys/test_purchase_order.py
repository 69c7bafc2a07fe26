"""A purchase order from checkout to money: asked for, accepted by Carol, found on the bank's statement, confirmed and mailed."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.test_book_pay_mail_admin import roomy_date, say_who, sign_in_as_carol
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]
EMAIL = "amina@northern-mills.example"


def test_an_organisation_pays_by_bank_on_its_purchase_order(visitor: Come, demo: str, tmp_path: Path) -> None:
    amina = visitor()
    order = amina_asks(amina, roomy_date(demo)["id"])
    carol = sign_in_as_carol(visitor)
    carol_accepts(carol, order)
    amina.go(f"/orders/{order}")
    amina.is_on("Reserved for you")
    amina.look()
    carol_matches(carol, order, tmp_path)
    amina.go(f"/orders/{order}")
    amina.is_on("You are booked")


def amina_asks(amina: Visitor, date_id: int) -> str:
    amina.go(f"/book/{date_id}")
    amina.press("Continue")
    say_who(amina, EMAIL)
    amina.press("Hold 1 place")
    amina.press("Continue")
    amina.page.get_by_text("Use a purchase order").click()
    amina.write("Organisation", "Northern Mills")
    amina.write("Purchase order number", "PO-4471")
    amina.click(amina.page.get_by_role("button", name="Reserve for £"))
    amina.is_on("Your places are kept while we look at your request")
    amina.look()
    return amina.page.url.rsplit("/", 1)[1]


def carol_accepts(carol: Visitor, order: str) -> None:
    carol.go("/office?work=all")
    carol.reads("Northern Mills asks to pay")
    carol.go(f"/office/orders/{order}")
    carol.look()
    carol.follow("Add it first")
    expect(carol.page.get_by_label("Name", exact=True)).to_have_value("Northern Mills")
    carol.look()
    carol.press("Add the organisation")
    carol.is_on("Northern Mills")
    carol.look()
    carol.go(f"/office/orders/{order}")
    carol.page.get_by_label("On whose account").select_option(label="Northern Mills")
    carol.press("Accept the purchase order")
    carol.reads("To be paid by")
    carol.go("/office/receivables")
    carol.reads("PO-4471")
    carol.look()
    carol.follow("Organisations")
    carol.look()


def carol_matches(carol: Visitor, order: str, folder: Path) -> None:
    carol.go(f"/office/orders/{order}")
    total = carol.page.locator("input[name=amount]").input_value()
    statement = folder / "bank.csv"
    # Eighteen characters are what a bank lets through.
    statement.write_text(f"Date,Description,Amount\n03/12/2026,NORTHERN MILLS {order[:18]},{total}\n", "utf-8")
    carol.follow("Bank")
    carol.page.get_by_label("File", exact=True).set_input_files(statement)
    carol.press("Import")
    carol.reads("1 new line of 1")
    carol.reads("Very likely")
    carol.look()
    carol.click(carol.page.get_by_role("button", name=f"Record £{total}"))
    carol.reads(f"order {order} is confirmed")
    carol.go(f"/office/orders/{order}")
    carol.reads_soon("Your booking is confirmed")
    carol.reads("Your seats are reserved")
    carol.reads("We have your request")
