"""An order is owed for within its organisation's credit limit, or because a person of the office says so."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from rft.database.rules_page import import_refusals
from tests.builders import Row, a_schedule, confirm
from tests.conftest import Connect, Db
from tests.features.mailing import one
from tests.features.owing import an_organisation, owing, waiting
from tests.rules.refusing import refused


def put_on_account(db: Db, order: Row, organisation: Row) -> None:
    db.execute("insert into order_organisations values (%s, %s)", (order["id"], organisation["id"]))


def accept_by_rule(db: Db, order: Row) -> None:
    db.execute("update order_approvals set state = 'accepted' where order_id = %s", (order["id"],))


def state_of(db: Db, order: Row) -> str:
    return str(one(db, "select state from order_approvals where order_id = %(id)s", id=order["id"])["state"])


def test_every_order_on_invoice_waits_at_first(db: Db) -> None:
    assert state_of(db, waiting(db)) == "waiting"


def test_an_order_of_nobodys_account_is_not_accepted_by_itself(db: Db) -> None:
    order = waiting(db)
    with refused("orders_within_credit"):
        accept_by_rule(db, order)


@pytest.mark.parametrize(
    "columns", [{"is_approved_for_invoice": False}, {"is_active": False}, {"credit_limit": "74.99"}]
)
def test_an_organisation_must_be_approved_and_have_the_credit(columns: Row, db: Db) -> None:
    order, organisation = waiting(db), an_organisation(db, **columns)
    put_on_account(db, order, organisation)
    with refused("orders_within_credit"):
        accept_by_rule(db, order)


def test_what_is_owed_already_counts_and_what_is_paid_does_not(db: Db) -> None:
    organisation = an_organisation(db, credit_limit=150)
    first, second, third = (waiting(db) for _ in range(3))
    for order in (first, second, third):
        put_on_account(db, order, organisation)
    accept_by_rule(db, first)
    accept_by_rule(db, second)
    with refused("orders_within_credit"):
        accept_by_rule(db, third)
    confirm(db, first["bookings"][0])
    accept_by_rule(db, third)


def test_a_person_of_the_office_may_go_beyond_the_limit(db: Db) -> None:
    organisation = an_organisation(db, credit_limit=0, payment_terms_days=14)
    order = owing(db, organisation)
    approval = one(
        db,
        "select due_on - london_day(decided_at) as days from order_approvals where order_id = %(id)s",
        id=order["id"],
    )
    assert approval["days"] == 14


def test_what_was_decided_stays_decided(db: Db) -> None:
    order = owing(db)
    with refused("order_approvals_decided_once"):
        db.execute("update order_approvals set state = 'declined', due_on = null where order_id = %s", (order["id"],))


def test_nobody_keeps_more_than_five_orders_waiting(db: Db) -> None:
    order = waiting(db)
    for _ in range(4):
        waiting(db, user_id=order["user_id"])
    with refused("orders_few_waiting"):
        waiting(db, user_id=order["user_id"])


@pytest.mark.one_version
def test_two_orders_at_once_do_not_both_take_the_last_of_the_credit(db: Db, connect: Connect) -> None:
    organisation, schedule = an_organisation(db, credit_limit=75), a_schedule(db)
    orders = [waiting(db, schedule=schedule) for _ in range(2)]
    for order in orders:
        put_on_account(db, order, organisation)
    sessions = [connect(autocommit=False) for _ in orders]
    accept_by_rule(sessions[0], orders[0])
    with ThreadPoolExecutor() as pool:
        second = pool.submit(accept_by_rule, sessions[1], orders[1])
        while not one(db, "select count(*) from pg_stat_activity where wait_event_type = 'Lock'")["count"]:
            pass
        sessions[0].commit()
        with pytest.raises(psycopg.Error) as caught:
            second.result()
    assert caught.value.diag.constraint_name == "orders_within_credit"
    assert "orders_within_credit" in import_refusals()
