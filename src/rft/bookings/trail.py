"""Every penny of an order: from the list price by discount and VAT to what was paid, Stripe's fee, the payout, and what went back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from psycopg.rows import class_row

from rft.bookings.history import METHODS
from rft.bookings.queries import Booking
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.kit.money import NOTHING

_TRAIL = statement(__file__, "trail.sql")


@dataclass(frozen=True, slots=True)
class Movement:
    """A payment or refund. `at_stripe` is None until it has been compared, and for ever where Stripe had no part in it."""

    status: str
    payment_method: str
    stripe_id: str | None
    amount: Decimal
    at: datetime
    at_stripe: Decimal | None
    fee: Decimal | None
    available_on: datetime | None
    payout_id: str | None
    arrives_on: date | None
    payout_state: str | None
    at_bank_on: date | None

    @property
    def method(self) -> str:
        return METHODS.get(self.payment_method, self.payment_method.replace("_", " "))

    @property
    def effect(self) -> Decimal:
        return -self.amount if self.status == "refunded" else self.amount

    @property
    def is_stripes(self) -> bool:
        return self.stripe_id is not None

    @property
    def differs(self) -> bool:
        return self.at_stripe is not None and self.at_stripe != self.effect


@dataclass(frozen=True, slots=True)
class Trail:
    """`gross` less `discount` is `price`; of what was received less returned, `used` pays for the places that are kept."""

    gross: Decimal
    discount: Decimal
    price: Decimal
    movements: list[Movement]
    used: Decimal

    @property
    def kept(self) -> Decimal:
        return sum((movement.effect for movement in self.movements), NOTHING)

    @property
    def fees(self) -> Decimal:
        return sum((movement.fee or NOTHING for movement in self.movements), NOTHING)

    @property
    def due(self) -> Decimal:
        """What the places that are kept still cost."""
        return max(self.used - self.kept, NOTHING)

    @property
    def over(self) -> Decimal:
        """What is kept beyond the price of the places: by the cancellation terms, or until it goes back."""
        return max(self.kept - self.used, NOTHING)


async def read_trail(db: Connection, seats: Sequence[Booking]) -> Trail:
    async with db.cursor(row_factory=class_row(Movement)) as cursor:
        await cursor.execute(_TRAIL, {"booking_ids": [seat.id for seat in seats]})
        movements = await cursor.fetchall()
    price = sum((seat.payment_amount for seat in seats), NOTHING)
    discount = sum((seat.discount_applied for seat in seats), NOTHING)
    used = sum((seat.payment_amount for seat in seats if seat.status != "cancelled"), NOTHING)
    return Trail(price + discount, discount, price, movements, used)
