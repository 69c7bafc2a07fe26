"""What can be refused about a register."""

from rft.errors import Refusal


class RegisterIncomplete(Refusal):
    """`facts["missing"]` is what it lacks, in the names of register_missing."""

    status = 409
    title = "Not completed yet"
    sentence = "The register of this course does not say yet that this person completed it."
    rules = ("bookings_completed_when_attended",)


class MarkMisplaced(Refusal):
    status = 409
    title = "Not on this register"
    sentence = "This person is not on the register of this date."
    rules = ("register_marks_fit",)


class MakeUpRefused(Refusal):
    status = 409
    title = "Not a day to make up"
    sentence = "A day is made up on the same day of another run of the same course."
    rules = ("register_make_ups_fit",)


class RegisterTooLate(Refusal):
    status = 409
    title = "Too late for a register"
    sentence = "The certificates of this date went out without a register, so none can be begun now."
    rules = ("registers_begun_in_time",)


class RegisterClosed(Refusal):
    status = 409
    title = "The register is closed"
    sentence = "The register is closed. The office can open it again."
    rules = ("register_closures_one_standing",)


class RegisterNotYet(Refusal):
    status = 409
    title = "Too early"
    sentence = "A register is kept from the day of the course on, and closed when the course is over."
