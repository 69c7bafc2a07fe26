"""What can be refused about a booking."""

from rft.errors import Refusal


class ScheduleFull(Refusal):
    status = 409
    title = "Not enough seats left"
    sentence = "This date is full."
    rules = ("bookings_within_capacity",)


class ScheduleNotOpen(Refusal):
    status = 409
    title = "Not open for booking"
    sentence = "This date is not open for booking."
    rules = ("bookings_on_live_schedule",)


class TransitionRefused(Refusal):
    status = 409
    title = "Not possible any more"
    sentence = "The booking's status does not allow this."
    rules = ("bookings_status_transition",)


class TermsFrozen(Refusal):
    status = 409
    title = "Agreed terms stay"
    sentence = "What was agreed when the booking was made stays as it is."
    rules = ("bookings_terms_frozen", "bookings_made_in_the_past", "orders_price_frozen")


class NeverDeleted(Refusal):
    status = 409
    title = "Kept"
    sentence = "Nothing is deleted here."
    rules = ("never_deleted", "append_only", "written_in_utc")


class AlreadyBooked(Refusal):
    status = 409
    title = "Already booked"
    sentence = "This person already has a seat on this date."
    rules = ("attendees_one_live_seat",)


class NotOnCredit(Refusal):
    status = 409
    title = "Needs the office's approval"
    sentence = "The organisation is not approved for invoices, or its credit limit does not allow this order."
    rules = ("orders_within_credit", "order_approvals_decided_once")


class TooManyWaiting(Refusal):
    status = 429
    title = "Too many orders wait"
    sentence = "Five orders already wait for approval. Please wait for our answer first, or pay one of them by card."
    rules = ("orders_few_waiting",)
