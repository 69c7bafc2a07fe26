"""The balance: one entry for each movement of money, with Stripe's fee for a UK card (1.5 % + 20p), paid out after two days."""

from decimal import ROUND_HALF_UP, Decimal

from rft.fake_stripe.books import Books, Thing

FEE_RATE = Decimal("0.015")
FEE_FIXED = 20
DISPUTE_FEE = 2000
SECONDS_OF_A_DAY = 86400
DAYS_UNTIL_AVAILABLE = 2


def card_fee(amount: int) -> int:
    """In pence, rounded half up."""
    return int((amount * FEE_RATE).quantize(Decimal(1), ROUND_HALF_UP)) + FEE_FIXED


def enter(books: Books, category: str, source: Thing, amount: int, fee: int = 0) -> str:
    """Writes one entry (amount signed, in pence) and answers its id."""
    description = "Stripe processing fees" if category == "charge" else "Dispute fee"
    detail = {"amount": fee, "application": None, "currency": source["currency"], "description": description}
    entry = books.make(
        "balance_transaction",
        type="adjustment" if category.startswith("dispute") else category,
        reporting_category=category,
        source=source["id"],
        amount=amount,
        fee=fee,
        net=amount - fee,
        fee_details=[{**detail, "type": "stripe_fee"}] if fee else [],
        currency=source["currency"],
        available_on=(int(books.now) // SECONDS_OF_A_DAY + DAYS_UNTIL_AVAILABLE) * SECONDS_OF_A_DAY,
    )
    return str(books.add(entry)["id"])


def as_of_now(books: Books, entry: Thing) -> Thing:
    """An entry becomes available by time alone, so its status is worked out when it is read."""
    return {**entry, "status": "available" if entry["available_on"] <= books.now else "pending"}
