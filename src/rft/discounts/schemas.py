"""What a discount code, an offer and an agreed price are made and changed with."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rft.courses.schemas import CourseType
from rft.kit.fields import Asked, Code, Day, Line, Money, Name, RowId, Text, YesNo

# More at once is a mistake in typing rather than a campaign; a second batch is another press of the button.
MOST_GENERATED = 500
Uses = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
Prefix = Annotated[Line, Field(max_length=30, pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")]


class CodeTerms(Asked):
    description: Text | None = None
    discount_type: Literal["percentage", "fixed"]
    discount_value: Money
    min_purchase_amount: Money | None = None
    valid_from: Day
    valid_until: Day
    usage_limit: Uses | None = None
    course_type_restriction: CourseType | None = None
    is_active: YesNo = True

    @model_validator(mode="after")
    def _reasonable(self) -> Self:
        if self.discount_value <= 0 or (self.discount_type == "percentage" and self.discount_value > Decimal(100)):
            raise ValueError("A discount is more than 0; a percentage at most 100.")
        if self.valid_until < self.valid_from:
            raise ValueError("The last day is not before the first day.")
        return self


class DiscountCodeRequest(CodeTerms):
    code: Code


class GenerateRequest(CodeTerms):
    """Codes `<prefix>-` and ten characters that cannot be guessed, all with the same terms."""

    prefix: Prefix
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_GENERATED)]


class OfferRequest(Asked):
    name: Name
    kind: Literal["seats", "early_bird"]
    at_least_seats: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    days_ahead: Annotated[int, Field(strict=True, ge=1, le=730)] | None = None
    percent: Annotated[Money, Field(gt=0, le=100)] | None = None
    amount: Annotated[Money, Field(gt=0)] | None = None
    course_id: RowId | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.percent is None) == (self.amount is None):
            raise ValueError("Give a percentage or an amount, not both.")
        if (self.kind == "early_bird") != (self.days_ahead is not None):
            raise ValueError("An early bird needs its days ahead; another offer has none.")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("The last day is not before the first day.")
        return self


class AgreedPriceRequest(Asked):
    organisation_id: RowId
    course_id: RowId
    price: Money
    valid_from: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("The last day is not before the first day.")
        return self
