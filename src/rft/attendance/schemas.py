"""What a device sends of a register; shared by the page and the API."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from rft.kit.fields import Asked, Line, Moment

MOST_MARKS = 500
Device = Annotated[Line, Field(max_length=60)]


class MarkRequest(Asked):
    """`id` is the device's own: a mark that is sent twice is one mark. `made_at` is by the device's clock."""

    id: UUID
    booking: Annotated[Line, Field(max_length=20)]
    kind: Literal["present", "late", "left_early", "absent", "identity", "signature", "assessment", "note"]
    value: dict[str, Any] = Field(default_factory=dict)
    replaces: list[UUID] = Field(default_factory=list, max_length=50)
    device: Device
    made_at: Moment


class RegisterRequest(Asked):
    marks: list[MarkRequest] = Field(max_length=MOST_MARKS)


class AccessNeeds(Asked):
    needs: Annotated[str, Field(min_length=1, max_length=2000)]
