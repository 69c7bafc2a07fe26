"""What can be refused about evidence."""

from rft.errors import Refusal


class CourseNotOver(Refusal):
    status = 409
    title = "The course is not over"
    sentence = "Its papers are put together when its last day has ended."


class ResultsSent(Refusal):
    status = 409
    title = "The results have been sent"
    sentence = "Somebody has noted already that the results of this date were sent."


class PackBroken(Refusal):
    title = "Not as it was made"
    sentence = "This pack was not signed by us, or it was changed afterwards."
