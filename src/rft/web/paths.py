"""Parameters that stand in a path."""

from typing import Annotated

from fastapi import Path
from pydantic import BeforeValidator

from rft.kit.fields import LARGEST_ID


def _digits(text: str) -> str:
    """Each thing has one address: `1.0` and `%201` are not other names of `1`."""
    if not text.isascii() or not text.isdecimal():
        raise ValueError("An id is a whole number.")
    return text


# A number no row can have is an unknown row's, not a mistake of the database.
Id = Annotated[int, BeforeValidator(_digits), Path(ge=1, le=LARGEST_ID)]
