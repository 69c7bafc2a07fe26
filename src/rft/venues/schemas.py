"""What a venue, and a closure of it, is made and changed with."""

import json
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from rft.kit.clock import from_london
from rft.kit.fields import Asked, Day, Line, Text, YesNo

_YEARS = range(2000, 2200)


def _storable(facilities: dict[str, Any]) -> dict[str, Any]:
    written = json.dumps(facilities)
    if len(written) > 10_000 or "\\u0000" in written:
        raise ValueError("Facilities are a short list of names and values.")
    link = facilities.get("map_url")
    if link is not None and not _is_link(link):
        raise ValueError("A map is a link that begins with https://.")
    return facilities


def _is_link(text: Any) -> bool:
    try:
        return isinstance(text, str) and text.startswith("https://") and bool(urlsplit(text).hostname)
    except ValueError:
        return False


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


class ClosureRequest(Asked):
    """Whole days of London's, both included."""

    first_day: Day
    last_day: Day
    reason: Annotated[Line, Field(max_length=200)]

    @model_validator(mode="after")
    def _in_order(self) -> "ClosureRequest":
        if self.last_day < self.first_day:
            raise ValueError("The last day is not before the first day.")
        if self.first_day.year not in _YEARS or self.last_day.year not in _YEARS:
            raise ValueError("Give days between the years 2000 and 2199.")
        return self

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Start and end as stored, in UTC."""
        return _midnight(self.first_day), _midnight(self.last_day + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return from_london(day, time.min)
