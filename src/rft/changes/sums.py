"""Sums of money and row ids as a form carries them."""

from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from rft.kit.fields import Money

_MONEY: TypeAdapter[Decimal] = TypeAdapter(Money)


def read_sum(text: str) -> Decimal | None:
    """Pounds and pence as people type them (`£` and commas may stand there); None for anything else."""
    try:
        return _MONEY.validate_python(text.strip().removeprefix("£").replace(",", ""))
    except ValidationError:
        return None


def read_id(text: str) -> int | None:
    """None for what cannot be a row's number, however many digits it has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None
