"""What a device sends of a register; shared by the page and the API."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from rft.kit.fields import Asked, Line, Moment

MOST_MARKS = 500
Device = Annotated[Line, Field(max_length=60)]


def _whole(value: Any) -> Any:
    """Half an emoji, cut off where a text had to end, and NUL can be kept nowhere: the sign of a missing letter stands for them."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def _since_2000(value: Any) -> Any:
    """A clock that has stopped says 1970: no reason to lose what was marked by it."""
    is_before = isinstance(value, str) and value[:4].isdecimal() and value[:4] < "2000"
    return "2000-01-01T00:00:00+00:00" if is_before else value


Said = Annotated[str, BeforeValidator(_whole)]


class MarkRequest(Asked):
    """`id` is the device's own: a mark that is sent twice is one mark. `made_at` is by the device's clock."""

    id: UUID
    booking: Annotated[Line, Field(max_length=20)]
    kind: Literal["present", "late", "left_early", "absent", "identity", "signature", "assessment", "note"]
    value: dict[Said, Said] = Field(default_factory=dict)
    replaces: list[UUID] = Field(default_factory=list, max_length=50)
    device: Device
    made_at: Annotated[Moment, BeforeValidator(_since_2000)]


class RegisterRequest(Asked):
    marks: list[MarkRequest] = Field(max_length=MOST_MARKS)


class AccessNeeds(Asked):
    needs: Annotated[str, Field(min_length=1, max_length=2000)]
