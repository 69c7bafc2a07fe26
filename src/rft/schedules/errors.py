"""What can be refused about a schedule."""

from rft.errors import Refusal


class VenueTaken(Refusal):
    status = 409
    title = "The venue is taken"
    sentence = "Another date already holds this venue at that time."
    rules = ("course_schedules_no_venue_overlap", "course_schedules_time_and_venue")


class InstructorTaken(Refusal):
    status = 409
    title = "The instructor is taken"
    sentence = "The instructor already teaches another date at that time."
    rules = ("course_schedules_no_instructor_overlap",)


class NotAnInstructor(Refusal):
    title = "Not an instructor"
    sentence = "A date is taught by an active user with the role instructor or admin."
    rules = ("course_schedules_taught_by_instructor", "users_role_kept_while_teaching")


class SessionsOutside(Refusal):
    title = "Sessions outside the date"
    sentence = "Each session lies between the start and the end of its schedule."
    rules = ("schedule_sessions_within_schedule",)


class HistoryKept(Refusal):
    status = 409
    title = "This date has bookings"
    sentence = "This date has bookings: what was booked stays what it was."
    rules = ("course_schedules_history_kept", "courses_type_kept_once_booked")


class SeatsTaken(Refusal):
    status = 409
    title = "Seats are already taken"
    sentence = "More seats are already taken than that."
    rules = ("capacity_covers_seats_taken",)


class QualificationNotMet(Refusal):
    status = 409
    title = "Short of the qualification"
    sentence = "These days do not make up the qualification."
    rules = ("course_schedules_meet_qualification",)


class ScheduleChangedMeanwhile(Refusal):
    status = 409
    title = "Somebody else changed this date"
    sentence = "Somebody else changed this date while you had it open. Nothing of yours was saved yet: compare, then save again."


class ScheduleStateRefused(Refusal):
    status = 409
    title = "Not possible for this date"


class Derived(Refusal):
    status = 409
    title = "Counted, not written"
    sentence = "This is counted by the database and cannot be written by hand."
    rules = (
        "course_schedules_counter_is_derived",
        "course_schedules_full_is_derived",
        "schedule_occupancies_are_derived",
    )
