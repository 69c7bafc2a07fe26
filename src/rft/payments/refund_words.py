"""Refunds in the words that people read."""

REASONS = {
    "cancelled_by_customer": "Cancelled by the customer",
    "cancelled_by_us": "Cancelled by us",
    "late_payment": "Paid too late",
    "paid_twice": "Paid twice",
    "price_difference": "Price difference",
    "goodwill": "Goodwill",
    "dispute": "Taken by the bank",
}
# A bank's own taking is learnt, never asked for.
REASONS_TO_GIVE = [(name, words) for name, words in REASONS.items() if name != "dispute"]
STATES = {
    "waiting": "Waiting for us",
    "": "All",
    "due": "Due",
    "sent": "On their way",
    "returned": "Returned",
    "failed": "Failed",
    "withdrawn": "Withdrawn",
}
# Stripe's own: https://docs.stripe.com/refunds#failed-refunds
_FAILURES = {
    "lost_or_stolen_card": "The card was reported lost or stolen.",
    "expired_or_canceled_card": "The card has expired or was closed.",
    "declined": "The bank declined the refund.",
    "insufficient_funds": "Our balance at Stripe did not cover it.",
    "merchant_request": "It was stopped at Stripe, at our request.",
    "charge_for_pending_refund_disputed": "The bank disputed the payment meanwhile.",
}


def failure_in_words(code: str | None) -> str:
    """Why Stripe says that a refund failed."""
    return _FAILURES.get(code or "", "The bank sent the refund back.")
