"""What the office says when it books for somebody."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rft.bookings.schemas import AttendeeRequest, Booker, Seats
from rft.kit.fields import Asked, Code, Line, RowId

Way = Literal["link", "cash", "card_terminal", "invoice"]


class PhoneBooking(Asked):
    schedule_id: RowId
    places: Seats
    booker: Booker
    attendees: Annotated[list[AttendeeRequest], Field(max_length=12)]
    discount_code: Code | None = None
    # link: by card, on the order's page; cash and card_terminal: received now; invoice: on a purchase order.
    way: Way
    organisation_id: RowId | None = None
    purchase_order: Annotated[Line, Field(max_length=50)] | None = None
    note: Annotated[Line, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(self.attendees) > self.places:
            raise ValueError("There are more names than places.")
        if self.way == "invoice" and not self.purchase_order:
            raise ValueError("Give the number of the purchase order.")
        return self
