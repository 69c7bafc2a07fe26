"""`rft reconcile`: holds the ledger against Stripe's balance now."""

import asyncio
import json
from datetime import datetime, time, timedelta
from typing import Annotated

import typer
from rich.console import Console

from rft.database.location import located
from rft.database.pool import Database
from rft.errors import Refusal
from rft.kit.clock import from_london, to_iso, utc_now
from rft.kit.money import in_words
from rft.payments.gateway import Gateway
from rft.reconciliation.queries import Difference, Run, list_open_differences
from rft.reconciliation.service import reconcile as compare
from rft.settings import Settings, SettingsError

out = Console(highlight=False, soft_wrap=True)


def reconcile(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day in London.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day in London.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Compares every payment, refund and payout with Stripe, to the penny; exits 1 where anything differs.

    Without days: from where the last comparison ended.
    """
    since = from_london(first.date(), time.min) if first else None
    until = from_london(last.date() + timedelta(days=1), time.min) if last else None
    settings = Settings.from_environment()
    with located(settings) as url:
        try:
            run, differences = asyncio.run(_compare(url, settings, since, until))
        except Refusal as refusal:
            raise SettingsError(
                refusal.detail, "See that STRIPE_SECRET_KEY is right and that Stripe can be reached."
            ) from refusal
    if as_json:
        out.print_json(json.dumps(_as_json(run, differences)))
    else:
        _tell(run, differences)
    if differences:
        raise typer.Exit(1)


async def _compare(
    url: str, settings: Settings, since: datetime | None, until: datetime | None
) -> tuple[Run, list[Difference]]:
    database = Database(url, size=2)
    await database.open()
    try:
        async with Gateway(settings) as gateway:
            run = await compare(database, gateway, now=utc_now(), since=since, until=until)
        async with database.connection() as db:
            return run, await list_open_differences(db)
    finally:
        await database.close()


def _tell(run: Run, differences: list[Difference]) -> None:
    out.print(f"Compared {run.compared} payments, refunds and payouts, {to_iso(run.since)} to {to_iso(run.until)}.")
    for name, stripe, ledger in (
        ("Received", run.received_at_stripe, run.received_in_ledger),
        ("Returned", run.returned_at_stripe, run.returned_in_ledger),
        ("Paid out", run.paid_out, run.paid_out_parts),
    ):
        out.print(f"  {name:<9} {in_words(stripe):>14} at Stripe {in_words(ledger):>14} in our books")
    for each in differences:
        out.print(
            f"[bold red]{each.object}[/] {each.stripe_id}: {_amount(each.at_stripe)} at Stripe,"
            f" {_amount(each.in_ledger)} in our books; {each.order_reference or each.booking_reference or 'no order'}"
        )
    if not differences:
        out.print("[green]Not a penny of difference.[/]")


def _amount(amount: object) -> str:
    return "nothing" if amount is None else f"£{amount}"


def _as_json(run: Run, differences: list[Difference]) -> dict[str, object]:
    return {
        "agrees": not differences,
        "compared": run.compared,
        "since": to_iso(run.since),
        "until": to_iso(run.until),
        "received": {"at_stripe": str(run.received_at_stripe), "in_ledger": str(run.received_in_ledger)},
        "returned": {"at_stripe": str(run.returned_at_stripe), "in_ledger": str(run.returned_in_ledger)},
        "paid_out": {"at_stripe": str(run.paid_out), "in_ledger": str(run.paid_out_parts)},
        "differences": [
            {
                "object": each.object,
                "stripe_id": each.stripe_id,
                "what": each.what,
                "at_stripe": None if each.at_stripe is None else str(each.at_stripe),
                "in_ledger": None if each.in_ledger is None else str(each.in_ledger),
                "order": each.order_reference,
                "booking": each.booking_reference,
                "first_seen_at": to_iso(each.first_seen_at),
            }
            for each in differences
        ],
    }
