"""Rupiah as people in Indonesia read it. Amounts are whole rupiah as integers, never floats."""

PERCENT_BP = 10_000


def rupiah(amount_rp: int) -> str:
    """`50000` -> `Rp50.000`; a negative amount carries its sign in front."""
    sign = "-" if amount_rp < 0 else ""
    return f"{sign}Rp{thousands(abs(amount_rp))}"


def thousands(amount: int) -> str:
    """`1245000` -> `1.245.000`, the local grouping."""
    return f"{amount:,}".replace(",", ".")


def share_bp(amount_rp: int, basis_points: int) -> int:
    """Ten-thousandths of an amount, rounded half up to whole rupiah: 9,850 bp of 75,000 -> 73,875."""
    return (amount_rp * basis_points + PERCENT_BP // 2) // PERCENT_BP


def tax_included_rp(price_rp: int, numerator: int, denominator: int) -> int:
    """The tax inside a price, rounded down to whole rupiah: 11/100 of 100,000 incl. -> 9,909 (base 90,091).

    base = price * den / (den + num); tax = base * rate floored; what is left by rounding stays with the base.
    Source: rounding down of PPN, SE-22/PJ.24/1990 and PER-29/PJ/2015.
    """
    return price_rp * numerator // (denominator + numerator)
