"""What a quote or an order is asked for with; shared by the pages and the API."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rft.kit.fields import Asked, Code, Email, Line, Name, RowId

MOST_SEATS = 12


Seats = Annotated[int, Field(strict=True, ge=1, le=MOST_SEATS)]


class QuoteRequest(Asked):
    schedule_id: RowId
    seats: Seats
    discount_code: Code | None = None
    # Of the organisation that the office books for; a customer's own is known from the account.
    organisation_id: RowId | None = None


class Booker(Asked):
    email: Email
    first_name: Name
    last_name: Name
    phone: Annotated[Line, Field(max_length=20)] | None = None


class AttendeeRequest(Asked):
    first_name: Name
    last_name: Name
    email: Email | None = None


class OrderRequest(QuoteRequest):
    booker: Booker
    attendees: list[AttendeeRequest] | None = Field(default=None, max_length=MOST_SEATS)
    payment_method: Literal["card", "invoice", "free"]
    organisation_name: Annotated[Line, Field(max_length=200)] | None = None
    purchase_order: Annotated[Line, Field(max_length=50)] | None = None
    terms_version: Annotated[Line, Field(max_length=40)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(self.attendees or []) > self.seats:
            raise ValueError("There are more attendees than seats.")
        emails = [attendee.email.lower() for attendee in self.attendees or [] if attendee.email]
        if len(set(emails)) < len(emails):
            raise ValueError("Two attendees have the same e-mail address.")
        if self.payment_method == "invoice" and not self.purchase_order:
            raise ValueError("To pay by invoice, give the number of your purchase order.")
        return self


class PurchaseOrderRequest(Asked):
    organisation_name: Annotated[Line, Field(max_length=200)]
    purchase_order: Annotated[Line, Field(max_length=50)]
