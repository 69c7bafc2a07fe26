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
