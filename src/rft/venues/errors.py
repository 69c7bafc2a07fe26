"""What can be refused about a venue."""

from rft.errors import Refusal


class VenueClosed(Refusal):
    status = 409
    title = "Closed then"
    sentence = "The venue is closed at that time."
    rules = ("venues_open_when_used",)
