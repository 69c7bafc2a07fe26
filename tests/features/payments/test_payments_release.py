"""Seats given back unpaid: what came in for those seats goes back, and nothing of what the order has been through before."""

from decimal import Decimal
from typing import Any

from rft.changes.service import Wish, cancel_places
from rft.database.pool import Database
from rft.kit.clock import utc_now
from rft.payments.received import record_payment
from rft.payments.refunds import owe_refund
from rft.payments.releasing import release_order_seats
from tests.builders import Db, Row
from tests.features.changes.changing import dated, owed
from tests.features.mailing import an_order


async def received(database: Database, order: Row, amount: str) -> None:
    money: Any = {"method": "cash", "note": None, "recorded_by": order["user_id"], "amount": Decimal(amount)}
    await database.run(lambda db: record_payment(db, order["id"], **money))


def on_account(db: Db, *people: str) -> Row:
    return an_order(db, schedule=dated(db, 3), people=people, confirmed=False, payment_method="invoice")


async def test_what_the_terms_kept_of_a_place_given_up_before_stays_kept(db: Db, database: Database) -> None:
    order = on_account(db, "Amina Khan", "Bilal Khan")
    await received(database, order, "75.00")
    first, wish = [order["bookings"][0]["id"]], Wish("customer")
    await database.run(lambda db: cancel_places(db, order["id"], first, wish, now=utc_now()))
    await database.run(lambda db: release_order_seats(db, order["id"]))
    assert owed(db) == []


async def test_of_a_part_payment_goodwill_leaves_the_rest_to_go_back(db: Db, database: Database) -> None:
    order = on_account(db, "Amina Khan")
    await received(database, order, "40.00")
    seat, goodwill = order["bookings"][0]["id"], {"reason": "goodwill", "requested_by": order["user_id"]}
    await database.run(lambda db: owe_refund(db, seat, Decimal("10.00"), **goodwill))
    await database.run(lambda db: release_order_seats(db, order["id"]))
    assert owed(db) == [("10.00", "goodwill"), ("30.00", "cancelled_by_customer")]
