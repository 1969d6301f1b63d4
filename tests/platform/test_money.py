"""Rupiah as people read it, shares and tax in whole rupiah."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.platform.money import rupiah, share_bp, tax_included_rp, thousands

amounts = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("amount_rp", "shown"),
    [(0, "Rp0"), (999, "Rp999"), (50_000, "Rp50.000"), (1_245_000, "Rp1.245.000"), (-2_500, "-Rp2.500")],
)
def test_rupiah(amount_rp: int, shown: str) -> None:
    assert rupiah(amount_rp) == shown


def test_thousands() -> None:
    assert thousands(1_234_567) == "1.234.567"


@pytest.mark.parametrize(
    ("amount_rp", "basis_points", "share"),
    [(75_000, 9_850, 73_875), (7_000, 9_890, 6_923), (1, 5_000, 1), (1, 4_999, 0)],
)
def test_a_share_is_rounded_half_up(amount_rp: int, basis_points: int, share: int) -> None:
    assert share_bp(amount_rp, basis_points) == share


@pytest.mark.parametrize(("ppn", "tax"), [((11, 100), 9_909), ((10, 100), 9_090), ((11 * 12, 12 * 100), 9_909)])
def test_the_tax_inside_a_price_is_rounded_down(ppn: tuple[int, int], tax: int) -> None:
    assert tax_included_rp(100_000, *ppn) == tax


@given(amounts, st.sampled_from([(10, 100), (11, 100), (12, 100)]))
def test_tax_and_base_make_the_price(price_rp: int, ppn: tuple[int, int]) -> None:
    tax_rp = tax_included_rp(price_rp, *ppn)
    base_rp = price_rp - tax_rp
    assert tax_rp * ppn[1] <= base_rp * ppn[0]
    assert (tax_rp + 1) * ppn[1] > (base_rp - 1) * ppn[0]


@given(amounts)
def test_what_is_shown_can_be_read_back(amount_rp: int) -> None:
    assert int(rupiah(amount_rp).removeprefix("Rp").replace(".", "")) == amount_rp
