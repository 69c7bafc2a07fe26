"""Compares the ledger with Stripe's balance: copies what Stripe tells, holds both sides together, and says what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import structlog

from rft.audit.service import Actor, record
from rft.database.pool import Connection, Database
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.clock import london_today
from rft.payments.balance import BalanceEntry, Payout
from rft.payments.gateway import Gateway
from rft.reconciliation.errors import AlreadyResolved
from rft.reconciliation.queries import Run, find_last_run
from rft.reconciliation.rules import PAYOUT_TAKES, span

log = structlog.get_logger()

_COMPARE = statement(__file__, "compare.sql")
_COPY_ENTRY = """
insert into stripe_balance_transactions
       (stripe_id, kind, amount, fee, net, source_id, payment_intent_id, available_on, created_at)
values (%(id)s, %(kind)s, %(amount)s, %(fee)s, %(net)s, %(source_id)s, %(payment_intent_id)s, %(available_on)s, %(created_at)s)
    on conflict (stripe_id) do nothing
"""
_COPY_PAYOUT = """
insert into stripe_payouts as known (stripe_id, amount, state, arrives_on, created_at)
values (%(id)s, %(amount)s, %(state)s, %(arrives_on)s, %(created_at)s)
    on conflict (stripe_id) do update set state = excluded.state, arrives_on = excluded.arrives_on, fetched_at = localtimestamp
       where (known.state, known.arrives_on) is distinct from (excluded.state, excluded.arrives_on)
"""
_COPY_PART = """
insert into stripe_payout_parts (balance_transaction_id, payout_id) values (%s, %s) on conflict (balance_transaction_id) do nothing
"""
_WRITE_RUN = """
insert into reconciliation_runs (day, since, until, ran_at, state, compared, received_at_stripe, received_in_ledger,
       returned_at_stripe, returned_in_ledger, paid_out, paid_out_parts, differences, differing)
select %(day)s, %(since)s, %(until)s, %(now)s, case when count(*) = 0 then 'agrees' else 'differs' end, %(compared)s,
       %(received_at_stripe)s, %(received_in_ledger)s, %(returned_at_stripe)s, %(returned_in_ledger)s, %(paid_out)s, %(paid_out_parts)s,
       count(*), coalesce(sum(abs(coalesce(known.at_stripe, 0) - coalesce(known.in_ledger, 0))), 0.00)
  from reconciliation_differences as known
 where known.resolved_at is null
"""
# Another's transfer may come to the same sum as a payout: the line has to name Stripe too.
_FROM_STRIPE = """
select line.id, line.amount, line.booked_on
  from bank_lines as line
 where concat_ws(' ', line.counterparty, line.description) ilike '%stripe%'
   and line.amount in (select payout.amount from stripe_payouts as payout where payout.bank_reference is null)
   and not exists (select from bank_lines_set_aside as aside where aside.line_id = line.id)
   and not exists (select from bank_matches as match where match.line_id = line.id)
 order by line.booked_on, line.id
"""
_SET_ASIDE = """
insert into bank_lines_set_aside (line_id, reason, set_aside_by)
select %(line_id)s, %(reason)s, id from users where email = 'system@rft.invalid'
"""
# The comparison reads the ledger's card payments once; it may take longer than a page may.
_PATIENCE = "set local statement_timeout = '4min'"


@dataclass(frozen=True, slots=True)
class Told:
    """What Stripe said. `parts` are the entries of each payout that was not known with its parts yet."""

    entries: list[BalanceEntry]
    payouts: list[Payout]
    parts: dict[str, list[BalanceEntry]]


async def reconcile(
    database: Database, gateway: Gateway, *, now: datetime, since: datetime | None = None, until: datetime | None = None
) -> Run:
    """Fetches from Stripe, compares, and writes down the result; safe to repeat. Without a span, from where the last one ended.

    Raises PaymentUnavailable where Stripe cannot be asked, NotValid for a span that is none.
    """
    async with database.connection() as db:
        last_until, oldest = await _find_ends(db)
        start, end = span(now, last_until=last_until, oldest=oldest, since=since, until=until)
        known = await _list_known_payouts(db)
    told = await _ask(gateway, start, now, known)

    async def work(db: Connection) -> Run:
        await db.execute(_PATIENCE)
        # Two comparisons at once take turns.
        await db.execute("lock table reconciliation_runs in share row exclusive mode")
        await _copy(db, told)
        return await _compare(db, start, end, now)

    run = await database.run(work)
    if run.differences:
        log.error("books_differ", differences=run.differences, differing=str(run.differing))
    return run


async def explain(db: Connection, actor: Actor, difference_id: int, *, note: str, now: datetime) -> None:
    """Resolves a difference because somebody knows why it is so. Raises NotFound, AlreadyResolved."""
    cursor = await db.execute(
        "select stripe_id, at_stripe, in_ledger, resolved_at from reconciliation_differences where id = %s for update",
        (difference_id,),
    )
    found = await cursor.fetchone()
    if found is None:
        raise NotFound("There is no such difference.")
    if found["resolved_at"] is not None:
        raise AlreadyResolved
    await db.execute(
        """
        update reconciliation_differences
           set resolved_at = %(now)s, resolution = 'explained', note = %(note)s, resolved_by = %(by)s
         where id = %(id)s
        """,
        {"now": now, "note": note, "by": actor.user_id, "id": difference_id},
    )
    amounts = {"at_stripe": found["at_stripe"], "in_ledger": found["in_ledger"]}
    new = {"reference": found["stripe_id"], "reason": note, **amounts}
    await record(db, actor, "difference.explain", "reconciliation_difference", difference_id, new=new)


async def match_payout(db: Connection, *, amount: Decimal, day: date, bank_reference: str) -> str | None:
    """Finds the payout that a line of the bank's statement is, by its amount and its day, and notes where it was seen.

    Answers Stripe's id; None where no payout fits, or more than one does. The same line twice changes nothing.
    """
    cursor = await db.execute(
        """
        update stripe_payouts as payout
           set bank_reference = %(bank_reference)s, at_bank_on = %(day)s
         where payout.stripe_id = (
                   select min(fitting.stripe_id) from stripe_payouts as fitting
                    where fitting.amount = %(amount)s and fitting.bank_reference is null
                      and fitting.arrives_on between %(day)s::date - 4 and %(day)s::date + 2
                   having count(*) = 1)
           and not exists (select from stripe_payouts as other where other.bank_reference = %(bank_reference)s)
        returning payout.stripe_id
        """,
        {"amount": amount, "day": day, "bank_reference": bank_reference},
    )
    found = await cursor.fetchone()
    return str(found["stripe_id"]) if found is not None else None


async def match_bank_lines(db: Connection) -> int:
    """Finds the payouts that lines of the bank's statements are, and sets those lines aside as such; answers how many."""
    cursor = await db.execute(_FROM_STRIPE)
    found = 0
    for line in await cursor.fetchall():
        reference = f"bank line {line['id']}"
        payout = await match_payout(db, amount=line["amount"], day=line["booked_on"], bank_reference=reference)
        if payout is not None:
            await db.execute(_SET_ASIDE, {"line_id": line["id"], "reason": f"Stripe’s payout {payout}"})
            found += 1
    return found


async def _find_ends(db: Connection) -> tuple[datetime | None, datetime | None]:
    """Up to when was compared, and since when money has come by card."""
    cursor = await db.execute(
        """
        select (select max(until) from reconciliation_runs) as last_until,
               (select min(created_at) from payment_transactions where stripe_payment_intent_id is not null) as oldest
        """
    )
    ends = await cursor.fetchone()
    assert ends is not None, "a select without from gives a row"
    return ends["last_until"], ends["oldest"]


async def _list_known_payouts(db: Connection) -> set[str]:
    cursor = await db.execute("select distinct payout_id from stripe_payout_parts")
    return {row["payout_id"] for row in await cursor.fetchall()}


async def _ask(gateway: Gateway, since: datetime, now: datetime, known: set[str]) -> Told:
    """Up to this moment, so that the comparison sees what moved again after the span's end."""
    entries = await gateway.list_balance_transactions(since, now)
    payouts = await gateway.list_payouts(since - PAYOUT_TAKES, now)
    parts = {
        payout.id: await gateway.list_balance_transactions(payout_id=payout.id)
        for payout in payouts
        if payout.id not in known
    }
    return Told(entries, payouts, parts)


async def _copy(db: Connection, told: Told) -> None:
    brought = [entry for entries in told.parts.values() for entry in entries]
    async with db.cursor() as cursor:
        await cursor.executemany(_COPY_ENTRY, [_columns(entry) for entry in [*told.entries, *brought]])
        await cursor.executemany(_COPY_PAYOUT, [_columns(payout) for payout in told.payouts])
        await cursor.executemany(_COPY_PART, _parts(told))


def _parts(told: Told) -> Sequence[tuple[str, str]]:
    """Without the payout's own entry, which takes the same sum off the balance again."""
    return [(entry.id, payout) for payout, entries in told.parts.items() for entry in entries if entry.kind != "payout"]


def _columns(of: BalanceEntry | Payout) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__slots__}


async def _compare(db: Connection, since: datetime, until: datetime, now: datetime) -> Run:
    values = {"since": since, "until": until, "now": now}
    looked = await (await db.execute(_COMPARE, values)).fetchone()
    assert looked is not None, "sums without groups are one row"
    await db.execute(_WRITE_RUN, {**values, **looked, "day": london_today(now)})
    run = await find_last_run(db)
    assert run is not None, "it was just written"
    return run
