"""What the company is for, in one go: a place, its holder's details, a register without a signal, a certificate anyone can check."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
from playwright.sync_api import expect
from pypdf import PdfReader

from rft.kit.clock import utc_now
from rft.kit.passwords import hash_password_now
from tests.builders import Db, Row, a_schedule, a_venue, move_schedule_to_past
from tests.cast import ben
from tests.features.attending import link_in
from tests.features.browser import PASSWORD
from tests.features.mailing import one, rows
from tests.journeys.test_register_offline import mark_all
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]
EMAIL = "noor.malik@example.com"


def test_from_a_place_to_a_certificate(visitor: Come, demo: str, demo_db: Db) -> None:
    date = a_date_of_ravis(demo_db)
    amina, carol = visitor(), visitor()
    amina.sign_in("amina@demo.example")
    carol.sign_in("carol@demo.example")
    order = amina_books_for_noor(amina, date)
    seat = one(
        demo_db,
        "select booking_reference, booking.id from bookings as booking where course_schedule_id = %(id)s",
        id=date["id"],
    )
    carol_is_paid(carol, order, seat)
    noor_tells(visitor(), noors_link(carol, demo_db, seat))
    move_schedule_to_past(demo_db, date)
    ravi_keeps_the_register(visitor(viewport={"width": 375, "height": 720}), date, seat)
    number = carol_issues(carol, date)
    amina_sees_it(amina, demo_db)
    dev = visitor()
    code = what_the_code_says(carol, number)
    dev_scans(dev, code)
    carol_revokes(carol, number)
    dev.go(code.removeprefix(demo).partition("#")[0])
    dev.reads("This certificate was revoked")
    dev.look()


def a_date_of_ravis(db: Db) -> Row:
    """Ten days ahead, in a room of its own."""
    ravi = ben(db, email="ravi@demo.example", first_name="Ravi", password_hash=hash_password_now(PASSWORD))
    course = one(db, "select * from courses where name = 'Emergency First Aid at Work'")
    start = (utc_now() + timedelta(days=10)).replace(hour=9, minute=30, second=0, microsecond=0)
    venue = a_venue(db, name="Ravi's Rooms", capacity=4)
    return a_schedule(db, course=course, venue=venue, instructor_id=ravi["id"], start_datetime=start)


def amina_books_for_noor(amina: Visitor, date: Row) -> str:
    amina.go("/organisation")
    form = amina.page.locator("details", has_text="Add a person")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    amina.write("First name", "Noor")
    amina.write("Last name", "Malik")
    amina.page.get_by_label("E-mail").first.fill(EMAIL)
    amina.press("Add")
    amina.click(amina.page.get_by_role("link", name="Book places for people"))
    amina.page.get_by_role("checkbox", name="Noor Malik").check()
    amina.page.get_by_label("Which date?").select_option(value=str(date["id"]))
    amina.page.get_by_label("Purchase order number").fill("PO-77")
    amina.press("Book these places")
    amina.look()
    return amina.page.url.rsplit("/", 1)[1]


def carol_is_paid(carol: Visitor, order: str, seat: Row) -> None:
    carol.go(f"/office/orders/{order}")
    carol.page.get_by_label("How it was paid").select_option(label="Bank transfer")
    carol.press("Record payment")
    carol.go(f"/office/bookings/{seat['booking_reference']}")
    carol.reads("Confirmed")


def noors_link(carol: Visitor, db: Db, seat: Row) -> str:
    """As it stands in the mail."""
    carol.go(f"/office/bookings/{seat['booking_reference']}/details")
    carol.press("Send a new link")
    mails: list[Row] = []
    for _ in range(60):
        mails = rows(
            db,
            "select * from outbox_mails where email_type = 'attendee_invitation' and recipient = %(it)s order by id desc",
            it=EMAIL,
        )
        if mails:
            break
        carol.page.wait_for_timeout(250)
    return link_in(mails[0])


def noor_tells(noor: Visitor, link: str) -> None:
    noor.go(link)
    noor.is_on("Your place, Noor")
    noor.write("First name", "Noor Jahan")
    noor.page.get_by_label("Date of birth").fill("1988-04-05")
    noor.press("Save my details")
    noor.reads("Details complete")


def ravi_keeps_the_register(ravi: Visitor, date: Row, seat: Row) -> None:
    ravi.sign_in("ravi@demo.example", PASSWORD)
    ravi.go(f"/instructor/register/date-{date['id']}")
    status = ravi.page.locator("[data-status]")
    expect(status).to_contain_text("works without a signal")
    ravi.page.context.set_offline(True)
    mark_all(ravi, seat)
    expect(status).to_contain_text("marks kept on this phone")
    ravi.page.context.set_offline(False)
    expect(status).to_contain_text("All is saved")
    ravi.follow("Close the course")
    ravi.reads("Ready")
    ravi.press("Close the course")
    ravi.reads("1 completed")


def carol_issues(carol: Visitor, date: Row) -> str:
    """By the keyboard; the number of the certificate."""
    carol.go(f"/office/schedules/{date['id']}/certificates")
    # Closing the course may have asked for them already.
    carol.tab_to(carol.page.get_by_role("button", name="Issue all that are due"), most=90)
    carol.strike("Enter")
    carol.reads_soon("Noor Jahan Malik")
    carol.look()
    return carol.page.get_by_role("link", name="RFT-C-").inner_text()


def amina_sees_it(amina: Visitor, db: Db) -> None:
    amina.go("/organisation")
    expect(amina.page.get_by_role("row").filter(has_text="Noor Malik")).to_contain_text("Valid")
    amina.look()
    amina.press("Make a signed list of today")
    expect(amina.page.get_by_text("is signed. Print it and put it up.")).to_be_visible()
    made = one(db, "select reference from first_aider_lists order by id desc limit 1")
    amina.go(f"/first-aiders/{made['reference']}")
    amina.reads("Signature verified")
    amina.look()


def what_the_code_says(carol: Visitor, number: str) -> str:
    """The address in the QR code of the certificate's file; its keywords carry the same signed claim."""
    address: Any = carol.page.url.partition("/office")[0]
    cookies = {cookie["name"]: cookie["value"] for cookie in carol.page.context.cookies()}
    pdf = httpx.get(f"{address}/office/certificates/{number}/file", cookies=cookies, trust_env=False).content
    words: Any = PdfReader(BytesIO(pdf)).metadata
    token = max(words["/Keywords"].replace(",", " ").split(), key=len)
    return f"{address}/certificates/{number}#{token}"


def dev_scans(dev: Visitor, code: str) -> None:
    dev.page.goto(code)
    dev.reads("This certificate is genuine and valid")
    dev.look()
    dev.page.get_by_text("I have scanned its QR code").click()
    dev.page.get_by_label("Text of the QR code").fill(code)
    dev.press("Verify the signature")
    dev.reads("Noor Jahan Malik")
    dev.look()


def carol_revokes(carol: Visitor, number: str) -> None:
    carol.go(f"/office/certificates/{number}")
    carol.page.get_by_text("Revoke this certificate").click()
    carol.page.get_by_label("Reason").select_option(index=1)
    carol.look()
    carol.press("Revoke")
    carol.reads("Revoked by Carol")
