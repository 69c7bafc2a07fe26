"""What can be refused about feedback."""

from rft.errors import Refusal


class FeedbackGiven(Refusal):
    status = 409
    title = "You have answered already"
    sentence = "This form has been sent before. Thank you: each person answers once."
