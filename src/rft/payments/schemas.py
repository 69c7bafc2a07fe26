"""What the office writes down about money."""

from typing import Annotated, Literal

from pydantic import Field

from rft.kit.fields import Asked, Line


class PaymentRequest(Asked):
    method: Literal["cash", "bank_transfer", "cheque", "card_terminal"]
    note: Annotated[Line, Field(max_length=200)] | None = None
