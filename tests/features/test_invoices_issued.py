"""Invoices are issued by themselves, once, over what was bought; refunds and cancellations credit them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from rft import jobs
from rft.audit.service import Actor
from rft.bookings.approvals import accept
from rft.bookings.schemas import OrderRequest
from rft.bookings.service import place_order, release_unpaid_order
from rft.changes.service import Wish, cancel_places
from rft.database.audit import run_audit
from rft.database.pool import Database
from rft.invoices import jobs as invoicing
from rft.invoices.errors import CreditTooLarge
from rft.invoices.queries import get_invoice
from rft.invoices.service import issue_credit_note, issue_invoice
from rft.kit.clock import utc_now
from rft.payments.refunds import mark_returned
from rft.payments.releasing import release_order_seats
from rft.settings import Settings
from tests.builders import Db, Row, a_booking, a_course, a_payment, a_schedule, insert, update
from tests.features.api import an_order as asked_for
from tests.features.invoicing import charge_vat, pdf_words, reserved, work
from tests.features.mailing import an_order, one, rows

NOW = datetime(2026, 11, 22, 10, 0)  # noqa: DTZ001 (UTC without zone)


async def issue(database: Database, order: Row) -> str | None:
    return await database.run(lambda db: issue_invoice(db, order["id"], now=NOW))


async def credit(database: Database, order: Row, amount: str, *, seat: int = 0, source: str = "refund 1") -> str | None:
    terms = {"booking_id": order["bookings"][seat]["id"], "reason": "Amina fell ill.", "now": NOW, "source": source}
    return await database.run(lambda db: issue_credit_note(db, order["id"], amount=Decimal(amount), **terms))


async def test_an_order_on_account_is_invoiced_with_vat_and_thirty_days(db: Db, database: Database) -> None:
    charge_vat(db)
    order = reserved(db, discount="7.50")
    number = await issue(database, order)
    invoice = one(db, "select * from invoices")
    assert (number, invoice["number"], str(invoice["issued_on"]), str(invoice["due_on"])) == (
        "INV-2026-000001", "INV-2026-000001", "2026-11-22", "2026-12-22",
    )  # fmt: skip
    assert [invoice[part] for part in ("net", "vat", "total")] == [
        Decimal("168.75"),
        Decimal("33.75"),
        Decimal("202.50"),
    ]
    assert (invoice["organisation_name"], invoice["purchase_order"]) == ("Khan & Sons", "PO-7")


async def test_the_account_of_an_organisation_says_where_the_invoice_goes(db: Db, database: Database) -> None:
    order = reserved(db)
    account = insert(
        db, "organisations", reference="ORG-1", name="Khan & Sons", billing_name="Khan Holdings Ltd", billing_email="ap@khan.example",
        billing_address=["1 High Street", "Leeds LS1 1AA"], payment_terms_days=14,
    )  # fmt: skip
    insert(db, "order_organisations", order_id=order["id"], organisation_id=account["id"])
    await issue(database, order)
    found = await pdf_words(database, "INV-2026-000001")
    for text in ("Khan Holdings Ltd", "Leeds LS1 1AA", "ap@khan.example", "Please pay by 6 December 2026"):
        assert text in found


async def test_an_order_is_invoiced_once_whoever_asks_and_later_changes_stay_out(db: Db, database: Database) -> None:
    order = an_order(db)
    first = await issue(database, order)
    db.execute("update company_profile set name = 'Other Ltd'")
    assert await issue(database, order) == first
    assert one(db, "select seller_name from invoices")["seller_name"] == "React Fast Training"


async def test_the_year_is_londons(db: Db, database: Database) -> None:
    new_year = datetime(2031, 6, 30, 23, 30)  # noqa: DTZ001 (half past midnight in London)
    order = an_order(db)
    await database.run(lambda connection: issue_invoice(connection, order["id"], now=new_year))
    assert str(one(db, "select issued_on from invoices")["issued_on"]) == "2031-07-01"


async def test_seats_that_were_given_back_unpaid_are_not_invoiced(db: Db, database: Database) -> None:
    order = reserved(db)
    update(db, "bookings", order["bookings"][0], status="cancelled")
    await issue(database, order)
    assert one(db, "select line_count from invoices")["line_count"] == 2
    empty = reserved(db)
    for booking in empty["bookings"]:
        update(db, "bookings", booking, status="cancelled")
    assert await issue(database, empty) is None


async def test_a_refund_is_credited_once_and_the_last_penny_of_vat_comes_back(
    db: Db, database: Database, database_url: str
) -> None:
    charge_vat(db)
    order = an_order(db)
    await issue(database, order)
    assert await credit(database, order, "33.33") == "CN-2026-000001"
    assert await credit(database, order, "33.33") == "CN-2026-000001"
    assert await credit(database, order, "41.67", source="refund 2") == "CN-2026-000002"
    sums = one(db, "select sum(net) as net, sum(vat) as vat from invoices where kind = 'credit_note'")
    assert (sums["net"], sums["vat"]) == (Decimal("62.50"), Decimal("12.50"))
    assert not [finding for finding in await run_audit(database_url) if finding.count]


async def test_no_more_is_credited_than_is_left(db: Db, database: Database) -> None:
    order = an_order(db)
    await issue(database, order)
    await credit(database, order, "50.00")
    with pytest.raises(CreditTooLarge, match="is left to be credited"):
        await credit(database, order, "25.01", source="refund 2")
    assert one(db, "select count(*) from invoices where kind = 'credit_note'")["count"] == 1


async def test_a_seat_without_invoice_is_not_credited(db: Db, database: Database, settings: Settings) -> None:
    order = an_order(db)
    assert await credit(database, order, "10.00") is None
    context = jobs.Context(database, settings)
    lone = a_booking(db, a_schedule(db))
    await invoicing.credit(context, booking_id=lone["id"], amount="10.00", reason="Ill", source="refund 9")
    assert rows(db, "select from invoices") == []


async def test_the_paid_order_gets_a_receipt_that_says_how_and_when(db: Db, database: Database) -> None:
    charge_vat(db)
    order = an_order(db)
    number = await issue(database, order)
    assert number
    found = await pdf_words(database, number)
    for text in (
        "Invoice and receipt",
        "Paid",
        "£75.00 received by bank transfer on",
        "VAT 20 %",
        "£12.50",
        "GB123456789",
        "Amina Khan",
    ):
        assert text in found
    assert "Please pay" not in found


async def test_what_is_unpaid_says_until_when_and_a_credit_note_says_why(db: Db, database: Database) -> None:
    order = reserved(db)
    await issue(database, order)
    await credit(database, order, "75.00")
    unpaid, note = await pdf_words(database, "INV-2026-000001"), await pdf_words(database, "CN-2026-000001")
    assert f"Please pay £150.00 by 22 December 2026 and give the reference {order['reference']}" in unpaid
    assert "Not registered for VAT" in unpaid
    assert "takes £75.00 back from invoice INV-2026-000001. Amina fell ill." in note


async def test_a_free_order_and_one_on_account_are_invoiced_by_themselves(
    db: Db, database: Database, settings: Settings
) -> None:
    for price, method, terms in (
        (0, "free", {}),
        (75, "invoice", {"organisation_name": "Khan & Sons", "purchase_order": "PO-7"}),
    ):
        schedule = a_schedule(db, course=a_course(db, price=price))
        asked = OrderRequest.model_validate(asked_for(schedule, payment_method=method, **terms))
        await database.run(lambda connection, asked=asked: place_order(connection, asked, now=NOW, hold_minutes=30))
    on_account = one(db, "select id, user_id from orders where payment_method = 'invoice'")
    await database.run(lambda connection: accept(connection, on_account["id"], decided_by=on_account["user_id"]))
    await work(database, settings, db)
    assert [row["total"] for row in rows(db, "select total from invoices order by id")] == [0, 75]


async def test_an_order_on_account_that_is_given_back_is_credited_by_itself(
    db: Db, database: Database, settings: Settings, database_url: str
) -> None:
    order = reserved(db)
    await issue(database, order)
    await database.run(lambda connection: release_unpaid_order(connection, order["id"]))
    await work(database, settings, db)
    await database.run(lambda connection: invoicing.service.credit_cancelled(connection, order["id"], now=NOW))
    assert one(db, "select count(*), sum(total) from invoices where kind = 'credit_note'") == {"count": 3, "sum": 225}
    assert not [finding for finding in await run_audit(database_url) if finding.count]


async def test_of_a_seat_paid_in_part_and_given_back_the_invoice_asks_nothing_more(
    db: Db, database: Database, settings: Settings, database_url: str
) -> None:
    order = reserved(db)
    await issue(database, order)
    a_payment(db, order["bookings"][0], amount="40.00")
    await database.run(lambda connection: release_order_seats(connection, order["id"]))
    owed, staff = one(db, "select id from refunds")["id"], order["user_id"]
    by_hand: Any = {"recorded_by": staff, "method": "bank_transfer", "note": None}
    await database.run(lambda connection: mark_returned(connection, owed, **by_hand))
    await work(database, settings, db)
    await database.run(lambda connection: invoicing.service.credit_cancelled(connection, order["id"], now=NOW))
    assert one(db, "select count(*), sum(total) from invoices where kind = 'credit_note'") == {"count": 3, "sum": 225}
    assert not [finding for finding in await run_audit(database_url) if finding.count]


async def test_a_seat_that_was_paid_and_cancelled_is_left_to_its_refund(db: Db, database: Database) -> None:
    order = reserved(db)
    await issue(database, order)
    a_payment(db, order["bookings"][0])
    update(db, "bookings", order["bookings"][0], status="cancelled")
    assert (
        await database.run(lambda connection: invoicing.service.credit_cancelled(connection, order["id"], now=NOW))
        == []
    )


@pytest.mark.parametrize(("kept", "credited"), [("0.00", "75.00"), ("20.00", "55.00")])
async def test_a_place_given_up_before_it_was_paid_in_full_is_asked_for_no_more_than_what_stays(
    database: Database, db: Db, settings: Settings, kept: str, credited: str
) -> None:
    order = reserved(db)
    number = await issue(database, order)
    seat = order["bookings"][0]
    a_payment(db, seat, amount=60, payment_method="bank_transfer")
    office = Actor(order["user_id"])
    wish = Wish("office", office, "Amina fell ill.", refunds={seat["booking_reference"]: Decimal(60) - Decimal(kept)})
    await database.run(lambda db: cancel_places(db, order["id"], [seat["id"]], wish, now=utc_now()))
    await work(database, settings, db)
    refund = one(db, "select id from refunds")["id"]
    await database.run(
        lambda db: mark_returned(db, refund, recorded_by=office.user_id, method="bank_transfer", note=None)
    )
    await work(database, settings, db)
    assert str(one(db, "select sum(total) from invoices where kind = 'credit_note'")["sum"]) == credited
    async with database.connection() as connection:
        invoice = await get_invoice(connection, str(number))
    # Two places are still to be paid.
    assert invoice.due == 150


async def test_an_invoice_that_is_to_be_paid_says_where_to_and_a_paid_one_does_not(database: Database, db: Db) -> None:
    db.execute(
        "update company_profile set bank_account_name = 'React', bank_sort_code = '12-34-56', bank_account_number = '12345678'"
    )
    order = reserved(db)
    number = str(await issue(database, order))
    account = "Bank transfer to React, sort code 12-34-56, account number 12345678."
    assert account in await pdf_words(database, number)
    for booking in order["bookings"]:
        a_payment(db, booking)
    assert account not in await pdf_words(database, number)
