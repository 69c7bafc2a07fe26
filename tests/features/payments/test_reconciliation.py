"""The ledger held against Stripe's balance: to the penny, by itself, every day, and what differs is found and named."""

import asyncio
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from rft.audit.service import Actor
from rft.cli import app
from rft.errors import NotValid
from rft.kit.clock import utc_now
from rft.payments.errors import PaymentUnavailable
from rft.receivables.bank import import_statement, read_statement
from rft.reconciliation.errors import AlreadyResolved
from rft.reconciliation.jobs import compare as compare_job
from rft.reconciliation.jobs import match_lines
from rft.reconciliation.queries import Difference, MoneyOfDay, Run, get_sums, list_days, list_open_differences
from rft.reconciliation.service import explain, match_payout, reconcile
from tests.builders import a_booking, a_payment, a_schedule, update
from tests.cast import carol
from tests.features.mailing import rows
from tests.features.payments.paying import SECRET, Shop


async def compare(shop: Shop, *, hours: int = 1) -> Run:
    """As it would be so many hours from now: what has just happened is by then no longer on its way."""
    return await reconcile(shop.database, shop.gateway, now=utc_now() + timedelta(hours=hours))


async def differing(shop: Shop) -> list[Difference]:
    async with shop.database.connection() as db:
        return await list_open_differences(db)


async def refunded(shop: Shop) -> str:
    """Amina pays, and has her money back; answers the refund's id."""
    order = await shop.paid_order()
    intent = shop.ledger.objects("payment_intent")[-1]["id"]
    shop.ledger.drop_webhooks(["*"])
    await shop.gateway.refund(intent, Decimal("75.00"), idempotency_key=f"all of {order.reference}")
    refund = str(shop.ledger.objects("refund")[-1]["id"])
    [booking] = rows(
        shop.db, "select * from bookings where booking_reference = any (%(r)s)", r=order.booking_references
    )
    with shop.db.transaction():
        facts = {"metadata": Jsonb({"stripe_refund_id": refund}), "stripe_payment_intent_id": intent}
        a_payment(shop.db, booking, payment_method="card", status="refunded", **facts)
        update(shop.db, "bookings", booking, status="cancelled", payment_status="refunded")
    return refund


async def test_paid_returned_and_paid_out_there_is_not_a_penny_of_difference(shop: Shop) -> None:
    await shop.paid_order(seats=2)
    await shop.paid_order()
    await refunded(shop)
    shop.ledger.pay_out()
    run = await compare(shop)
    assert (run.state, run.differences, run.differing) == ("agrees", 0, 0)
    assert run.received_at_stripe == run.received_in_ledger == 300
    assert run.returned_at_stripe == run.returned_in_ledger == 75
    assert run.paid_out == run.paid_out_parts == Decimal("219.89")
    assert run.compared == 5


async def test_comparing_again_copies_nothing_twice_and_looks_at_the_days_before(shop: Shop) -> None:
    await shop.paid_order()
    first, second = await compare(shop), await compare(shop, hours=2)
    assert (first.compared, second.compared) == (1, 1)
    assert second.since == first.until - timedelta(days=3)
    assert len(rows(shop.db, "select stripe_id from stripe_balance_transactions")) == 1


async def test_a_payment_nobody_told_us_of_differs_until_it_is_settled(shop: Shop) -> None:
    order = await shop.order()
    shop.ledger.drop_webhooks(["*"])
    shop.ledger.pay(await shop.page(order))
    assert (await compare(shop)).state == "differs"
    [found] = await differing(shop)
    assert (found.object, found.what, found.at_stripe, found.by) == ("charge", "not_in_ledger", 75, 75)
    await shop.look_for_lost_news()
    assert (await compare(shop, hours=2)).state == "agrees"
    assert rows(shop.db, "select resolution from reconciliation_differences") == [{"resolution": "agrees"}]


async def test_a_payment_that_stripe_does_not_have_is_found_with_its_order(shop: Shop) -> None:
    order = await shop.paid_order()
    [charge] = shop.ledger.objects("balance_transaction")
    shop.ledger.change(charge["id"], reporting_category="something_else")
    run = await compare(shop)
    [found] = await differing(shop)
    assert (run.differences, run.differing, found.what) == (1, 75, "not_at_stripe")
    assert found.order_reference == order.reference


async def test_a_penny_is_a_difference(shop: Shop) -> None:
    await shop.paid_order()
    [charge] = shop.ledger.objects("balance_transaction")
    shop.ledger.change(charge["id"], amount=7501, net=charge["net"] + 1)
    await compare(shop)
    [found] = await differing(shop)
    assert (found.what, found.by) == ("amount_differs", Decimal("0.01"))


async def test_a_refund_that_stripe_does_not_have_is_found(shop: Shop) -> None:
    refund = await refunded(shop)
    [entry] = [each for each in shop.ledger.objects("balance_transaction") if each["source"] == refund]
    shop.ledger.change(entry["id"], reporting_category="something_else")
    await compare(shop)
    [found] = await differing(shop)
    assert (found.object, found.stripe_id, found.what, found.in_ledger) == ("refund", refund, "not_at_stripe", 75)


async def test_while_a_dispute_is_open_the_money_is_withheld_and_nothing_differs(shop: Shop) -> None:
    await shop.paid_order()
    shop.ledger.open_dispute(shop.ledger.objects("charge")[0]["id"])
    assert (await compare(shop)).state == "agrees"
    async with shop.database.connection() as db:
        sums = await get_sums(db)
    assert (sums.received, sums.withheld, sums.fees, sums.held) == (75, 75, Decimal("21.33"), Decimal("-21.33"))


async def test_what_has_just_moved_is_left_for_the_next_time(shop: Shop) -> None:
    order = await shop.order()
    page = await shop.page(order)
    shop.ledger.drop_webhooks(["*"])
    shop.ledger.pay(page)
    run = await reconcile(shop.database, shop.gateway, now=utc_now() + timedelta(seconds=2))
    assert (run.state, run.compared) == ("agrees", 0)
    await shop.look_for_lost_news()


async def test_a_difference_that_carol_explained_is_not_opened_again(shop: Shop) -> None:
    booking = a_booking(shop.db, a_schedule(shop.db))
    a_payment(shop.db, booking, payment_method="card", stripe_payment_intent_id="pi_of_the_old_shop")
    update(shop.db, "bookings", booking, status="confirmed", payment_status="paid")
    await compare(shop)
    [found] = await differing(shop)
    actor = Actor(carol(shop.db)["id"])
    async with shop.database.transaction() as db:
        await explain(db, actor, found.id, note="Taken by the old shop", now=utc_now() + timedelta(hours=1))
    assert (await compare(shop, hours=2)).state == "agrees"
    with pytest.raises(AlreadyResolved):
        async with shop.database.transaction() as db:
            await explain(db, actor, found.id, note="Again", now=utc_now())
    shop.disowned = -7500


async def test_where_stripe_is_silent_nothing_is_written(shop: Shop) -> None:
    await shop.paid_order()
    shop.ledger.fault("answer", "GET", "/v1/balance_transactions", times=9)
    with pytest.raises(PaymentUnavailable):
        await compare(shop)
    assert rows(shop.db, "select id from reconciliation_runs") == []


async def test_a_span_that_ends_before_it_begins_is_refused(shop: Shop) -> None:
    now = utc_now()
    with pytest.raises(NotValid):
        await reconcile(shop.database, shop.gateway, now=now, since=now, until=now - timedelta(days=1))


async def test_a_line_of_the_banks_statement_finds_its_payout_once(shop: Shop) -> None:
    await shop.paid_order()
    [payout] = shop.ledger.pay_out(arrived=True)
    await compare(shop)
    line = {"amount": Decimal("73.67"), "day": utc_now().date(), "bank_reference": "statement 7 line 3"}
    async with shop.database.transaction() as db:
        assert await match_payout(db, **{**line, "amount": Decimal("73.66")}) is None
        assert await match_payout(db, **line) == payout["id"]
        assert await match_payout(db, **{**line, "bank_reference": "statement 7 line 4"}) is None


async def test_a_statement_that_is_read_finds_stripes_payouts_among_its_lines(shop: Shop) -> None:
    await shop.paid_order()
    [payout] = shop.ledger.pay_out(arrived=True)
    day = f"{utc_now():%d/%m/%Y}"
    read = read_statement(f"Date,Name,Amount\n{day},Northern Mills,73.67\n{day},STRIPE PAYMENTS UK,73.67\n".encode())
    await shop.database.run(lambda db: import_statement(db, Actor(carol(shop.db)["id"]), "june.csv", read))
    await match_lines(shop.context)
    assert rows(shop.db, "select from bank_lines_set_aside") == []
    await compare(shop)
    await match_lines(shop.context)
    told = rows(
        shop.db,
        "select line.counterparty, aside.reason from bank_lines_set_aside as aside join bank_lines as line on line.id = aside.line_id",
    )
    assert told == [{"counterparty": "STRIPE PAYMENTS UK", "reason": f"Stripe’s payout {payout['id']}"}]
    assert rows(shop.db, "select stripe_id from stripe_payouts where at_bank_on is not null") == [
        {"stripe_id": payout["id"]}
    ]


async def test_the_days_are_londons_and_none_is_left_out(shop: Shop) -> None:
    await shop.paid_order()
    await compare(shop)
    shop.db.execute("set session_replication_role = 'replica'")
    shop.db.execute("update stripe_balance_transactions set created_at = '2026-06-30 23:30'")
    async with shop.database.connection() as db:
        found = await list_days(db, (july := utc_now().replace(2026, 7, 1).date()) - timedelta(days=1), july)
    nothing = Decimal(0)
    assert found == [
        MoneyOfDay(july - timedelta(days=1), nothing, nothing, nothing),
        MoneyOfDay(july, Decimal(75), nothing, Decimal("1.33")),
    ]
    shop.db.execute("update stripe_balance_transactions set created_at = localtimestamp")


async def test_the_job_compares_and_the_command_says_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.paid_order()
    await compare_job(shop.context)
    for name, value in (
        ("RFT_DEMO", "1"),
        ("DATABASE_URL", shop.settings.database_url),
        ("STRIPE_SECRET_KEY", SECRET),
        ("STRIPE_API_BASE", shop.stripe_address),
    ):
        monkeypatch.setenv(name, value)
    agrees = await asyncio.to_thread(CliRunner().invoke, app, ["reconcile"])
    assert (agrees.exit_code, "Not a penny of difference." in agrees.output) == (0, True)
    shop.db.execute(
        """
        insert into reconciliation_differences (object, stripe_id, at_stripe, first_seen_at, last_seen_at)
        values ('payout', 'po_1', 5, localtimestamp, localtimestamp)
        """
    )
    differs = await asyncio.to_thread(CliRunner().invoke, app, ["reconcile", "--json", "--from", "2026-01-01"])
    assert differs.exit_code == 1
    assert json.loads(differs.output)["differences"][0]["what"] == "not_in_ledger"
