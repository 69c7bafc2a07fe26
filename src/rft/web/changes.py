"""PATCH: some of a resource's fields, checked together with those that stay as they are."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Body
from pydantic import BaseModel

from rft.errors import NotValid
from rft.kit.clock import from_iso

Changes = Annotated[dict[str, Any], Body(min_length=1, max_length=50)]
T = TypeVar("T", bound=BaseModel)


def checked(kind: type[T], current: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The changed columns alone, as the resource's own model reads them. Raises NotValid, or pydantic's ValidationError."""
    unknown = changes.keys() - kind.model_fields.keys()
    if unknown:
        raise NotValid(errors=dict.fromkeys(sorted(unknown), "There is no such field, or it cannot be changed."))
    kept = {name: value for name, value in current.items() if name in kind.model_fields}
    whole = kind.model_validate(kept | changes)
    return {name: getattr(whole, name) for name in changes}


def version_of(updated_at: datetime) -> str:
    """A record's `updated_at` to the microsecond, so that it can be sent back with a change."""
    return updated_at.replace(tzinfo=UTC).isoformat(timespec="microseconds")


def take_version(changes: dict[str, Any]) -> datetime | None:
    """Takes the `updated_at` that the change is made upon out of what was sent; None where none was. Raises NotValid."""
    sent = changes.pop("updated_at", None)
    if sent is None:
        return None
    try:
        return from_iso(sent)
    except (TypeError, ValueError, OverflowError) as cause:
        raise NotValid(errors={"updated_at": "Send the updated_at that the record was read with."}) from cause
