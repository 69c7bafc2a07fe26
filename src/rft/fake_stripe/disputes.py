"""Chargebacks: the bank takes the money while a dispute is open, and gives it back if we win."""

from rft.fake_stripe import balance
from rft.fake_stripe.books import Books, Thing
from rft.fake_stripe.refusals import Refused

DAYS_TO_ANSWER = 14


def open_dispute(books: Books, charge: Thing, reason: str = "fraudulent") -> Thing:
    amount = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded" or charge["disputed"] or amount == 0:
        raise Refused(f"Charge {charge['id']} cannot be disputed.", param="charge")
    dispute = books.make(
        "dispute",
        amount=amount,
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        currency=charge["currency"],
        reason=reason,
        payment_method_details={"type": "card", "card": {"brand": "visa", "network_reason_code": "10"}},
    )
    dispute["evidence_details"]["due_by"] = int(books.now) + DAYS_TO_ANSWER * 86400
    taken = balance.enter(books, "dispute", dispute, -amount, balance.DISPUTE_FEE)
    dispute["balance_transactions"] = [books.find(taken)]
    books.add(dispute)
    charge.update(disputed=True, _dispute_took=True)
    books.save(charge)
    books.announce("charge.dispute.created", dispute)
    books.announce("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(books: Books, dispute: Thing, *, won: bool) -> Thing:
    if dispute["status"] in {"won", "lost"}:
        raise Refused(f"This dispute is already {dispute['status']}.", param="dispute")
    before = {"status": dispute["status"]}
    dispute["status"] = "won" if won else "lost"
    if won:
        returned = balance.enter(books, "dispute_reversal", dispute, dispute["amount"])
        dispute["balance_transactions"].append(books.find(returned))
        charge = books.get("charge", dispute["charge"])
        charge["_dispute_took"] = False
        books.save(charge)
    books.save(dispute)
    books.announce("charge.dispute.closed", dispute, before)
    if won:
        books.announce("charge.dispute.funds_reinstated", dispute)
    return dispute
