"""What a quote or an order is asked for with; shared by the pages and the API."""

import unicodedata
from typing import Annotated, Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

MOST_SEATS = 12
_LARGEST_ID = 2**31 - 1


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as cause:
        raise ValueError("Enter an e-mail address in the form name@example.com.") from cause


def _clean(text: str) -> str:
    """One form of each character, nothing invisible that could pass for something else or break out of a mail's header."""
    text = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and letter != "\u200d" for letter in text):
        raise ValueError("Please leave out invisible or control characters.")
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_clean)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254), AfterValidator(_email)]
Name = Annotated[Line, Field(max_length=100)]
Code = Annotated[Line, Field(max_length=50)]
RowId = Annotated[int, Field(strict=True, ge=1, le=_LARGEST_ID)]
Seats = Annotated[int, Field(strict=True, ge=1, le=MOST_SEATS)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuoteRequest(_Asked):
    schedule_id: RowId
    seats: Seats
    discount_code: Code | None = None


class Booker(_Asked):
    email: Email
    first_name: Name
    last_name: Name
    phone: Annotated[Line, Field(max_length=20)] | None = None


class AttendeeRequest(_Asked):
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
    def _fits_together(self) -> "OrderRequest":
        if len(self.attendees or []) > self.seats:
            raise ValueError("There are more attendees than seats.")
        emails = [attendee.email.lower() for attendee in self.attendees or [] if attendee.email]
        if len(set(emails)) < len(emails):
            raise ValueError("Two attendees have the same e-mail address.")
        if self.payment_method == "invoice" and not self.purchase_order:
            raise ValueError("To pay by invoice, give the number of your purchase order.")
        return self
