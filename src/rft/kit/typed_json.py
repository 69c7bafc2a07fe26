"""JSON in a form's field or in a file that somebody hands us, where nothing has looked at it before."""

import json
from typing import Any


def read_json(text: str | bytes) -> Any:
    """What it says. Raises ValueError for all that cannot be read or kept: no JSON, nested too deep, NaN, half a character."""
    try:
        read = json.loads(text, parse_constant=_refuse)
    except RecursionError as cause:
        raise ValueError("This is nested too deep.") from cause
    # Half a surrogate pair can be escaped in JSON, but no encoding and no database takes it.
    json.dumps(read, ensure_ascii=False).encode()
    return read


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number.")
