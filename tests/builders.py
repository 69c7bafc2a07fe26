"""Rows for tests, put in by plain SQL that knows only the document's ten tables. Each function returns the row as stored."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

Db = psycopg.Connection[DictRow]
Row = dict[str, Any]

PRICE = Decimal("75.00")
# A Monday far enough away that no test outlives it. Each schedule that names no time gets a week of its own.
FIRST_MONDAY = datetime(2031, 3, 3, 9, 0)  # noqa: DTZ001 (the columns hold UTC without a zone)
_numbers = count(1)


def insert(db: Db, table: str, **columns: Any) -> Row:
    """Inserts the columns given and leaves the others to their defaults."""
    query = sql.SQL("insert into {} ({}) values ({}) returning *").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(map(sql.Placeholder, columns)),
    )
    return _one(db.execute(query, columns))


def update(db: Db, table: str, row: Row, **columns: Any) -> Row:
    """Changes the columns given in the row with this row's id."""
    query = sql.SQL("update {} set {} where id = %(id)s returning *").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in columns),
    )
    return _one(db.execute(query, {**columns, "id": row["id"]}))


def reload(db: Db, table: str, row: Row) -> Row:
    query = sql.SQL("select * from {} where id = %(id)s").format(sql.Identifier(table))
    return _one(db.execute(query, {"id": row["id"]}))


def a_user(db: Db, **columns: Any) -> Row:
    return insert(db, "users", **{"email": f"person{next(_numbers)}@example.com", "password_hash": "!", **columns})


def an_instructor(db: Db, **columns: Any) -> Row:
    return a_user(db, **{"role": "instructor", **columns})


def a_course(db: Db, **columns: Any) -> Row:
    defaults = {"name": "Emergency First Aid at Work", "course_type": "EFAW", "duration_hours": 6, "price": PRICE}
    return insert(db, "courses", **{**defaults, **columns})


def a_venue(db: Db, **columns: Any) -> Row:
    defaults = {
        "name": "The Training Rooms",
        "address_line1": "1 High Street",
        "city": "Leeds",
        "postcode": "LS1 1AA",
        "capacity": 12,
    }
    return insert(db, "venues", **{**defaults, **columns})


def a_schedule(
    db: Db, *, course: Row | None = None, venue: Row | None = None, seats: int | None = None, **columns: Any
) -> Row:
    """Published and in the future unless said otherwise. `seats` makes a venue with so many."""
    start = columns.pop("start_datetime", FIRST_MONDAY + timedelta(weeks=next(_numbers)))
    defaults = {
        "course_id": (course or a_course(db))["id"],
        "venue_id": (venue or a_venue(db, capacity=seats or 12))["id"],
        "start_datetime": start,
        "end_datetime": start + timedelta(hours=7),
        "status": "published",
    }
    return insert(db, "course_schedules", **{**defaults, **columns})


def a_discount_code(db: Db, **columns: Any) -> Row:
    """Ten per cent off for everybody, this year and the next, unless said otherwise."""
    today = _one(db.execute("select current_date as today"))["today"]
    defaults = {
        "code": f"CODE{next(_numbers)}",
        "discount_type": "percentage",
        "discount_value": 10,
        "valid_from": today - timedelta(days=1),
        "valid_until": today + timedelta(days=365),
    }
    return insert(db, "discount_codes", **{**defaults, **columns})


def a_booking(db: Db, schedule: Row, *, user: Row | None = None, code: Row | None = None, **columns: Any) -> Row:
    """Pending and unpaid unless said otherwise; with a code, at the price that the code leaves of £75."""
    taken_off = code_takes_off(code, PRICE) if code else Decimal(0)
    defaults = {
        "user_id": (user or a_user(db))["id"],
        "course_schedule_id": schedule["id"],
        "booking_reference": f"RFT-{secrets.token_hex(8).upper()}",
        "payment_amount": PRICE - taken_off,
        "discount_applied": taken_off,
        "discount_code_id": code["id"] if code else None,
    }
    return insert(db, "bookings", **{**defaults, **columns})


def code_takes_off(code: Row, gross: Decimal) -> Decimal:
    if code["discount_type"] == "fixed":
        return min(code["discount_value"], gross)
    return (gross * code["discount_value"] / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")


def a_payment(db: Db, booking: Row, amount: Any = None, **columns: Any) -> Row:
    """A succeeded payment by bank transfer, of the whole amount unless said otherwise."""
    defaults = {
        "booking_id": booking["id"],
        "amount": booking["payment_amount"] if amount is None else amount,
        "payment_method": "bank_transfer",
        "status": "succeeded",
    }
    return insert(db, "payment_transactions", **{**defaults, **columns})


def an_invoice(db: Db, order: Row, *, total: Any, **columns: Any) -> Row:
    """Issued on New Year's Day of 2031, without VAT and over one line unless said otherwise; its number is the database's."""
    defaults = {
        "kind": "invoice", "order_id": order["id"], "issued_on": "2031-01-01", "due_on": "2031-01-31", "seller_name": "React Fast Training",
        "seller_address": ["Leeds"], "seller_phone": "01632 960123", "seller_email": "office@example.com",
        "order_reference": order["reference"], "customer_name": order["booker_name"], "customer_email": order["booker_email"],
        "line_count": 1, "net": total, "vat": 0, "total": total,
    }  # fmt: skip
    return insert(db, "invoices", **{**defaults, **columns})


def an_invoice_line(db: Db, invoice: Row, booking: Row, *, total: Any, **columns: Any) -> Row:
    """The first line, without discount and VAT unless said otherwise."""
    defaults = {
        "invoice_id": invoice["id"], "position": 1, "booking_id": booking["id"], "description": "First aid", "price": total,
        "discount": 0, "net": total, "vat": 0, "total": total,
    }  # fmt: skip
    return insert(db, "invoice_lines", **{**defaults, **columns})


def confirm(db: Db, booking: Row) -> Row:
    """Pays what is due and confirms, in one transaction."""
    with db.transaction():
        if booking["payment_amount"] > 0:
            a_payment(db, booking)
        return update(db, "bookings", booking, status="confirmed", payment_status="paid")


def confirmed_booking(db: Db, schedule: Row, **columns: Any) -> Row:
    return confirm(db, a_booking(db, schedule, **columns))


def completed_booking(db: Db, schedule: Row, **columns: Any) -> Row:
    """Confirmed and attended; the schedule is moved to the past for it."""
    booking = confirmed_booking(db, schedule, **columns)
    move_schedule_to_past(db, schedule)
    return update(db, "bookings", booking, status="completed")


def move_schedule_to_past(db: Db, schedule: Row, *, ended: timedelta = timedelta(hours=1)) -> Row:
    """Moves the data, not the clock: the schedule, with its sessions, so that it ended so long ago."""
    with db.transaction():
        moved = _one(
            db.execute(
                "select clock_timestamp() at time zone 'UTC' - %(ended)s - end_datetime as by from course_schedules where id = %(id)s",
                {"ended": ended, "id": schedule["id"]},
            )
        )["by"]
        facts = {"by": moved, "id": schedule["id"]}
        shift = "update schedule_sessions set starts_at = starts_at + %(by)s, ends_at = ends_at + %(by)s where course_schedule_id = %(id)s"
        db.execute(shift, facts)
        return update(
            db, "course_schedules", schedule,
            start_datetime=schedule["start_datetime"] + moved, end_datetime=schedule["end_datetime"] + moved,
        )  # fmt: skip


def _one(cursor: psycopg.Cursor[DictRow]) -> Row:
    row = cursor.fetchone()
    assert row is not None, "the statement returns one row"
    return row
