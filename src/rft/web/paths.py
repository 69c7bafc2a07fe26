"""Parameters that stand in a path."""

from typing import Annotated

from fastapi import Path

from rft.kit.fields import LARGEST_ID

# A number no row can have is an unknown row's, not a mistake of the database.
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
