"""What the office says about a difference."""

from typing import Annotated

from pydantic import Field

from rft.kit.fields import Asked, Line


class Explanation(Asked):
    note: Annotated[Line, Field(max_length=500)]
