"""Amounts on invoices: VAT by line adds up to the VAT of the sum, and credits in any parts give back exactly what was asked for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.invoices.rules import Amounts, credit_part, split_vat, sum_of
from rft.kit.money import vat_within

PENCE = st.integers(0, 1_000_00).map(lambda pence: Decimal(pence) / 100)
RATES = st.one_of(st.none(), st.sampled_from(["20.00", "5.00", "0.00", "17.50", "33.33"]).map(Decimal))


@given(totals=st.lists(PENCE, min_size=1, max_size=30), rate=RATES)
def test_the_lines_add_up_to_the_vat_of_the_sum(totals: list[Decimal], rate: Decimal | None) -> None:
    lines = split_vat(totals, rate)
    assert [line.total for line in lines] == totals
    assert sum_of(lines).vat == vat_within(sum(totals, Decimal(0)), rate)
    for line in lines:
        assert min(line.net, line.vat) >= 0
        assert abs(line.vat - vat_within(line.total, rate)) <= Decimal("0.01")


@given(
    total=PENCE.filter(bool), rate=RATES, cuts=st.lists(PENCE, max_size=6), off=st.sampled_from(["-0.01", "0", "0.01"])
)
def test_credits_in_any_parts_give_back_exactly_the_line(
    total: Decimal, rate: Decimal | None, cuts: list[Decimal], off: str
) -> None:
    vat = min(max(vat_within(total, rate) + (Decimal(off) if rate else 0), Decimal(0)), total)
    line, credited = Amounts(total - vat, vat), Amounts(Decimal(0), Decimal(0))
    steps = [*sorted({cut for cut in cuts if 0 < cut < total}), total]
    for upto in steps:
        part = credit_part(line, credited, upto - credited.total)
        assert min(part.net, part.vat) >= 0
        assert abs(part.vat - vat_within(part.total, rate)) <= Decimal("0.02")
        credited = sum_of([credited, part])
        assert credited.net <= line.net
        assert credited.vat <= line.vat
    assert credited == line


@pytest.mark.parametrize(
    ("totals", "rate", "vat"),
    [
        (["75.00"], "20", ["12.50"]),
        (["67.50"] * 3, "20", ["11.25"] * 3),
        (["0.05"] * 3, "20", ["0.01", "0.01", "0.01"]),
        (["33.33"] * 3, "20", ["5.56", "5.55", "5.56"]),
        (["100.00"], None, ["0.00"]),
    ],
)
def test_known_amounts(totals: list[str], rate: str | None, vat: list[str]) -> None:
    lines = split_vat([Decimal(total) for total in totals], Decimal(rate) if rate else None)
    assert [str(line.vat) for line in lines] == vat
