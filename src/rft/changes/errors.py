"""What can be refused about a change."""

from rft.errors import Refusal


class RefundChanged(Refusal):
    """What goes back is another sum than was confirmed: nothing was done. `facts` has the sum as it is now."""

    status = 409
    title = "The sum has changed"
    sentence = "What goes back is not what you were shown. Nothing was cancelled; please look at the new sum."


class CourseBegun(Refusal):
    status = 409
    title = "The course has begun"
    sentence = "The course has begun: nothing about its places can be changed any more."


class NotCancelled(Refusal):
    status = 409
    title = "Not cancelled"
    sentence = "This booking is not cancelled: there is no cancellation of it to write down."
    rules = ("booking_cancellations_of_cancelled",)


class RefundNotPossible(Refusal):
    """More than is there, or a sum for a place that has none."""

    title = "Not that much"


class MoveRefused(Refusal):
    status = 409
    title = "This place cannot be moved"
    sentence = "This place cannot be moved."


class DateCancellationRefused(Refusal):
    status = 409
    title = "This date cannot be cancelled"
    sentence = "This date cannot be cancelled."
