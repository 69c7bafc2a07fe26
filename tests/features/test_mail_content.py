"""What a mail says: the right person, the right days, the right amount, and nothing that anybody smuggled in."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.notifications import outbox, service
from rft.notifications.compose import CONFIRMATION, PAYMENT_DUE, RESERVED, Kind, Mail, as_message
from rft.notifications.facts import Company
from tests.builders import Db, Row, a_course, a_payment, a_schedule, a_venue, insert, update
from tests.features.mailing import an_order, cancel, one, utc

COMPANY = Company("React Fast Training", "01234 567890", "office@rft.example", ["The Training Rooms", "Leeds"], None)
WRITTEN = utc(2031, 1, 2, 3, 4, 5)


async def written(database: Database, order: Row, kind: Kind = CONFIRMATION) -> outbox.OutboxMail:
    async with database.transaction() as db:
        mail_id = await service.write_to_booker(db, kind, order["id"], base_url="https://booking.example")
        assert mail_id is not None
        mail = await outbox.find_mail(db, mail_id)
    assert mail is not None
    return mail


def a_mail(recipient: str = "amina@example.com") -> Mail:
    return Mail("hello:1", "hello", recipient, "Hello", "text", "<p>html</p>", None, [])


def over_the_wire(message: EmailMessage) -> EmailMessage:
    parsed = message_from_bytes(message.as_bytes(), policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


async def test_the_confirmation_says_who_what_when_where_and_how_much(database: Database, db: Db) -> None:
    db.execute(
        "update company_profile set name = %s, phone = %s, email = %s, address_lines = %s",
        (COMPANY.name, COMPANY.phone, COMPANY.email, COMPANY.address_lines),
    )
    venue = a_venue(db, name="Leeds Rooms", address_line2="Second floor", parking_info="Free behind the house")
    schedule = a_schedule(db, venue=venue, start_datetime=utc(2031, 7, 1, 8, 30), end_datetime=utc(2031, 7, 1, 15, 30))
    order = an_order(db, schedule=schedule, people=("Amina Khan", None), price="75.00", discount="7.50", vat="22.50")
    mail = await written(database, order)
    assert mail.recipient == "amina@example.com"
    assert mail.subject == "Your booking is confirmed: Emergency First Aid at Work, Tuesday 1 July 2031"
    assert (
        mail.text_body
        == f"""Hello Amina Khan,

your booking is confirmed. Thank you for choosing React Fast Training.

Emergency First Aid at Work
Tuesday 1 July 2031, 09:30 to 16:30

WHERE
Leeds Rooms, 1 High Street, Second floor, Leeds, LS1 1AA
Parking: Free behind the house

WHO
{order["bookings"][0]["booking_reference"]}: Amina Khan
{order["bookings"][1]["booking_reference"]}: name to be given

PAYMENT
Price: £150.00
Discount: £15.00
Paid by card: £135.00 for 2 seats
This includes VAT of £22.50

CHANGES
To name or replace an attendee, or to cancel, open your order {order["reference"]}:
https://booking.example/orders/{order["reference"]}
The page may ask you for this e-mail address.

The course is in your calendar with the file that comes with this mail.

React Fast Training
The Training Rooms, Leeds
Telephone 01234 567890, e-mail office@rft.example"""
    )


async def test_the_html_says_the_same_and_loads_nothing(database: Database, db: Db) -> None:
    order = an_order(db, people=("Amina Khan", "Zoë Brown"))
    html = (await written(database, order)).html_body
    for said in ("Amina Khan", "Zoë Brown", "£150.00", "Paid by card, 2 seats", f"/orders/{order['reference']}"):
        assert said in html
    assert "<style" not in html
    assert "src=" not in html


async def test_seats_reserved_on_a_purchase_order_are_not_called_paid(database: Database, db: Db) -> None:
    order = an_order(
        db, confirmed=False, payment_method="invoice", purchase_order="PO-77", organisation_name="Acme & Sons"
    )
    mail = await written(database, order, RESERVED)
    assert mail.email_type == "order_reserved"
    assert re.search(r"To pay by \w+day \d+ \w+ \d{4}: £75.00 for 1 seat\nYour purchase order: PO-77\n", mail.text_body)
    assert "reserved for Acme & Sons." in mail.text_body
    assert "Acme &amp; Sons" in mail.html_body
    assert "Paid" not in mail.text_body + mail.html_body


async def test_who_has_paid_a_part_is_asked_for_the_rest_and_told_where_to(database: Database, db: Db) -> None:
    db.execute(
        "update company_profile set bank_account_name = 'React', bank_sort_code = '12-34-56', bank_account_number = '12345678'"
    )
    order = an_order(db, confirmed=False, payment_method="invoice", purchase_order="PO-77", organisation_name="Acme")
    a_payment(db, order["bookings"][0], amount=50)
    for kind in (RESERVED, PAYMENT_DUE):
        mail = await written(database, order, kind)
        assert re.search(r"Received so far: £50.00\nTo pay.*: £25.00 for 1 seat\n", mail.text_body)
        assert "React, sort code 12-34-56, account number 12345678\n" in mail.text_body
        assert "<td>£25.00</td>" in re.sub(r"<td [^>]*>", "<td>", mail.html_body)


async def test_a_free_seat_costs_nothing(database: Database, db: Db) -> None:
    mail = await written(database, an_order(db, price="0.00", payment_method="free"))
    assert "Nothing to pay for 1 seat\n" in mail.text_body


async def test_only_seats_that_are_taken_are_listed_and_counted(database: Database, db: Db) -> None:
    order = an_order(db, people=("Amina Khan", "Zoë Brown"))
    cancel(db, order["bookings"][0])
    mail = await written(database, order)
    assert "Amina Khan" not in mail.text_body.partition("WHO")[2]
    assert "£75.00 for 1 seat\n" in mail.text_body
    assert mail.booking_ids == [order["bookings"][1]["id"]]


async def test_another_orders_people_are_not_in_it(database: Database, db: Db) -> None:
    schedule = a_schedule(db)
    an_order(db, schedule=schedule, people=("Dev Shah",))
    mail = await written(database, an_order(db, schedule=schedule))
    assert "Dev" not in mail.text_body + mail.html_body


async def test_a_seat_that_was_moved_shows_its_own_date(database: Database, db: Db) -> None:
    order = an_order(db, people=("Amina Khan", "Zoë Brown"), schedule=a_schedule(db, start_datetime=utc(2031, 1, 6, 9)))
    later = a_schedule(db, start_datetime=utc(2031, 2, 3, 9))
    update(db, "bookings", order["bookings"][1], course_schedule_id=later["id"])
    text = (await written(database, order)).text_body
    assert "Amina Khan, from Monday 6 January 2031, 09:00 to 16:00\n" in text
    assert "Zoë Brown, from Monday 3 February 2031, 09:00 to 16:00\n" in text


async def test_each_day_of_a_long_course_stands_with_its_venue(database: Database, db: Db) -> None:
    start, end = utc(2031, 1, 6, 9), utc(2031, 1, 8, 16)
    schedule = a_schedule(db, venue=a_venue(db, name="Old Mill"), start_datetime=start, end_datetime=end)
    insert(db, "schedule_sessions", course_schedule_id=schedule["id"], starts_at=start, ends_at=start.replace(hour=16))
    other = a_venue(db, name="Fire Station", city="York")["id"]
    insert(
        db,
        "schedule_sessions",
        course_schedule_id=schedule["id"],
        starts_at=end.replace(hour=10),
        ends_at=end,
        venue_id=other,
    )
    text = (await written(database, an_order(db, schedule=schedule))).text_body
    assert (
        "Monday 6 January 2031, 09:00 to 16:00, at Old Mill\nWednesday 8 January 2031, 10:00 to 16:00, at Fire Station"
        in text
    )
    assert "Old Mill, 1 High Street, Leeds, LS1 1AA\nFire Station, 1 High Street, York, LS1 1AA\n" in text


async def test_what_people_type_adds_no_header_no_line_and_no_markup(database: Database, db: Db) -> None:
    trick = "Amina\r\nBcc: dev@example.com\n\n<script>alert(1)</script>{{ 7*7 }}"
    schedule = a_schedule(db, course=a_course(db, name="First\r\nBcc: dev@example.com\r\nAid"))
    mail = await written(database, an_order(db, schedule=schedule, people=(f"{trick} Khan",), booker_name=trick))
    message = over_the_wire(as_message(1, mail, COMPANY, WRITTEN))
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Your booking is confirmed: First Bcc: dev@example.com Aid, ")
    assert "\nBcc" not in mail.text_body
    assert "{{ 7*7 }}" in mail.text_body
    assert "<script" not in mail.html_body


@pytest.mark.parametrize(
    "recipient",
    [
        "amina@example.com\r\nBcc: dev@example.com",
        "amina",
        "@example.com",
        "a b@example.com",
        "",
        "a@" + "x" * 64 + ".com",
    ],
)
def test_a_recipient_that_is_no_address_is_refused(recipient: str) -> None:
    with pytest.raises(ValueError, match="no e-mail address"):
        as_message(1, a_mail(recipient=recipient), COMPANY, WRITTEN)


def test_a_domain_outside_ascii_travels_in_its_ascii_form() -> None:
    message = over_the_wire(as_message(1, a_mail(recipient="amina@bücher.example"), COMPANY, WRITTEN))
    assert message["To"] == "amina@xn--bcher-kva.example"


def test_the_headers_make_a_second_delivery_recognisable_and_replies_arrive() -> None:
    first, second = (over_the_wire(as_message(7, a_mail(), COMPANY, WRITTEN)) for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"] == "<rft-20310102030405-7@rft.example>"
    assert first["Date"] == "Thu, 02 Jan 2031 03:04:05 +0000"
    assert first["From"] == first["Reply-To"] == "React Fast Training <office@rft.example>"
    assert first["Auto-Submitted"] == "auto-generated"


async def test_the_calendar_file_goes_with_the_mail(database: Database, db: Db) -> None:
    message = over_the_wire(as_message(1, await written(database, an_order(db)), COMPANY, utc_now()))
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_filename() == "course.ics"
    assert attached.get_content().startswith("BEGIN:VCALENDAR\r\n")


async def test_a_mail_about_an_order_is_written_once(database: Database, db: Db) -> None:
    order = an_order(db)
    await written(database, order)
    async with database.transaction() as transaction:
        assert await service.write_to_booker(transaction, CONFIRMATION, order["id"], base_url="") is None
    assert one(db, "select count(*) from outbox_mails")["count"] == 1


async def test_there_is_nothing_to_say_about_an_order_without_confirmed_seats(database: Database, db: Db) -> None:
    order = an_order(db, confirmed=False)
    async with database.transaction() as transaction:
        assert await service.write_to_booker(transaction, CONFIRMATION, order["id"], base_url="") is None
