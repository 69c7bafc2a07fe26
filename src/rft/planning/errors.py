"""What can be refused about plans of many dates."""

from rft.errors import Refusal


class SeriesRefused(Refusal):
    status = 409
    title = "The series was not added"
    sentence = "One of the dates cannot be added, so none was."
