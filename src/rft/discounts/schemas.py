"""What a discount code is made and changed with."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rft.courses.schemas import CourseType
from rft.kit.fields import Asked, Code, Day, Money, Text, YesNo


class DiscountCodeRequest(Asked):
    code: Code
    description: Text | None = None
    discount_type: Literal["percentage", "fixed"]
    discount_value: Money
    min_purchase_amount: Money | None = None
    valid_from: Day
    valid_until: Day
    usage_limit: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] | None = None
    course_type_restriction: CourseType | None = None
    is_active: YesNo = True

    @model_validator(mode="after")
    def _reasonable(self) -> Self:
        if self.discount_value <= 0 or (self.discount_type == "percentage" and self.discount_value > Decimal(100)):
            raise ValueError("A discount is more than 0; a percentage at most 100.")
        if self.valid_until < self.valid_from:
            raise ValueError("The last day is not before the first day.")
        return self
