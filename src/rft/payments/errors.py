"""What can be refused about money."""

from rft.errors import Refusal


class PaymentNotConfirmed(Refusal):
    status = 409
    title = "The payment is not confirmed"
    sentence = "The booking can be confirmed only when its payment is."
    rules = ("bookings_confirmed_only_when_paid",)


class RefundTooLarge(Refusal):
    status = 409
    title = "More than was received"
    sentence = "No more can go back than was received."
    rules = (
        "payment_transactions_refund_within_captured",
        "bookings_refunded_only_when_returned",
        "refunds_within_captured",
    )


class RefundFixed(Refusal):
    status = 409
    title = "This refund cannot be changed that way"
    sentence = "The refund has gone too far for that."
    rules = ("refunds_terms_frozen", "refunds_state_transition")


class SettledElsewhere(Refusal):
    status = 409
    title = "The payment belongs to another order"
    sentence = "This payment has already settled another order."
    rules = ("payment_transactions_settled_once",)


class SignatureNotValid(Refusal):
    status = 400
    title = "Not signed by Stripe"
    sentence = "The signature of this event is missing, wrong or too old."


class OtherMode(Refusal):
    """A test event on a server with live keys, or the other way round: somebody mixed up two servers."""

    status = 400
    title = "Test and live are mixed up"
    sentence = "This event is of Stripe's other mode than this server's key."


class PaymentUnavailable(Refusal):
    status = 503
    title = "Payment is not possible at the moment"
    sentence = "The payment page could not be opened. You have not been charged, and your seats are still held. Please try again."


class RefusedByStripe(PaymentUnavailable):
    """Stripe understood and said no: asking again will not help. `said` is why, for the office; the public hears our own sentence."""

    def __init__(self, said: str | None = None) -> None:
        super().__init__()
        self.said = said or "Stripe gave no reason."


class NotAtStripe(RefusedByStripe):
    """Stripe answered that it has no such object."""
