"""What a venue is made and changed with."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from rft.kit.fields import Asked, Line, Text, YesNo


def _storable(facilities: dict[str, Any]) -> dict[str, Any]:
    written = json.dumps(facilities)
    if len(written) > 10_000 or "\\u0000" in written:
        raise ValueError("Facilities are a short list of names and values.")
    return facilities


class VenueRequest(Asked):
    name: Annotated[Line, Field(max_length=255)]
    address_line1: Annotated[Line, Field(max_length=255)]
    address_line2: Annotated[Line, Field(max_length=255)] | None = None
    city: Annotated[Line, Field(max_length=100)]
    postcode: Annotated[Line, Field(max_length=10)]
    capacity: Annotated[int, Field(strict=True, ge=1, le=1000)]
    facilities: Annotated[dict[str, Any], AfterValidator(_storable)] = Field(default_factory=dict)
    parking_info: Text | None = None
    is_active: YesNo = True
