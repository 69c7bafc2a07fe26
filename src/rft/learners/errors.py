"""What can be refused to an attendee."""

from rft.errors import NotFound, Refusal


class LinkOver(NotFound):
    """The same for a link that never was one, was revoked, or has come to its end with the course."""

    title = "This link does not open anything any more"
    sentence = (
        "Perhaps the place was given to somebody else, the course is over, or there is a newer e-mail from us. "
        "Whoever booked the place can have a new link sent to you."
    )


class TooYoung(Refusal):
    title = "Too young for this course"
    sentence = "Our courses are for people of 16 and over on the first day."
    rules = ("attendee_details_old_enough",)
