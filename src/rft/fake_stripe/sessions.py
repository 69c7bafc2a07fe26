"""Checkout Sessions: made by the API, paid on the hosted page, ended by payment, by request or by time."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from rft.fake_stripe import cards, payments
from rft.fake_stripe.books import Books, Thing, new_id
from rft.fake_stripe.cards import Card
from rft.fake_stripe.parameters import Parameters
from rft.fake_stripe.refusals import Refused

SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 60 * 60
SMALLEST_TOTAL = {"gbp": 30}
SMALLEST_TOTAL_ELSEWHERE = 50
LARGEST_TOTAL = 99_999_999
LINES_MOST = 100
# Asked with every request: left to itself SQLite would look through all sessions instead.
SESSIONS_DUE = """
    select body
    from objects indexed by sessions_to_expire
    where kind = 'checkout.session'
        and json_extract(body, '$.status') = 'open'
        and json_extract(body, '$.expires_at') <= ?
"""

Result = Literal["paid", "settling", "declined", "authenticate", "closed"]


@dataclass(frozen=True)
class Attempt:
    """How one try to pay ended, and what to tell the customer."""

    result: Result
    session: Thing
    message: str = ""


def create(books: Books, given: Parameters, base_url: str) -> Thing:
    if given.choice("mode", ["payment"]) is None:
        raise given.missing("mode")
    items = [line_item(books, row) for row in given.rows("line_items")]
    total = require_total(given, items)
    email = given.email("customer_email")
    session = books.make(
        "checkout.session",
        success_url=given.url("success_url"),
        cancel_url=given.url("cancel_url"),
        client_reference_id=given.text("client_reference_id", longest=200),
        metadata=given.metadata(),
        expires_at=require_expiry(books, given),
        customer_email=email,
        customer_details=customer_details(email) if email else None,
        currency=items[0]["currency"],
        amount_subtotal=total,
        amount_total=total,
        _line_items=items,
        _payment_intent_data=intent_data(given.inner("payment_intent_data")),
    )
    if session["success_url"] is None:
        raise given.missing("success_url")
    session["payment_method_types"] = given.texts("payment_method_types") or ["card"]
    for name in ("locale", "submit_type", "billing_address_collection", "customer_creation", "ui_mode"):
        session[name] = given.text(name) or session[name]
    given.texts("expand")
    given.require_nothing_else()
    session["url"] = f"{base_url}/pay/{session['id']}"
    return books.add(session)


def line_item(books: Books, row: Parameters) -> Thing:
    data = row.inner("price_data")
    if data is None:
        raise Refused("The practice Stripe takes prices as `price_data` only.", param=row.name("price_data"))
    product = data.inner("product_data")
    if product is None:
        raise data.missing("product_data")
    currency = data.required_text("currency").lower()
    amount = data.whole("unit_amount", least=0)
    if amount is None:
        raise data.missing("unit_amount")
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Refused(f"Invalid currency: {currency}", param=data.name("currency"))
    quantity = row.whole("quantity", least=1, most=999_999) or 1
    name = product.required_text("name")
    price = books.make(
        "price",
        currency=currency,
        unit_amount=amount,
        unit_amount_decimal=str(amount),
        product=new_id("prod_"),
        tax_behavior=data.text("tax_behavior") or "unspecified",
    )
    item = books.make("item", currency=currency, description=name, quantity=quantity, price=price)
    item["_detail"] = product.text("description")
    product.metadata()
    product.texts("images")
    return {**item, "amount_subtotal": amount * quantity, "amount_total": amount * quantity}


def require_total(given: Parameters, items: list[Thing]) -> int:
    """The sum in pence, within what Stripe takes, all in one currency."""
    if not items:
        raise given.missing("line_items")
    if len(items) > LINES_MOST:
        raise Refused(f"Checkout Sessions take at most {LINES_MOST} line items.", param="line_items")
    currency = items[0]["currency"]
    if any(item["currency"] != currency for item in items):
        raise Refused("All line items must have the same currency.", param="line_items")
    total = sum(item["amount_total"] for item in items)
    least = SMALLEST_TOTAL.get(currency, SMALLEST_TOTAL_ELSEWHERE)
    if total < least:
        message = f"The Checkout Session's total amount must be at least {least} in the smallest unit of {currency}."
        raise Refused(message, code="amount_too_small", param="line_items")
    if total > LARGEST_TOTAL:
        message = f"The Checkout Session's total amount must be at most {LARGEST_TOTAL}."
        raise Refused(message, code="amount_too_large", param="line_items")
    return int(total)


def require_expiry(books: Books, given: Parameters) -> int:
    expires_at = given.whole("expires_at")
    now = int(books.now)
    if expires_at is None:
        return now + LONGEST_SECONDS
    if expires_at < now + SHORTEST_SECONDS:
        message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise Refused(message, param="expires_at")
    if expires_at > now + LONGEST_SECONDS:
        message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise Refused(message, param="expires_at")
    return expires_at


def intent_data(given: Parameters | None) -> dict[str, Any]:
    if given is None:
        return {}
    return {
        "metadata": given.metadata(),
        "description": given.text("description", longest=1000),
        "receipt_email": given.email("receipt_email"),
        "statement_descriptor": given.text("statement_descriptor", longest=22),
        "statement_descriptor_suffix": given.text("statement_descriptor_suffix", longest=22),
    }


def customer_details(email: str) -> Thing:
    names = ("address", "business_name", "individual_name", "name", "phone")
    return {**dict.fromkeys(names), "email": email, "tax_exempt": "none", "tax_ids": []}


def expire(books: Books, session: Thing) -> Thing:
    """Ends an open session on request."""
    if session["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
        raise Refused(message, begun=True)
    return close_unpaid(books, session)


def close_unpaid(books: Books, session: Thing) -> Thing:
    session.update(status="expired", url=None)
    books.save(session)
    if session["payment_intent"] is not None:
        intent = books.get("payment_intent", session["payment_intent"])
        if intent["status"] in payments.INTENT_STATES_THAT_TAKE_A_CARD:
            payments.cancel(books, intent)
    books.announce("checkout.session.expired", session)
    return session


def expire_due(books: Books) -> None:
    """Ends every open session whose time has come; called before any look at sessions, and by the clock."""
    for row in books.connection.execute(SESSIONS_DUE, (books.now,)).fetchall():
        close_unpaid(books, json.loads(row["body"]))


def pay(books: Books, session: Thing, card: Card, email: str | None = None) -> Attempt:
    """One press of the pay button; a session that is no longer open takes no second payment."""
    if session["status"] != "open":
        return Attempt("closed", session)
    if email and session["customer_email"] is None:
        session["customer_details"] = customer_details(email)
        books.save(session)
    intent = payments.open_intent(books, session)
    if card.course == "needs_authentication":
        payments.ask_to_authenticate(books, intent, f"{session['url']}/authenticate")
        return Attempt("authenticate", session)
    charged = payments.charge(books, intent, card, paying_email(session))
    if card.course == "declined":
        payments.decline(books, intent, charged, card)
        return Attempt("declined", session, card.message)
    if card.course == "succeeds":
        payments.succeed(books, intent, charged)
        return complete(books, session, "paid")
    payments.await_settlement(books, intent, charged, card)
    return complete(books, session, "unpaid")


def paying_email(session: Thing) -> str | None:
    details = session["customer_details"]
    return details["email"] if details else None


def complete(books: Books, session: Thing, payment_status: str) -> Attempt:
    session.update(status="complete", payment_status=payment_status, url=None)
    books.save(session)
    books.announce("checkout.session.completed", session)
    return Attempt("paid" if payment_status == "paid" else "settling", session)


def authenticate(books: Books, session: Thing, *, confirmed: bool) -> Attempt:
    """The customer's answer to the bank's question."""
    if session["status"] != "open":
        return Attempt("closed", session)
    intent = payments.open_intent(books, session)
    if intent["status"] != "requires_action":
        return Attempt("declined", session, "There is nothing to confirm. Enter a card to pay.")
    card = cards.AUTHENTICATED_CARD
    if confirmed:
        payments.succeed(books, intent, payments.charge(books, intent, card, paying_email(session)))
        return complete(books, session, "paid")
    message = "We are unable to authenticate your payment method. Please choose another and try again."
    error = payments.error_for(card, None) | {"code": "payment_intent_authentication_failure", "message": message}
    payments.fail_intent(books, intent, error)
    return Attempt("declined", session, message)


def settle(books: Books, intent: Thing, *, succeeded: bool) -> None:
    """A delayed payment comes in, or does not."""
    if intent["status"] != "processing":
        raise Refused(f"This PaymentIntent is {intent['status']}, not processing.", param="intent")
    [session] = books.each("checkout.session", payment_intent=intent["id"])
    charged = books.get("charge", intent["latest_charge"])
    if succeeded:
        payments.succeed(books, intent, charged)
        session["payment_status"] = "paid"
        books.save(session)
        books.announce("checkout.session.async_payment_succeeded", session)
    else:
        payments.decline(books, intent, charged, cards.FAILING_LATER_CARD)
        books.announce("checkout.session.async_payment_failed", session)
