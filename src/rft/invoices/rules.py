"""What stands on an invoice: VAT line by line that adds up, what a credit takes back of a line, and whether anything is still due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rft.kit.money import NOTHING, to_penny, vat_within


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of a line or a whole document. `net` and `vat` always add up to `total`."""

    net: Decimal
    vat: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.vat


def split_vat(totals: Sequence[Decimal], rate: Decimal | None) -> list[Amounts]:
    """The net and VAT of each line, whose totals include VAT at `rate` percent.

    The VAT of the lines adds up to the VAT of the sum, to the penny: each line carries what the running sum gained.
    """
    found, sum_so_far, vat_so_far = [], NOTHING, NOTHING
    for total in totals:
        sum_so_far += total
        vat = vat_within(sum_so_far, rate) - vat_so_far
        vat_so_far += vat
        found.append(Amounts(total - vat, vat))
    return found


def credit_part(line: Amounts, credited: Amounts, amount: Decimal) -> Amounts:
    """The net and VAT of crediting `amount` of a line of which `credited` was credited before; all of it gives all of its VAT."""
    so_far = credited.total + amount
    vat = (to_penny(line.vat * so_far / line.total) if line.total else NOTHING) - credited.vat
    # Rounding must not take back more net, or more VAT, than this credit is over.
    vat = min(max(vat, NOTHING, amount - (line.net - credited.net)), amount)
    return Amounts(amount - vat, vat)


def sum_of(parts: Iterable[Amounts]) -> Amounts:
    found = list(parts)
    return Amounts(sum((part.net for part in found), NOTHING), sum((part.vat for part in found), NOTHING))


def standing(*, kind: str, total: Decimal, credited: Decimal, received: Decimal, due_on: date, today: date) -> str:
    """In one word: `credit_note`, `credited` (all of it), `paid`, `overdue` or `unpaid`. `received` is less what went back."""
    if kind == "credit_note":
        return "credit_note"
    if total and credited == total:
        return "credited"
    if total - credited - received <= 0:
        return "paid"
    return "overdue" if due_on < today else "unpaid"
