"""What somebody says who wants to wait."""

from typing import Annotated

from pydantic import Field

from rft.bookings.schemas import MOST_SEATS, Booker
from rft.kit.fields import Asked, RowId


class WaitingRequest(Asked):
    # All of one course; any of them will do.
    schedule_ids: Annotated[list[RowId], Field(min_length=1, max_length=20)]
    places: Annotated[int, Field(ge=1, le=MOST_SEATS)]
    person: Booker
