"""What the office writes down about money."""

from typing import Annotated, Literal

from pydantic import Field

from rft.kit.fields import Asked, Line, Money


class PaymentRequest(Asked):
    method: Literal["cash", "bank_transfer", "cheque", "card_terminal"]
    # Left out: all that is still due.
    amount: Annotated[Money, Field(gt=0)] | None = None
    note: Annotated[Line, Field(max_length=200)] | None = None


class RefundRequest(Asked):
    amount: Annotated[Money, Field(gt=0)]
    reason: Literal[
        "cancelled_by_customer", "cancelled_by_us", "late_payment", "paid_twice", "price_difference", "goodwill"
    ]
    note: Annotated[Line, Field(max_length=200)] | None = None


class ReturnedRequest(Asked):
    method: Literal["bank_transfer", "cash", "cheque", "card_terminal"]
    note: Annotated[Line, Field(max_length=200)] | None = None


class WithdrawalRequest(Asked):
    why: Annotated[Line, Field(max_length=200)]
