"""What can be refused about a certificate."""

from rft.errors import Refusal


class CourseNotCompleted(Refusal):
    status = 409
    title = "The course is not completed"
    sentence = "A certificate is issued only after the course was completed."
    rules = ("bookings_certificate_after_completion",)
