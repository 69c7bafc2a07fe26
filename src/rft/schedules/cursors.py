"""Where a list of dates goes on: the start and id of the last row shown, as text for an address line."""

from datetime import datetime

from rft.errors import NotValid
from rft.kit.fields import LARGEST_ID
from rft.schedules.queries import Schedule


def write_cursor(last: Schedule) -> str:
    return f"{last.start_datetime.isoformat()}_{last.id}"


def read_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    """Raises NotValid for what write_cursor never wrote."""
    if cursor is None:
        return None
    start, _, row_id = cursor.partition("_")
    try:
        after = datetime.fromisoformat(start)
        if after.tzinfo is None and row_id.isascii() and row_id.isdecimal() and int(row_id) <= LARGEST_ID:
            return after, int(row_id)
    except ValueError:
        pass
    raise NotValid("This cursor is not one of ours.", errors={"cursor": "Give the `next` of the page before."})
