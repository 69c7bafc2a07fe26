"""What can be refused about plans of many dates."""

from rft.errors import Refusal


class SeriesRefused(Refusal):
    status = 409
    title = "The series was not added"
    sentence = "One of the dates cannot be added, so none was."


class PlanRefused(Refusal):
    status = 409
    title = "The plan was not carried out"
    sentence = "One of the dates cannot be changed so, and none was."


class RequestClosed(Refusal):
    status = 409
    title = "This request is closed"
    sentence = "This request can no longer be answered."
