"""What may be asked for when places change; pages and API share it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rft.bookings.schemas import MOST_SEATS, AttendeeRequest
from rft.kit.fields import Asked, Line, Money, RowId, YesNo

Reason = Annotated[Line, Field(max_length=200)]
Reference = Annotated[Line, Field(max_length=20)]


class CancelRequest(Asked):
    """`expected_refund`: do it only if this is what goes back. `by_us` is the office's, which always says its reason."""

    dry_run: YesNo = False
    expected_refund: Money | None = None
    by_us: YesNo = False
    reason: Reason | None = None


class PlaceCancelRequest(CancelRequest):
    """`refund` is the office's own sum."""

    refund: Money | None = None


class OrderCancelRequest(CancelRequest):
    """All places of the order, or those of `bookings`."""

    bookings: Annotated[list[Reference], Field(min_length=1, max_length=MOST_SEATS)] | None = None


class MoveRequest(Asked):
    """A dearer date is paid at the office (`payment_method`) or the difference is let go (`waive`, with a reason)."""

    schedule_id: RowId
    dry_run: YesNo = False
    payment_method: Literal["cash", "bank_transfer", "cheque", "card_terminal"] | None = None
    waive: YesNo = False
    reason: Reason | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.waive and self.payment_method is not None:
            raise ValueError("Either the difference is paid, or it is let go.")
        if self.waive and not self.reason:
            raise ValueError("Say why the difference is not asked for.")
        return self


class SubstituteRequest(AttendeeRequest):
    pass


class DateCancelRequest(Asked):
    """`moves`: booking reference → the date it is moved to; every other place is refunded in full."""

    reason: Reason | None = None
    moves: dict[Reference, RowId] = Field(default_factory=dict)
