"""Reads the venue form, and fills it in from a venue: each facility is there, missing, or nothing is said of it."""

from collections.abc import Mapping
from typing import Any

from rft.errors import NotValid
from rft.venues.queries import Venue
from rft.venues.rules import ASKED, BESIDE, further_in_words, read_further
from rft.venues.schemas import VenueRequest
from rft.web.editing import read_as, text_or_nothing, whole_number

_COLUMNS = {
    "name": "Name",
    "address_line1": "Address",
    "address_line2": "Second line",
    "city": "Town",
    "postcode": "Postcode",
    "capacity": "Seats",
    "parking_info": "Parking",
}
LABELS = (
    _COLUMNS | ASKED | {"access": "How to get in", "map_url": "Map", "further": "Anything else", "is_active": "In use"}
)
# What other people's bookings hang on: a change of these is shown with its effect before it is made.
WEIGHTY = frozenset({"capacity", "is_active"})
EMPTY = dict.fromkeys(LABELS, "") | {"is_active": "yes"}
_SAID = {"yes": True, "no": False}


def read_venue(typed: Mapping[str, str]) -> VenueRequest:
    """Raises NotValid with a sentence for each field."""
    columns: dict[str, Any] = {name: text_or_nothing(typed[name]) for name in _COLUMNS}
    facilities: dict[str, Any] = {name: _SAID[typed[name]] for name in ASKED if typed[name] in _SAID}
    facilities |= read_further(typed["further"])
    facilities |= {name: typed[name].replace("\r\n", "\n").strip() for name in BESIDE if typed[name].strip()}
    columns |= {
        "capacity": whole_number(typed["capacity"]),
        "facilities": facilities,
        "is_active": bool(typed["is_active"]),
    }
    try:
        return read_as(VenueRequest, columns)
    except NotValid as wrong:
        field = "map_url" if typed["map_url"].strip() else "further"
        raise NotValid(
            errors={field if name.startswith("facilities") else name: text for name, text in wrong.errors.items()}
        ) from wrong


def as_typed(venue: Venue) -> dict[str, str]:
    """The venue as its form shows it."""
    shown = {name: getattr(venue, name) for name in _COLUMNS}
    typed = {name: "" if value is None else str(value) for name, value in shown.items()}
    typed |= {name: ("yes" if venue.facilities[name] else "no") if name in venue.facilities else "" for name in ASKED}
    typed |= {name: str(venue.facilities.get(name) or "") for name in BESIDE}
    return typed | {
        "further": "\n".join(further_in_words(venue.facilities)),
        "is_active": "yes" if venue.is_active else "",
    }


def changes_to(venue: Venue, asked: VenueRequest, typed: Mapping[str, str]) -> dict[str, Any]:
    """The columns that differ. What a form cannot show in full (a program may have written more) stays as it is until it is edited."""
    shown, asked_columns = as_typed(venue), asked.model_dump()
    untouched = {name for name in (*ASKED, *BESIDE, "further") if typed[name].strip() == shown[name]}
    kept = {
        name: value
        for name, value in venue.facilities.items()
        if (name if name in (*ASKED, *BESIDE) else "further") in untouched
    }
    asked_columns["facilities"] = kept | {
        name: value
        for name, value in asked.facilities.items()
        if (name if name in (*ASKED, *BESIDE) else "further") not in untouched
    }
    return {name: value for name, value in asked_columns.items() if value != getattr(venue, name)}
