"""What the office writes down about money."""

from typing import Annotated, Literal

from pydantic import Field

from rft.kit.fields import Asked, Line, Money


class PaymentRequest(Asked):
    method: Literal["cash", "bank_transfer", "cheque", "card_terminal"]
    # Left out: all that is still due.
    amount: Annotated[Money, Field(gt=0)] | None = None
    note: Annotated[Line, Field(max_length=200)] | None = None
