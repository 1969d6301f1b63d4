"""Numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from konter.subscriber.msisdn import has_prefix, masked, national, parse_msisdn, pretty

mobiles = st.tuples(st.sampled_from("12356789"), st.integers(7, 10), st.integers(0, 10**10 - 1)).map(
    lambda parts: int(f"628{parts[0]}{str(parts[2]).zfill(10)[: parts[1]]}")
)
NUMBER = 6281234567890


@pytest.mark.requirement("D-58")
@pytest.mark.parametrize(
    "typed",
    [
        "081234567890",
        "6281234567890",
        "+6281234567890",
        "81234567890",
        "0812-3456-7890",
        "0812 3456 7890",
        "0812.3456.7890",
        "+62 812-3456-7890",
        "+62 (812) 3456 7890",
        "62 812 3456 7890",
        "  081234567890\n",
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_msisdn(typed) == NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "0812",
        "0812345",
        "08123456789012345",
        "021 5551234",
        "+1 212 555 0100",
        "+81 3 1234 5678",
        "1818",
        "*888#",
        "0812345678a0",
        "O81234567890",
        "٠٨١٢٣٤٥٦٧٨٩٠",
        "０８１２３４５６７８９０",
        "0812\u200b34567890",
        "0812\x0034567890",
        "0812\n34567890",
        "📱081234567890",
        "081234567890; DROP TABLE sale",
        "tel:081234567890",
        "-81234567890",
        "0" * 10_000,
        "8" * 10_000,
        "+" * 30,
    ],
)
def test_what_is_no_number_is_none(typed: str) -> None:
    assert parse_msisdn(typed) is None


@pytest.mark.requirement("D-58")
@given(mobiles)
def test_what_is_shown_can_be_typed(msisdn: int) -> None:
    for typed in (pretty(msisdn), national(msisdn), str(msisdn), f"+{msisdn}", national(msisdn)[1:]):
        assert parse_msisdn(typed) == msisdn


@given(st.text(max_size=40) | st.text(alphabet="+0123456789 .()-*#", max_size=30))
def test_nothing_that_is_typed_raises(typed: str) -> None:
    found = parse_msisdn(typed)
    assert found is None or 62_81_000_000 < found < 63 * 10**12


@given(mobiles)
def test_a_masked_number_hides_its_middle(msisdn: int) -> None:
    shown = masked(msisdn)
    assert (shown[:5], shown[-4:]) == (f"{national(msisdn)[:4]}-", str(msisdn)[-4:])
    assert "****" in shown


def test_looks() -> None:
    assert (national(NUMBER), pretty(NUMBER), masked(NUMBER)) == ("081234567890", "0812-3456-7890", "0812-****-7890")


@pytest.mark.requirement("G-D04")
@pytest.mark.parametrize(("msisdn", "ours"), [(6281234567890, True), (6285612345678, False), (6281034567890, False)])
def test_prefixes_tell_whose_a_number_is(msisdn: int, ours: bool) -> None:
    assert has_prefix(msisdn, ("0811", "0812", "0853")) is ours
