"""What can be refused about those who teach."""

from rft.errors import Refusal


class InstructorNotQualified(Refusal):
    status = 409
    title = "Not qualified for this date"
    sentence = "The instructor has no qualification for this course that is valid on its last day."
    rules = ("course_schedules_instructor_qualified",)


class InstructorAway(Refusal):
    status = 409
    title = "The instructor is away"
    sentence = "The instructor is on leave or ill at that time."
    rules = ("course_schedules_instructor_available",)
