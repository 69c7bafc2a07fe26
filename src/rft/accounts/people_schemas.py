"""What a person's account is made and changed with."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rft.kit.fields import Asked, Email, Line, Name, YesNo

Role = Literal["customer", "instructor", "admin"]
STAFF: tuple[Role, ...] = ("instructor", "admin")


class PersonRequest(Asked):
    email: Email
    first_name: Name | None = None
    last_name: Name | None = None
    phone: Annotated[Line, Field(max_length=20)] | None = None
    role: Role = "customer"
    is_active: YesNo = True


class NewPersonRequest(PersonRequest):
    """Without a password nobody can sign in until one is set."""

    password: Annotated[str, StringConstraints(max_length=256)] | None = None
