"""What a schedule is made and changed with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from rft.kit.fields import Asked, Day, Line, Moment, RowId, Text


class SessionRequest(Asked):
    start: Moment
    end: Moment
    venue_id: RowId | None = None
    instructor_id: RowId | None = None


class PlanRequest(Asked):
    """What the office plans beside the date: breaks of each day, the fewest people by when, and whose people it is for."""

    breaks_minutes: Annotated[int, Field(strict=True, ge=0, le=240)] = 0
    minimum_seats: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = None
    decide_by: Day | None = None
    in_house_for: Annotated[Line, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _decided_about(self) -> Self:
        if self.decide_by is not None and self.minimum_seats is None:
            raise ValueError("Say how many people are needed by that day.")
        return self


@dataclass(frozen=True, slots=True)
class Hold:
    """What one day of a schedule needs for itself."""

    venue_id: int
    instructor_id: int | None
    start: datetime
    end: datetime


class ScheduleRequest(Asked):
    course_id: RowId
    venue_id: RowId
    instructor_id: RowId | None = None
    start: Moment
    end: Moment
    sessions: list[SessionRequest] = Field(default_factory=list, max_length=60)
    notes: Text | None = None
    plan: PlanRequest | None = None

    @model_validator(mode="after")
    def _logical(self) -> Self:
        if self.end <= self.start:
            raise ValueError("The end comes after the start.")
        for session in self.sessions:
            if session.end <= session.start:
                raise ValueError("Each session ends after it starts.")
            if session.start < self.start or session.end > self.end:
                raise ValueError("Each session lies between the start and the end of its schedule.")
        return self

    @property
    def holds(self) -> list[Hold]:
        """One for each session; one for the whole span where none is spelled out."""
        if not self.sessions:
            return [Hold(self.venue_id, self.instructor_id, self.start, self.end)]
        return [
            Hold(
                session.venue_id or self.venue_id,
                session.instructor_id or self.instructor_id,
                session.start,
                session.end,
            )
            for session in self.sessions
        ]
