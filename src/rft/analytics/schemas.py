"""What a script may tell of a visit."""

from typing import Annotated, Literal

import msgspec

MOST_EVENTS = 50
Short = Annotated[str, msgspec.Meta(max_length=100)]


class Told(msgspec.Struct, forbid_unknown_fields=True):
    """One event; `url` is an address of ours."""

    type: Literal["page_view", "search", "checkout_step", "click"]
    url: Annotated[str, msgspec.Meta(max_length=2000)]
    referrer: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    data: Annotated[dict[Short, Short], msgspec.Meta(max_length=10)] = {}


class Batch(msgspec.Struct, forbid_unknown_fields=True):
    events: Annotated[list[Told], msgspec.Meta(min_length=1, max_length=MOST_EVENTS)]
