"""Paying: one PaymentIntent a session, a Charge an attempt, and the events Stripe sends about them, in its order."""

from typing import Any

from rft.fake_stripe import balance
from rft.fake_stripe.books import Books, Thing, new_id
from rft.fake_stripe.cards import Card

INTENT_STATES_THAT_TAKE_A_CARD = {"requires_payment_method", "requires_action"}


def open_intent(books: Books, session: Thing) -> Thing:
    """The session's intent, made when the customer first tries to pay (as Stripe does since 2022)."""
    if session["payment_intent"] is not None:
        return books.get("payment_intent", session["payment_intent"])
    intent = books.make(
        "payment_intent",
        amount=session["amount_total"],
        currency=session["currency"],
        payment_method_types=session["payment_method_types"],
        **session["_payment_intent_data"],
    )
    intent["client_secret"] = f"{intent['id']}_secret_{new_id('')}"
    books.add(intent)
    books.announce("payment_intent.created", intent)
    session["payment_intent"] = intent["id"]
    books.save(session)
    return intent


def charge(books: Books, intent: Thing, card: Card, email: str | None) -> Thing:
    method = new_id("pm_")
    made = books.make(
        "charge",
        amount=intent["amount"],
        currency=intent["currency"],
        payment_intent=intent["id"],
        payment_method=method,
        payment_method_details={"type": "card", "card": card_details(card)},
        metadata=intent["metadata"],
        description=intent["description"],
        receipt_email=intent["receipt_email"],
        _refund_course=card.refund,
        _disputed_later=card.disputed,
        _dispute_took=False,
    )
    made["billing_details"]["email"] = email
    intent["latest_charge"] = made["id"]
    intent["payment_method"] = method
    return made


def card_details(card: Card) -> Thing:
    checks = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None}
    return {
        "brand": "visa",
        "checks": checks,
        "country": "GB",
        "exp_month": 12,
        "exp_year": 2099,
        "fingerprint": f"practice{card.last4}",
        "funding": "credit",
        "last4": card.last4,
        "network": "visa",
        "three_d_secure": None,
        "wallet": None,
    }


def outcome(kind: str, message: str, reason: str | None = None) -> Thing:
    return {
        "network_status": "approved_by_network" if kind == "authorized" else "declined_by_network",
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": message,
        "type": kind,
    }


def error_for(card: Card, charged: Thing | None) -> Thing:
    method = {"id": charged["payment_method"], "object": "payment_method", "type": "card"} if charged else None
    if method:
        method["card"] = card_details(card)
    return {
        "charge": charged["id"] if charged else None,
        "code": card.code,
        "decline_code": card.decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{card.code.replace('_', '-')}",
        "message": card.message,
        "payment_method": method,
        "type": "card_error",
    }


def succeed(books: Books, intent: Thing, charged: Thing) -> None:
    """The money is there: charge, balance entry, intent, and the two events about it."""
    fresh = books.find(charged["id"]) is None
    charged.update(status="succeeded", paid=True, captured=True, amount_captured=charged["amount"])
    charged["outcome"] = outcome("authorized", "Payment complete.")
    charged["balance_transaction"] = balance.enter(
        books, "charge", charged, charged["amount"], balance.card_fee(charged["amount"])
    )
    (books.add if fresh else books.save)(charged)
    books.announce("charge.succeeded", charged)
    intent.update(status="succeeded", amount_received=intent["amount"], next_action=None, last_payment_error=None)
    books.save(intent)
    books.announce("payment_intent.succeeded", intent)
    if charged["_disputed_later"]:
        books.plan("dispute", charged["id"], books.setting("later_seconds", 5.0))


def decline(books: Books, intent: Thing, charged: Thing, card: Card) -> None:
    """The attempt failed: a failed charge is kept, and the intent waits for another card."""
    fresh = books.find(charged["id"]) is None
    charged.update(status="failed", failure_code=card.code, failure_message=card.message)
    charged["outcome"] = outcome("issuer_declined", "The bank declined the payment.", card.decline_code)
    (books.add if fresh else books.save)(charged)
    books.announce("charge.failed", charged)
    fail_intent(books, intent, error_for(card, charged))


def fail_intent(books: Books, intent: Thing, error: Thing) -> None:
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error)
    books.save(intent)
    books.announce("payment_intent.payment_failed", intent)


def await_settlement(books: Books, intent: Thing, charged: Thing, card: Card) -> None:
    """A delayed method: nothing is paid yet, and the plan says how it will end."""
    books.add(charged)
    books.announce("charge.pending", charged)
    intent.update(status="processing", next_action=None, last_payment_error=None)
    books.save(intent)
    books.announce("payment_intent.processing", intent)
    act = "settle" if card.course == "settles_later" else "fail_settlement"
    books.plan(act, intent["id"], books.setting("later_seconds", 5.0))


def ask_to_authenticate(books: Books, intent: Thing, return_url: str) -> None:
    action: dict[str, Any] = {
        "type": "redirect_to_url",
        "redirect_to_url": {"url": return_url, "return_url": return_url},
    }
    intent.update(status="requires_action", next_action=action, last_payment_error=None)
    books.save(intent)
    books.announce("payment_intent.requires_action", intent)


def cancel(books: Books, intent: Thing) -> None:
    intent.update(status="canceled", canceled_at=int(books.now), cancellation_reason="automatic", next_action=None)
    books.save(intent)
    books.announce("payment_intent.canceled", intent)
