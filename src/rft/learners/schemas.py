"""What an attendee writes."""

from typing import Annotated

from pydantic import Field

from rft.kit.fields import Asked, Day, Line, Name, Text


class DetailsRequest(Asked):
    first_name: Name
    last_name: Name
    date_of_birth: Day
    needs: Annotated[Text, Field(max_length=2000)] = ""


class OtherProviderRequest(Asked):
    provider: Annotated[Line, Field(max_length=200)]
    completed_on: Day
