"""Payouts: once a day what has become available goes to the company's bank, and each entry belongs to one payout."""

import json

from rft.fake_stripe.books import Books, Thing

SECONDS_OF_A_DAY = 86400
DAYS_UNTIL_ARRIVED = 1
# What is available and in no payout yet. A payout's own entry is the other side of it.
UNPAID = """
select body from objects
 where kind = 'balance_transaction' and json_extract(body, '$._payout') is null
   and json_extract(body, '$.available_on') <= ?
 order by json_extract(body, '$.available_on'), position
"""


def pay_out_due(books: Books) -> list[Thing]:
    """One payout for each day on which something became available. A day that went below nothing waits for the next."""
    made: list[Thing] = []
    waiting: list[Thing] = []
    entries = [json.loads(row["body"]) for row in books.connection.execute(UNPAID, (int(books.now),))]
    days = sorted({entry["available_on"] // SECONDS_OF_A_DAY for entry in entries})
    for day in days:
        waiting += [entry for entry in entries if entry["available_on"] // SECONDS_OF_A_DAY == day]
        if sum(entry["net"] for entry in waiting) > 0:
            made.append(_pay_out(books, waiting))
            waiting = []
    return made


def pay_out_now(books: Books, *, arrived: bool) -> list[Thing]:
    """Brings forward what waits: everything becomes available, is paid out and, where `arrived`, is at the bank."""
    for entry in books.each("balance_transaction"):
        if entry.get("_payout") is None and entry["available_on"] > books.now:
            books.save({**entry, "available_on": int(books.now)})
    made = pay_out_due(books)
    for payout in books.each("payout") if arrived else []:
        books.save({**payout, "arrival_date": min(payout["arrival_date"], int(books.now))})
    return made


def as_of_now(books: Books, payout: Thing) -> Thing:
    """A payout arrives by time alone, so its status is worked out when it is read."""
    return {**payout, "status": "paid" if payout["arrival_date"] <= books.now else payout["status"]}


def _pay_out(books: Books, entries: list[Thing]) -> Thing:
    total = sum(entry["net"] for entry in entries)
    arrives = (int(books.now) // SECONDS_OF_A_DAY + DAYS_UNTIL_ARRIVED) * SECONDS_OF_A_DAY
    payout = books.make("payout", amount=total, arrival_date=arrives, currency=entries[0]["currency"])
    other_side = books.make(
        "balance_transaction",
        type="payout",
        reporting_category="payout",
        source=payout["id"],
        amount=-total,
        net=-total,
        currency=payout["currency"],
        description="STRIPE PAYOUT",
        available_on=arrives,
        _payout=payout["id"],
    )
    payout["balance_transaction"] = books.add(other_side)["id"]
    for entry in entries:
        books.save({**entry, "_payout": payout["id"]})
    books.add(payout)
    books.announce("payout.created", payout)
    return payout
