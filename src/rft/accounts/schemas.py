"""What people write of their own account."""

from typing import Annotated

from pydantic import Field

from rft.kit.fields import Asked, Line, Name


class ProfileRequest(Asked):
    first_name: Name
    last_name: Name
    phone: Annotated[Line, Field(max_length=20)] | None = None
