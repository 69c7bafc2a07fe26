"""Numbers of invoices: one after the other whoever writes, whatever was rolled back, skipped or tried at once."""

import threading
from typing import Any

import psycopg
import pytest

from tests.builders import Db, Row, a_booking, a_schedule, an_invoice, an_invoice_line, insert
from tests.cast import amina
from tests.conftest import Connect
from tests.rules.refusing import UNIQUE, refused


def an_order(db: Db, *, seats: int = 1) -> Row:
    """Amina's, of unpaid seats at £75, on account. `bookings` are its seats."""
    schedule = a_schedule(db)
    customer = db.execute("select * from users where email = 'amina@example.com'").fetchone() or amina(db)
    order = insert(
        db, "orders", reference=f"ORD-{schedule['id']}", access_token_hash=b"", user_id=customer["id"],
        course_schedule_id=schedule["id"], booker_name="Amina Khan", booker_email=customer["email"], payment_method="invoice",
        seats=seats, total=75 * seats, vat=0, terms_version="1", policy_version="1",
    )  # fmt: skip
    bookings = [a_booking(db, schedule, user=customer) for _ in range(seats)]
    for position, booking in enumerate(bookings, 1):
        insert(db, "order_bookings", booking_id=booking["id"], order_id=order["id"], position=position)
    return {**order, "bookings": bookings}


def issue(db: Db, order: Row | None = None, **columns: Any) -> Row:
    """An invoice over the first seat, with its line."""
    order = order or an_order(db)
    with db.transaction():
        invoice = an_invoice(db, order, total=75, **columns)
        an_invoice_line(db, invoice, order["bookings"][0], total=75)
    return invoice


def credit(db: Db, invoice: Row, order: Row, total: Any, *, source: str = "refund 1", **columns: Any) -> Row:
    line = db.execute("select * from invoice_lines where invoice_id = %s", [invoice["id"]]).fetchone()
    assert line is not None
    with db.transaction():
        terms = {"kind": "credit_note", "credits_id": invoice["id"], "reason": "Ill", "source": source}
        note = an_invoice(db, order, total=total, **terms)
        an_invoice_line(db, note, order["bookings"][0], total=total, credits_line_id=line["id"], **columns)
    return note


def test_numbers_begin_with_one_in_each_series_and_year(db: Db) -> None:
    order = an_order(db)
    first = issue(db, order)
    numbers = [first["number"], issue(db)["number"], issue(db, issued_on="2032-01-01", due_on="2032-01-01")["number"]]
    assert numbers == ["INV-2031-000001", "INV-2031-000002", "INV-2032-000001"]
    assert credit(db, first, order, 10)["number"] == "CN-2031-000001"


def test_a_number_that_a_client_writes_is_not_taken(db: Db) -> None:
    issue(db)
    assert issue(db, series="X", year=1999, sequence=77, number="INV-MINE")["number"] == "INV-2031-000002"


def test_what_is_rolled_back_or_skipped_leaves_no_gap(db: Db) -> None:
    order = an_order(db)
    with db.transaction(force_rollback=True):
        an_invoice(db, order, total=75)
    issue(db, order)
    copy = "insert into invoices (%s) select %s from invoices on conflict do nothing"
    columns = (
        "kind, order_id, issued_on, due_on, seller_name, seller_address, seller_phone, seller_email, order_reference, customer_name,"
        " customer_email, line_count, net, vat, total"
    )
    assert db.execute((copy % (columns, columns)).encode()).rowcount == 0
    assert issue(db)["number"] == "INV-2031-000002"


def test_two_who_issue_at_once_take_turns(db: Db, connect: Connect) -> None:
    one, other, orders = connect(autocommit=False), connect(), [an_order(db), an_order(db)]
    invoice = an_invoice(one, orders[0], total=75)
    numbers: list[str] = []
    waiting = threading.Thread(target=lambda: numbers.append(issue(other, orders[1])["number"]))
    waiting.start()
    standing = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while not db.execute(standing).fetchone()["count"]:  # type: ignore[index]
        assert waiting.is_alive(), "the second waits for the first"
    one.rollback()
    waiting.join()
    assert (invoice["number"], numbers) == ("INV-2031-000001", ["INV-2031-000001"])


def test_an_old_snapshot_is_refused_and_not_trusted(db: Db, connect: Connect) -> None:
    issue(db)
    orders, old = [an_order(db), an_order(db)], connect(autocommit=False)
    old.execute("set transaction isolation level repeatable read")
    old.execute("select 1 from invoices")
    issue(db, orders[0])
    with pytest.raises(psycopg.errors.SerializationFailure):
        an_invoice(old, orders[1], total=75)


def test_an_order_has_one_invoice(db: Db) -> None:
    order = an_order(db)
    issue(db, order)
    with refused("invoices_one_per_order", UNIQUE):
        issue(db, order)


def test_an_invoice_adds_up_to_its_lines(db: Db) -> None:
    order = an_order(db)
    for columns in ({"line_count": 2}, {"total": 80, "net": 80}, {"net": 70, "vat": 5, "vat_number": "GB1"}):
        with refused("invoices_add_up"), db.transaction():
            an_invoice_line(db, an_invoice(db, order, **{"total": 75, **columns}), order["bookings"][0], total=75)


def test_no_line_is_added_later_not_even_one_of_nothing(db: Db) -> None:
    order = an_order(db, seats=2)
    invoice = issue(db, order)
    with refused("invoices_add_up"):
        an_invoice_line(db, invoice, order["bookings"][1], total=0, position=2)


def test_the_seats_are_the_orders_own(db: Db) -> None:
    strangers = an_order(db)
    with refused("invoices_add_up"):
        issue(db, {**an_order(db), "bookings": strangers["bookings"]})


def test_no_more_is_credited_than_was_asked_for(db: Db) -> None:
    order = an_order(db)
    invoice = issue(db, order)
    credit(db, invoice, order, 50)
    with refused("invoices_credit_within_invoice"):
        credit(db, invoice, order, "25.01", source="refund 2")
    credit(db, invoice, order, 25, source="refund 2")
    with refused("invoices_source_once", UNIQUE):
        credit(db, invoice, order, 1, source="refund 2")


def test_a_credit_note_is_not_credited(db: Db) -> None:
    order = an_order(db)
    note = credit(db, issue(db, order), order, 50)
    with refused("invoices_credit_within_invoice"):
        credit(db, note, order, 10, source="refund 2")


def test_what_was_issued_stays(db: Db) -> None:
    issue(db)
    for table in ("invoices", "invoice_lines"):
        with refused("append_only"):
            db.execute(f"update {table} set total = total + 1, net = net + 1")
        with refused("never_deleted"):
            db.execute(f"delete from {table}")
        with refused("never_deleted"):
            db.execute(f"truncate {table} cascade")


def test_a_nonsense_invoice_is_refused(db: Db) -> None:
    order = an_order(db)
    nonsense: list[tuple[str, dict[str, Any]]] = [
        ("invoices_kind_known", {"kind": "quote"}),
        ("invoices_total_adds_up", {"vat": 1}),
        ("invoices_total_adds_up", {"total": "NaN", "net": "NaN"}),
        ("invoices_due_after_issue", {"due_on": "2030-12-31"}),
        ("invoices_vat_needs_number", {"net": 70, "vat": 5}),
        ("invoices_credit_note_complete", {"reason": "Ill"}),
        ("invoices_credit_note_complete", {"kind": "credit_note"}),
    ]
    for rule, columns in nonsense:
        with refused(rule):
            an_invoice(db, order, **{"total": 75, **columns})
