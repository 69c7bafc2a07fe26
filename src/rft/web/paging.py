"""Lists in pages: `{"items": [...], "next": cursor|null}`, a cursor being the key of the last row shown."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Query

from rft.kit.fields import LARGEST_ID

Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[int | None, Query(ge=0, le=LARGEST_ID)]
T = TypeVar("T")


def page(found: list[T], limit: int, key: Callable[[T], Any], body: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """A page of the rows found, of which one more than the limit was asked for: it only tells that there are more."""
    shown = found[:limit]
    return {"items": [body(row) for row in shown], "next": key(shown[-1]) if len(found) > limit else None}
