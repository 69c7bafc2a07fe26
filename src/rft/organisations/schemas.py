"""What an organisation is made and changed with."""

from typing import Annotated, Literal

from pydantic import Field

from rft.kit.fields import Asked, Email, Line, Money, Text
from rft.kit.money import NOTHING

AddressLine = Annotated[Line, Field(max_length=200)]


class OrganisationRequest(Asked):
    name: Annotated[Line, Field(max_length=200)]
    billing_name: Annotated[Line, Field(max_length=200)] | None = None
    billing_email: Email | None = None
    billing_address: Annotated[list[AddressLine], Field(max_length=8)] = Field(default_factory=list)
    vat_number: Annotated[Line, Field(max_length=20)] | None = None
    accounts_contact: Annotated[Line, Field(max_length=200)] | None = None
    payment_terms_days: Annotated[int, Field(ge=0, le=120)] = 30
    credit_limit: Money = Field(default_factory=lambda: NOTHING)
    is_approved_for_invoice: bool = False
    reminds_before_due: bool = False
    notes: Text = ""
    is_active: bool = True


class MemberRequest(Asked):
    email: Email
    role: Literal["booker", "owner"] = "booker"


class SiteRequest(Asked):
    name: Annotated[Line, Field(max_length=200)]
    address: Annotated[list[AddressLine], Field(max_length=8)] = Field(default_factory=list)
