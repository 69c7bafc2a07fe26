"""What a course is made and changed with."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from rft.kit.fields import Asked, Line, Money, Text, YesNo

CourseType = Literal["EFAW", "FAW", "Paediatric"]


class CourseRequest(Asked):
    name: Annotated[Line, Field(max_length=255)]
    description: Text | None = None
    audience: Text | None = None
    included: Text | None = None
    course_type: CourseType
    qualification: Annotated[Line, Field(max_length=100)] | None = None
    duration_hours: Annotated[Decimal, Field(gt=0, lt=100, max_digits=4, decimal_places=2, allow_inf_nan=False)]
    price: Money
    max_capacity: Annotated[int, Field(strict=True, ge=1, le=1000)] = 12
    certification_validity_years: Annotated[int, Field(strict=True, ge=1, le=50)] = 3
    is_active: YesNo = True
