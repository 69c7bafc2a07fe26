"""What a schedule is made with."""

from typing import Self

from pydantic import Field, model_validator

from rft.kit.fields import Asked, Moment, RowId, Text


class SessionRequest(Asked):
    start: Moment
    end: Moment
    venue_id: RowId | None = None
    instructor_id: RowId | None = None


class ScheduleRequest(Asked):
    course_id: RowId
    venue_id: RowId
    instructor_id: RowId | None = None
    start: Moment
    end: Moment
    sessions: list[SessionRequest] = Field(default_factory=list, max_length=60)
    notes: Text | None = None

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
