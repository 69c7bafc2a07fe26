"""What may be asked for about those who teach."""

from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rft.instructors.rules import WEEKDAYS
from rft.kit.fields import Asked, Day, Line, Text

Kind = Literal["FAW", "EFAW", "Paediatric", "teaching", "assessing"]
AbsenceKind = Literal["leave", "sickness"]
_AWARDS = ("teaching", "assessing")


class ProfileRequest(Asked):
    phone: Annotated[Line, Field(max_length=20)] | None = None
    home_town: Annotated[Line, Field(max_length=100)] | None = None
    postcode_area: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=4)] | None = None
    bio: Annotated[Text, Field(max_length=2000)] = ""


class QualificationRequest(Asked):
    kind: Kind
    awarding_body: Annotated[Line, Field(max_length=100)]
    number: Annotated[Line, Field(max_length=60)] | None = None
    issued_on: Day
    expires_on: Day | None = None

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.expires_on is None and self.kind not in _AWARDS:
            raise ValueError("A first-aid qualification has a last day on which it is valid.")
        if self.expires_on is not None and self.expires_on < self.issued_on:
            raise ValueError("The last day is not before the day it was issued.")
        return self


class AbsenceRequest(Asked):
    """Whole London days, both included."""

    kind: AbsenceKind
    first: Day
    last: Day
    note: Annotated[Line, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.first <= self.last <= date(2190, 1, 1):
            raise ValueError("The last day is not before the first.")
        return self


class Hours(Asked):
    """A weekday (1 is Monday) and the hours of it in which somebody can usually be asked."""

    weekday: Annotated[int, Field(ge=1, le=len(WEEKDAYS))]
    opens: time
    closes: time
