"""What an organisation writes of its people and its sites."""

from typing import Annotated, Literal

from pydantic import Field

from rft.kit.fields import Asked, Day, Email, Line, Name

SiteId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class PersonRequest(Asked):
    first_name: Name
    last_name: Name
    email: Email | None = None
    site_id: SiteId | None = None
    leaves_on: Day | None = None


class CoverRequest(Asked):
    """`needed` 0: none is needed any more."""

    site_id: SiteId
    course_type: Literal["EFAW", "FAW", "Paediatric"]
    needed: Annotated[int, Field(ge=0, le=999)]


class BookingRequest(Asked):
    schedule_id: Annotated[int, Field(ge=1, le=2**31 - 1)]
    people: Annotated[list[int], Field(min_length=1, max_length=12)]
    payment_method: Literal["card", "invoice"]
    purchase_order: Annotated[Line, Field(max_length=50)] | None = None
