"""Money when several act at once: nothing goes back twice, nothing pays for two, nothing lies about either."""

from functools import partial

import psycopg
import pytest
from psycopg import IsolationLevel

from tests.builders import Db, Row, a_booking, a_payment, a_schedule, confirm, confirmed_booking, reload, update
from tests.conftest import Connect
from tests.races.amplifier import LEVELS, amplify, in_background, refusals, successes
from tests.races.audited import assert_audit_is_silent, broken

EVERY_LEVEL = pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
LEDGER = "lock table payment_transactions in share mode"
ROW = "select from bookings where id = {id} for update"


def refund(booking: Row, session: Db) -> Row:
    return a_payment(session, booking, status="refunded")


def a_cancelled_booking(db: Db) -> Row:
    """Paid, then cancelled; the money has not gone back yet."""
    return update(db, "bookings", confirmed_booking(db, a_schedule(db)), status="cancelled")


@EVERY_LEVEL
@pytest.mark.parametrize("hold", [LEDGER, ROW], ids=["table", "row"])
def test_of_two_refunds_at_once_one_goes_back(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel, hold: str
) -> None:
    booking = a_cancelled_booking(db)
    outcomes = amplify(connect, hold.format(**booking), [partial(refund, booking)] * 2, level=level)
    assert refusals(outcomes) == ["payment_transactions_refund_within_captured"]
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_one_intent_pays_for_one_of_two_bookings(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    bookings = [a_booking(db, a_schedule(db)) for _ in range(2)]
    acts = [
        partial(lambda b, s: a_payment(s, b, payment_method="card", stripe_payment_intent_id="pi_1"), booking)
        for booking in bookings
    ]
    outcomes = amplify(connect, LEDGER, acts, level=level)
    assert refusals(outcomes) == ["payment_transactions_settled_once"]
    assert_audit_is_silent(database_url)


@EVERY_LEVEL
def test_two_confirmations_of_one_payment_record_it_once(
    db: Db, connect: Connect, database_url: str, level: IsolationLevel
) -> None:
    booking = a_booking(db, a_schedule(db))

    def webhook(session: Db) -> Row:
        a_payment(session, booking, payment_method="card", stripe_payment_intent_id="pi_1")
        return update(session, "bookings", booking, status="confirmed", payment_status="paid")

    outcomes = amplify(connect, LEDGER, [webhook, webhook], level=level)
    assert refusals(outcomes) == ["payment_transactions_intent_settled_once"]
    assert reload(db, "bookings", booking)["status"] == "confirmed"
    assert_audit_is_silent(database_url)


@pytest.mark.parametrize(
    "level", [IsolationLevel.READ_COMMITTED, IsolationLevel.REPEATABLE_READ], ids=lambda level: level.name
)
@pytest.mark.parametrize("first", ["refunded", "late money"])
def test_late_money_and_the_refunded_state_do_not_miss_each_other(
    db: Db, connect: Connect, database_url: str, first: str, level: IsolationLevel
) -> None:
    booking = a_cancelled_booking(db)
    refund(booking, db)
    acts = [
        lambda s: update(s, "bookings", booking, payment_status="refunded"),
        lambda s: (a_payment(s, booking, 10), s.execute("set constraints all immediate")),
    ]
    if first == "late money":
        acts.reverse()
    early, late = connect(autocommit=False), connect(autocommit=False)
    late.isolation_level = level
    late.execute("select count(*) from bookings")
    acts[0](early)
    blocked = in_background(late, acts[1], db)
    early.commit()
    assert isinstance(blocked.result(), psycopg.Error)
    assert set(refusals([blocked.result()])) <= {"bookings_refunded_only_when_returned", "40001"}
    assert "I11" not in [finding.id for finding in broken(database_url)]


@EVERY_LEVEL
def test_paying_and_cancelling_at_once_never_confirms_a_cancelled_seat(
    db: Db, connect: Connect, level: IsolationLevel
) -> None:
    booking = a_booking(db, a_schedule(db))
    acts = [lambda s: confirm(s, booking), lambda s: update(s, "bookings", booking, status="cancelled")]
    outcomes = amplify(connect, ROW.format(**booking), acts, level=level)
    assert successes(outcomes) >= 1
    assert reload(db, "bookings", booking)["status"] == "cancelled"
