"""Refunds: never more than was charged, sometimes slow, sometimes failing afterwards."""

from rft.fake_stripe import balance
from rft.fake_stripe.books import Books, Thing
from rft.fake_stripe.parameters import Parameters
from rft.fake_stripe.refusals import Refused

REASONS = ["duplicate", "fraudulent", "requested_by_customer"]
COURSES = ("succeeds", "fails_later", "waits", "waits_then_fails")


def create(books: Books, given: Parameters) -> Thing:
    charge = charge_to_refund(books, given)
    amount = given.whole("amount", least=1)
    reason = given.choice("reason", REASONS)
    metadata = given.metadata()
    given.text("instructions_email")
    given.texts("expand")
    given.require_nothing_else()
    left = charge["amount"] - charge["amount_refunded"]
    require_refundable(charge, amount, left)
    course = next_course(books, charge)
    refund = books.make(
        "refund",
        amount=amount or left,
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        currency=charge["currency"],
        reason=reason,
        metadata=metadata,
        status="pending" if course.startswith("waits") else "succeeded",
    )
    if refund["status"] == "pending":
        refund["pending_reason"] = "processing"
    refund["balance_transaction"] = balance.enter(books, "refund", refund, -refund["amount"])
    books.add(refund)
    books.announce("refund.created", refund)
    move(books, charge, refund["amount"], "charge.refunded")
    plan_end(books, refund, course)
    return refund


def charge_to_refund(books: Books, given: Parameters) -> Thing:
    charge_id, intent_id = given.text("charge"), given.text("payment_intent")
    if charge_id is None and intent_id is None:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise Refused(message, code="parameter_missing", param="payment_intent")
    if charge_id is not None:
        charge = books.get("charge", charge_id, "charge")
        if intent_id not in {None, charge["payment_intent"]}:
            raise Refused("The charge does not belong to the PaymentIntent.", param="payment_intent")
    else:
        intent = books.get("payment_intent", str(intent_id), "payment_intent")
        found = books.find(intent["latest_charge"]) if intent["latest_charge"] else None
        if found is None or found["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise Refused(message, code="payment_intent_unexpected_state", param="payment_intent", begun=True)
        charge = found
    return charge


def require_refundable(charge: Thing, amount: int | None, left: int) -> None:
    if charge["status"] != "succeeded":
        message = f"Charge {charge['id']} has not been captured and cannot be refunded."
        raise Refused(message, code="charge_not_refundable", begun=True)
    if charge["_dispute_took"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise Refused(message, code="charge_disputed", begun=True)
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise Refused(message, code="charge_already_refunded", begun=True)
    if amount is not None and amount > left:
        message = f"Refund amount ({money(amount)}) is greater than unrefunded amount on charge ({money(left)})"
        raise Refused(message, param="amount", begun=True)


def money(pence: int) -> str:
    return f"£{pence // 100}.{pence % 100:02}"


def next_course(books: Books, charge: Thing) -> str:
    """What a test ordered for the next refund, else what the card does."""
    ordered = books.setting("refund_courses", [])
    if ordered:
        books.set("refund_courses", ordered[1:])
        return str(ordered[0])
    return str(charge["_refund_course"])


def plan_end(books: Books, refund: Thing, course: str) -> None:
    acts = {"fails_later": "fail_refund", "waits_then_fails": "fail_refund", "waits": "finish_refund"}
    if course in acts:
        books.plan(acts[course], refund["id"], books.setting("later_seconds", 5.0))


def move(books: Books, charge: Thing, amount: int, event_type: str) -> None:
    """Adds to (or, below zero, takes from) what the charge has given back."""
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    books.save(charge)
    after = {name: value for name, value in before.items() if charge[name] != value}
    books.announce(event_type, charge, after)


def finish(books: Books, refund: Thing) -> None:
    """A pending refund reaches the card."""
    if refund["status"] != "pending":
        raise Refused(f"This refund is {refund['status']}, not pending.", param="refund")
    refund["status"] = "succeeded"
    refund.pop("pending_reason", None)
    books.save(refund)
    for event_type in ("refund.updated", "charge.refund.updated"):
        books.announce(event_type, refund, {"status": "pending"})


def fail(books: Books, refund: Thing) -> None:
    """The bank sends a refund back: the money is ours again, and still owed."""
    if refund["status"] not in {"succeeded", "pending"}:
        raise Refused(f"This refund is {refund['status']}.", param="refund")
    before = {"status": refund["status"]}
    refund.pop("pending_reason", None)
    refund.update(status="failed", failure_reason="lost_or_stolen_card")
    refund["failure_balance_transaction"] = balance.enter(books, "refund_failure", refund, refund["amount"])
    books.save(refund)
    move(books, books.get("charge", refund["charge"]), -refund["amount"], "charge.updated")
    for event_type in ("refund.updated", "charge.refund.updated", "refund.failed"):
        books.announce(event_type, refund, before)
