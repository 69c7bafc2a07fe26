"""What can be refused about the waiting list."""

from rft.errors import Refusal


class NothingToWaitFor(Refusal):
    status = 409
    title = "Nothing to wait for"
    sentence = "There are places on this date: you can book at once."


class WaitingClosed(Refusal):
    status = 409
    title = "Too late to wait"
    sentence = "Nobody can wait for this date: it has begun, is cancelled, or is not open to the public."


class OfferOver(Refusal):
    status = 409
    title = "This offer is over"
    sentence = "The time to take the offered places has run out, and others may have them now."


class OfferRefused(Refusal):
    """Whose offer it was stands in `facts["entry_id"]`."""

    status = 409
    title = "No offer can be made"
    sentence = "No order can be placed for this entry just now."
